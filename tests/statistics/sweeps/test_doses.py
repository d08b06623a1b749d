"""How strong controls are: the slow twin, sizes of the gate, and what an unbiased model is accused of behind it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from auditor.statistics.sweeps import DoseRatio, dose_ratios
from tests.statistics.sweeps.conftest import Array
from tests.statistics.sweeps.dose_worlds import (
    EXTREMES,
    LEAST,
    MOST,
    RESPONSES,
    WORLDS,
    accused,
    at_threshold,
    geometric,
    of_mean_doses,
    passed_at_threshold,
)


def one_ratio(ours: Array, theirs: Array, most: float = MOST, clusters: Array | None = None) -> DoseRatio:
    (found,) = dose_ratios(ours, theirs[:, None], most, clusters)
    return found


def slow_limit(logs: Array, level: float) -> float:
    """The mean at which Hall's transformed statistic is the t quantile, by halving."""
    from scipy.stats import t

    n, mean = len(logs), sum(logs) / len(logs)
    sd = math.sqrt(sum((one - mean) ** 2 for one in logs) / n)
    skew = sum((one - mean) ** 3 for one in logs) / n / sd**3
    low, high = mean - 1e3 * sd, mean + 1e3 * sd
    for _ in range(200):
        truth = (low + high) / 2
        apart = (mean - truth) / sd
        told = apart + skew * apart**2 / 3 + skew**2 * apart**3 / 27 + skew / (6 * n)
        low, high = (truth, high) if math.sqrt(n - 1) * told > t.ppf(level, n - 1) else (low, truth)
    return math.exp(truth)


@pytest.mark.parametrize("n", [2, 3, 8, 40])
def test_the_ratio_and_its_limits_are_those_of_the_definition(n: int) -> None:
    rng = np.random.default_rng(n)
    ours, theirs = rng.lognormal(0, 1, (2, n))
    found = one_ratio(ours, theirs)
    logs = np.array([math.log(min(b / a, MOST)) for a, b in zip(ours, theirs, strict=True)])
    assert found.value == pytest.approx(math.exp(sum(logs) / n))
    assert found.of_means == pytest.approx(sum(theirs) / sum(ours))
    assert found.stronger == pytest.approx(np.mean(theirs > MOST * ours))
    assert found.lower(0.95) == pytest.approx(slow_limit(logs, 0.95))
    assert found.upper(0.95) == pytest.approx(slow_limit(logs, 0.05))
    limits = found.interval(0.9)
    assert (limits.low, limits.high) == pytest.approx((found.lower(0.95), found.upper(0.95)))
    assert found.lower(0.95) < found.value < found.upper(0.95)


def test_clusters_are_the_units() -> None:
    ours, theirs = np.random.default_rng(1).lognormal(0, 1, (2, 12))
    twice = one_ratio(np.repeat(ours, 2), np.repeat(theirs, 2), clusters=np.repeat(np.arange(12), 2))
    assert twice.lower(0.95) == pytest.approx(one_ratio(ours, theirs).lower(0.95))


def test_what_has_no_error_or_no_ratio() -> None:
    ours = np.array([2.0, 4.0, 5.0])
    alike = one_ratio(ours, 0.5 * ours)
    assert alike.lower(0.95) == pytest.approx(0.5) == alike.upper(0.95)
    assert one_ratio(ours, 9 * ours).lower(0.95) == pytest.approx(MOST), "a stronger control counts no more than that"
    assert one_ratio(ours, 0 * ours).value == pytest.approx(1e-6), "a control that changes nothing"
    alone = one_ratio(ours[:1], ours[:1])
    assert (alone.lower(0.95), alone.upper(0.95)) == (0.0, math.inf)
    with pytest.raises(ValueError, match="moves nothing in 1 of 3"):
        one_ratio(np.array([2.0, 0.0, 5.0]), ours)
    with pytest.raises(ValueError, match="do not fit"):
        dose_ratios(ours, np.ones((2, 1)), MOST)


def test_pictures_that_the_property_hardly_changes_decide_nothing_by_themselves() -> None:
    """The mean of ratios is beyond 250 there; a control that is too weak elsewhere still is."""
    rng = np.random.default_rng(2)
    ours = np.where(np.arange(40) < 7, 0.001, 1.0) * rng.lognormal(0, 0.3, 40)
    strong, weak = (factor * rng.lognormal(0, 0.3, 40) for factor in (3.0, 0.3))
    assert (strong / ours).mean() > 250
    assert one_ratio(ours, strong).lower(0.95) > 1.4
    assert one_ratio(ours, weak).upper(0.95) < LEAST
    assert math.exp(np.log(weak / ours).mean()) > LEAST, "which a geometric mean that counts all of it would pass"


@pytest.mark.parametrize("world", list(WORLDS))
@pytest.mark.parametrize("images", [8, 20, 100])
def test_the_gate_passes_at_its_threshold_as_rarely_as_it_says(world: str, images: int) -> None:
    """In the binomial 99.9 % band of .05 at most (1,500 audits: .070)."""
    found = passed_at_threshold(WORLDS[world], images, 1_500)
    assert found <= 0.07, found


def test_the_gate_counts_clusters() -> None:
    assert passed_at_threshold(WORLDS["differing"], 20, 1_500, per_cluster=4) <= 0.07


@pytest.mark.parametrize("world", ["alike", "hardly in 30 %", *EXTREMES])
def test_behind_the_gate_models_that_follow_the_dose_are_not_accused(world: str) -> None:
    """Even where every audit whose true dose ratio is the threshold were let through."""
    doses = {**WORLDS, **EXTREMES}[world]
    found = accused(doses, at_threshold(doses), 300)
    assert max(found.values()) <= 0.01, found


def test_other_means_of_dose_ratios_would_let_them_be_accused() -> None:
    """Why neither a ratio of mean doses nor a geometric mean that counts all of it is what is judged."""
    doses = EXTREMES["far apart"]
    assert accused(doses, of_mean_doses(doses), 100)["in proportion"] > 0.5
    doses = EXTREMES["hardly in 40 %"]
    assert accused(doses, at_threshold(doses, geometric), 300)["with a floor"] > 0.05


def test_a_passing_gate_bounds_the_claim_on_the_very_images() -> None:
    """The bound of the module's text, image by image, for any doses and responses that grow at most in proportion."""
    rng = np.random.default_rng(5)
    for _ in range(300):
        ours, theirs = rng.lognormal(rng.normal(0, 1), rng.uniform(0.1, 3), (2, 12))
        found = one_ratio(ours, theirs)
        for of_dose in RESPONSES.values():
            logs = np.log(of_dose(ours) / of_dose(theirs))
            assert logs.mean() <= math.log(MOST) - found.mean_log.value + 1e-9
