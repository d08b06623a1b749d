"""How strong controls are: the slow twin, sizes of the gate, and what an unbiased model is accused of behind it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from auditor.statistics.sweeps import SkewedMean, apparent_ratio, dose_ratios
from tests.statistics.sweeps.conftest import Array
from tests.statistics.sweeps.dose_worlds import (
    EXTREMES,
    LEAST,
    RESPONSES,
    TIMES,
    WORLDS,
    accused,
    at_dose,
    at_threshold,
    passed_at_threshold,
)


def one_ratio(ours: Array, theirs: Array, clusters: Array | None = None) -> SkewedMean:
    (found,) = dose_ratios(ours, theirs[:, None], clusters)
    return found


def slow_limit(logs: Array, level: float) -> float:
    """The mean of values at which Hall's transformed statistic is the t quantile, by halving."""
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
    return truth


@pytest.mark.parametrize("n", [2, 3, 8, 40])
def test_ratio_bound_and_limits_are_those_of_the_definition(n: int) -> None:
    rng = np.random.default_rng(n)
    ours, theirs = rng.lognormal(0, 1, (2, n))
    found, apparent = one_ratio(ours, theirs), apparent_ratio(ours, theirs[:, None])
    ratio = sum(theirs) / sum(ours)
    linear = np.array([ratio + (b - ratio * a) / (sum(ours) / n) for a, b in zip(ours, theirs, strict=True)])
    logs = np.array([max(0.0, math.log(a / b)) for a, b in zip(ours, theirs, strict=True)])
    assert found.value == pytest.approx(ratio) and apparent.value == pytest.approx(math.exp(sum(logs) / n))
    for level in (0.95, 0.05):
        limit = found.lower(level)
        assert limit == pytest.approx(max(0.0, slow_limit(linear, level))), level
        if logs.std() > 0:
            assert apparent.lower(level) == pytest.approx(math.exp(slow_limit(logs, level)))
    limits = found.interval(0.9)
    assert (limits.low, limits.high) == pytest.approx((found.lower(0.95), found.upper(0.95)))
    assert found.lower(0.95) < found.value < found.upper(0.95)


def test_several_controls_are_averaged_as_the_claim_averages_them() -> None:
    ours = np.array([1.0, 1.0])
    found = apparent_ratio(ours, np.array([[0.5, 1.0], [2.0, 0.25]]))
    assert found.value == pytest.approx((2 * 1 * 1 * 4) ** 0.25)


def test_clusters_are_the_units() -> None:
    ours, theirs = np.random.default_rng(1).lognormal(0, 1, (2, 12))
    twice, names = (np.repeat(ours, 2), np.repeat(theirs, 2)), np.repeat(np.arange(12), 2)
    assert one_ratio(*twice, clusters=names).lower(0.95) == pytest.approx(one_ratio(ours, theirs).lower(0.95))
    apart = apparent_ratio(twice[0], twice[1][:, None], names).upper(0.95)
    assert apart == pytest.approx(apparent_ratio(ours, theirs[:, None]).upper(0.95))


def test_what_has_no_error_or_no_ratio() -> None:
    ours = np.array([2.0, 4.0, 5.0])
    alike = one_ratio(ours, 0.5 * ours)
    assert alike.lower(0.95) == pytest.approx(0.5) == alike.upper(0.95)
    assert apparent_ratio(ours, 9 * ours[:, None]).upper(0.95) == 1.0, "stronger controls accuse nobody"
    assert one_ratio(ours, 0 * ours).upper(0.95) == 0.0, "a control that changes nothing"
    assert apparent_ratio(ours, 0 * ours[:, None]).lower(0.95) == pytest.approx(1e6)
    alone = one_ratio(ours[:1], ours[:1])
    assert (alone.lower(0.95), alone.upper(0.95)) == (0.0, math.inf)
    for of in (dose_ratios, apparent_ratio):
        with pytest.raises(ValueError, match="moves nothing in 1 of 3"):
            of(np.array([2.0, 0.0, 5.0]), ours[:, None])
        with pytest.raises(ValueError, match="do not fit"):
            of(ours, np.ones((2, 1)))


def test_pictures_that_the_property_hardly_changes_decide_nothing_by_themselves() -> None:
    """The mean of ratios is beyond 250 there; a control that is too weak elsewhere still is."""
    rng = np.random.default_rng(2)
    ours = np.where(np.arange(40) < 7, 0.001, 1.0) * rng.lognormal(0, 0.3, 40)
    strong, weak = (factor * rng.lognormal(0, 0.3, 40) for factor in (3.0, 0.3))
    assert (strong / ours).mean() > 250
    assert one_ratio(ours, strong).lower(0.95) > 1.4 and apparent_ratio(ours, strong[:, None]).upper(0.95) < 1.1
    assert one_ratio(ours, weak).upper(0.95) < LEAST and apparent_ratio(ours, weak[:, None]).lower(0.95) > TIMES
    assert math.exp(np.log(weak / ours).mean()) > LEAST, "which a geometric mean of ratios would pass"


@pytest.mark.parametrize("world", [*WORLDS, *EXTREMES])
@pytest.mark.parametrize("images", [8, 20, 100])
def test_the_gate_passes_at_its_thresholds_as_rarely_as_it_says(world: str, images: int) -> None:
    """In the binomial 99.9 % band of .05 at most (1,000 audits: .075)."""
    found = passed_at_threshold({**WORLDS, **EXTREMES}[world], images, 1_000)
    assert max(found) <= 0.075, found


def test_the_gate_counts_clusters() -> None:
    assert max(passed_at_threshold(WORLDS["differing"], 20, 1_000, per_cluster=4)) <= 0.075


@pytest.mark.parametrize("world", ["alike", "hardly in 30 %", *EXTREMES])
def test_behind_the_gate_models_that_follow_the_dose_are_not_accused(world: str) -> None:
    """Even where every audit whose controls are just fair were let through."""
    doses = {**WORLDS, **EXTREMES}[world]
    found = accused(doses, at_threshold(doses), 300)
    assert max(found.values()) <= 0.01, found


def test_a_ratio_of_mean_doses_alone_would_let_them_be_accused() -> None:
    doses = EXTREMES["far apart"]
    assert accused(doses, at_dose(doses), 100)["in proportion"] > 0.5


def test_the_apparent_ratio_bounds_the_claim_on_the_very_images() -> None:
    """The bound of the module's text, image by image, for any doses and responses that grow at most in proportion."""
    rng = np.random.default_rng(5)
    for _ in range(300):
        ours = rng.lognormal(rng.normal(0, 1), rng.uniform(0.1, 3), 12)
        theirs = rng.lognormal(rng.normal(0, 1), rng.uniform(0.1, 3), (12, 3))
        found = apparent_ratio(ours, theirs)
        for of_dose in RESPONSES.values():
            assert np.log(of_dose(ours)[:, None] / of_dose(theirs)).mean() <= found.mean + 1e-9
