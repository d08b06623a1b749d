"""Tests against controls: every pattern counted, sizes under nulls, claims at their boundary, power."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from auditor.statistics import mean_response_test
from auditor.statistics.sweeps import (
    conformal_p,
    control_ratio,
    effect_floor,
    log_ratios,
    rank_among_controls,
    sign_flip_test,
    sweep_numbers,
    t_among_controls,
)

POINTS, CONTROLS = 30, 3


def roughness(curves):
    """E|grad| of curves (.., n_points)."""
    flat = curves.reshape(-1, curves.shape[-1])
    return sweep_numbers(flat, np.arange(flat.shape[1])).per_step.reshape(curves.shape[:-1])


def test_log_ratios_by_loops():
    ours, theirs = np.array([0.2, 0.0, 0.01]), np.array([[0.1, 0.4], [0.0, 0.1], [1e-9, 0.01]])
    found = log_ratios(ours, theirs)
    for i, c in itertools.product(range(3), range(2)):
        assert found[i, c] == pytest.approx(math.log(max(ours[i], 1e-6) / max(theirs[i, c], 1e-6)))
    assert found[1, 0] == 0.0, "two flat curves have the ratio 1"


def test_the_ratio_is_the_geometric_mean_and_its_error_that_of_images():
    ratios = np.log(np.random.default_rng(0).uniform(1, 4, (12, CONTROLS)))
    found = control_ratio(ratios)
    assert found.ratio == pytest.approx(float(np.exp(ratios).prod()) ** (1 / ratios.size))
    assert found.mean_log.standard_error == pytest.approx(ratios.mean(axis=1).std(ddof=1) / math.sqrt(12))
    assert [each.value for each in found.by_control] == pytest.approx(ratios.mean(axis=0).tolist())
    twice = control_ratio(np.repeat(ratios, 2, axis=0), np.repeat(np.arange(12), 2))
    assert twice.mean_log.standard_error == pytest.approx(found.mean_log.standard_error)


@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_the_sign_flip_p_is_the_share_of_all_patterns(n):
    ratios = np.random.default_rng(n).normal(0.4, 1, n)
    patterns = [np.dot(signs, ratios) for signs in itertools.product((1, -1), repeat=n)]
    slow = sum(total >= ratios.sum() - 1e-9 for total in patterns) / 2**n
    exact = sign_flip_test(ratios, 9_999, seed=0)
    assert exact.p_value == pytest.approx(slow) and exact.replicates == 2**n
    drawn = sign_flip_test(ratios, 2**n - 2, seed=0) if n > 5 else exact
    assert drawn.p_value == pytest.approx(slow, abs=0.1)


def test_seven_units_reach_one_in_a_hundred():
    assert sign_flip_test(np.full(7, 0.1), 9_999, seed=0).p_value == 2**-7 < 0.01
    assert sign_flip_test(np.full(6, 0.1), 9_999, seed=0).p_value > 0.01


def test_one_side_is_half_of_two():
    ratios = np.random.default_rng(1).normal(0.2, 1, 40)
    one, two = sign_flip_test(ratios, 9_999, 0), mean_response_test(ratios, 9_999, 0)
    assert one.p_value == pytest.approx(two.p_value / 2, abs=0.01)


def test_units_of_a_cluster_flip_together():
    ratios = np.random.default_rng(2).normal(0.3, 1, 8)
    together = sign_flip_test(np.repeat(ratios, 3), 9_999, 0, clusters=np.repeat(np.arange(8), 3))
    assert together.p_value == sign_flip_test(ratios, 9_999, 0).p_value


def test_ranks_among_controls():
    assert rank_among_controls(5.0, np.arange(19)) == pytest.approx(15 / 20)
    assert rank_among_controls(50.0, np.arange(19)) == pytest.approx(1 / 20)
    assert conformal_p(1.0, np.array([0.5, 1.0, 2.0])) == pytest.approx(3 / 4)
    with pytest.raises(ValueError, match="at least one control"):
        rank_among_controls(1.0, np.array([]))


def test_t_among_controls_is_the_prediction_t():
    from scipy.stats import t

    theirs = np.array([0.1, 0.4, 0.2, 0.3])
    value = (1.0 - theirs.mean()) / (theirs.std(ddof=1) * math.sqrt(1.25))
    assert t_among_controls(1.0, theirs) == pytest.approx(t.sf(value, 3))
    for too_few in (theirs[:2], np.full(3, 0.2)):
        with pytest.raises(ValueError, match="how instructions differ"):
            t_among_controls(1.0, too_few)


def test_the_effect_floor_is_the_largest_of_three():
    spans = np.linspace(0, 1, 101)
    assert effect_floor(0.05, 0.01, spans) == pytest.approx(0.95)
    assert effect_floor(0.05, 0.01, spans / 100) == 0.05
    assert effect_floor(0.0, 0.3, spans / 100) == 0.6


def sizes_of(curves, kind, simulations, images, points, seed):
    """Rejections at .05 of audits in which the model follows nothing: sign flip, rank and t among controls."""
    rng = np.random.default_rng(seed)
    scale = rng.lognormal(0, 0.7, (simulations, images, 1, 1))  # Images differ in how much anything moves them.
    made = roughness(scale * curves[kind](rng, (simulations, images, 1 + 19, points)))
    flips = ranks = ts = claims = 0
    for scores in made:
        logs = log_ratios(scores[:, 0], scores[:, 1 : 1 + CONTROLS], flat=1e-12)
        flips += sign_flip_test(logs[:, 0], 199, 0).p_value <= 0.05
        claims += control_ratio(logs).lower(0.95) > 2.0
        means = np.log(scores).mean(axis=0)
        ranks += rank_among_controls(means[0], means[1:]) <= 0.05
        ts += t_among_controls(means[0], means[1:]) <= 0.05
    return np.array([flips, ranks, ts, claims]) / simulations


@pytest.mark.parametrize("kind", ["AR(1) .3", "AR(1) .9", "drift"])
def test_models_that_follow_nothing_are_seldom_accused(curves, kind, upper_band):
    assert (sizes_of(curves, kind, 300, 20, POINTS, 1)[:3] <= upper_band(300, 0.05)).all()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["AR(1) .3", "AR(1) .9", "drift"])
@pytest.mark.parametrize(("images", "points"), [(7, 10), (20, 30), (20, 100)])
def test_sizes_of_two_thousand_audits(curves, kind, images, points, upper_band):
    found = sizes_of(curves, kind, 2_000, images, points, 2)
    print(f"figure: {kind}, {images} images of {points} points: sign flip, rank, t, claim of twice: {found}")
    assert (found[:3] <= upper_band(2_000, 0.05)).all()
    assert found[3] <= upper_band(2_000, 0.05)


def test_a_claim_at_its_boundary_is_as_rare_as_it_says(upper_band):
    """Log ratios whose mean is exactly log 2: the lower bound lies above it in one audit of twenty."""
    rng = np.random.default_rng(3)
    logs = rng.normal(math.log(2), 0.5, (1_000, 20, CONTROLS))
    claims = np.mean([control_ratio(one).lower(0.95) > 2.0 for one in logs])
    assert 0.02 < claims <= upper_band(1_000, 0.05)


@pytest.mark.parametrize(("points", "noise"), [(10, 0.005), (30, 0.002), (100, 0.0005)])
def test_planted_sigmoids_are_found(points, noise):
    """Span .2 beside controls that drift by .03: found in nine audits of ten with 20 images."""
    from tests.statistics.sweeps.conftest import drifting

    rng = np.random.default_rng(points)
    x = np.linspace(0, 1, points)
    found = claimed = 0
    for _ in range(100):
        controls = drifting(rng, (20, CONTROLS, points)) + noise * rng.standard_normal((20, CONTROLS, points))
        planted = 0.2 / (1 + np.exp(-12 * (x - rng.uniform(0.3, 0.7, (20, 1))))) + noise * rng.standard_normal(
            (20, points)
        )
        logs = log_ratios(roughness(planted), roughness(controls))
        found += sign_flip_test(logs.mean(axis=1), 999, 0).p_value <= 0.01
        claimed += control_ratio(logs).lower(0.95) > 2.0
    assert found >= 90 and claimed >= 90, (found, claimed)


def test_one_control_over_images_says_nothing_of_instructions_in_general():
    """Why more than one: instructions that differ by .3 in mean log score look like a finding to a test over images."""
    rng = np.random.default_rng(5)
    effects = rng.normal(0, 0.3, (400, 2, 1))
    logs = effects + rng.normal(0, 0.5, (400, 2, 50))
    accused = np.mean([sign_flip_test(ours - theirs, 199, 0).p_value <= 0.05 for ours, theirs in logs])
    assert accused > 0.2
