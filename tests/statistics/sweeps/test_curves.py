"""Numbers of curves against `numpy.gradient`, curve by curve."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from auditor.statistics.sweeps import decision_path, shuffle_test, sweep_numbers
from auditor.statistics.sweeps.shuffle import _pair_differences, _pair_weights


def test_numbers_are_those_of_numpy_curve_by_curve():
    rng = np.random.default_rng(0)
    curves, positions = rng.random((20, 17)), np.sort(rng.random((20, 17)), axis=1)
    found = sweep_numbers(curves, positions)
    for i, (curve, x) in enumerate(zip(curves, positions, strict=True)):
        assert found.per_step[i] == pytest.approx(np.mean(np.abs(np.gradient(curve))), rel=1e-12)
        assert found.per_unit[i] == pytest.approx(np.mean(np.abs(np.gradient(curve, x))), rel=1e-9)
        assert found.net_change[i] == curve[-1] - curve[0]
        assert found.span[i] == max(curve) - min(curve)
        assert found.total_variation[i] == pytest.approx(sum(abs(b - a) for a, b in itertools.pairwise(curve)))


def test_a_straight_line_has_its_slope_whatever_the_spacing():
    positions = np.array([0.0, 1.0, 5.0, 6.0, 20.0])
    found = sweep_numbers(0.25 * positions[None], positions)
    assert found.per_unit[0] == pytest.approx(0.25) and found.net_change[0] == pytest.approx(5.0)


def test_decisions_are_followed_along_the_sweep():
    decisions = np.array([[0, 0, 1, 1], [2, 1, 1, 2], [3, 3, 3, 3]])
    found = decision_path(decisions, np.array([1.0, 2.0, 4.0, 8.0]))
    assert found.changes.tolist() == [1, 2, 0]
    assert found.first[:2].tolist() == [4.0, 2.0] and np.isnan(found.first[2])
    assert found.ends_otherwise.tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("positions", "said"),
    [
        ([0.0, 1.0, 1.0], "rise"),
        ([2.0, 1.0, 0.0], "rise"),
        ([0.0, np.nan, 1.0], "finite"),
        ([0.0, 1.0], "does not fit"),
    ],
)
def test_positions_that_are_no_sweep_are_refused(positions, said):
    with pytest.raises(ValueError, match=said):
        sweep_numbers(np.zeros((2, 3)), np.array(positions))


def test_two_points_are_no_sweep():
    with pytest.raises(ValueError, match="at least 3 points"):
        sweep_numbers(np.zeros((1, 2)), np.arange(2))


def test_every_permutation_has_the_score_of_numpy():
    """All 5! orders of two curves: the sparse product is the definition."""
    curves = np.random.default_rng(1).random((2, 5))
    orders = np.array(list(itertools.permutations(range(5))))
    found = _pair_weights(orders) @ _pair_differences(curves)
    for k, order in enumerate(orders):
        for i, curve in enumerate(curves):
            assert found[k, i] == pytest.approx(np.mean(np.abs(np.gradient(curve[order]))), abs=1e-14)


def test_the_shuffle_test_counts_what_a_loop_counts():
    curve = np.random.default_rng(2).random(9).cumsum()
    test = shuffle_test(curve[None], permutations=400, seed=5)
    assert test.p_lower[0] + test.p_upper[0] >= 1.0
    rng = np.random.default_rng(3)
    looped = np.array([np.mean(np.abs(np.gradient(rng.permutation(curve)))) for _ in range(4_000)])
    assert test.null_mean[0] == pytest.approx(looped.mean(), abs=5 * looped.std() / 20)
    distance = abs(test.observed[0] - looped.mean())
    assert test.p_two_sided[0] == pytest.approx(np.mean(np.abs(looped - looped.mean()) >= distance), abs=0.05)


def test_the_shuffle_test_finds_smoothness_and_no_trend(curves):
    """Why it is never a verdict: trend-free curves are rejected from below, and nothing smooth from above."""
    rng = np.random.default_rng(4)
    trend_free = shuffle_test(curves["AR(1) .9"](rng, (200, 100)), permutations=999, seed=0)
    assert np.mean(trend_free.p_two_sided <= 0.01) > 0.95
    assert set(trend_free.sides) == {"smoother than its shuffled points"}
    x = np.linspace(0, 1, 100)
    planted = 0.2 / (1 + np.exp(-10 * (x - 0.5))) + 0.05 * rng.standard_normal((200, 100))
    assert np.mean(shuffle_test(planted, permutations=999, seed=0).p_upper <= 0.05) < 0.1
    even = shuffle_test(rng.standard_normal((400, 30)), permutations=999, seed=0)
    assert np.mean(even.p_two_sided <= 0.05) == pytest.approx(0.05, abs=0.035)
    flat = shuffle_test(np.zeros((1, 10)), permutations=99, seed=0)
    assert flat.p_two_sided[0] == 1.0


def test_a_shuffle_test_is_found_again_by_its_seed():
    curves = np.random.default_rng(6).random((3, 12))
    first, again, other = (shuffle_test(curves, 200, seed) for seed in (7, 7, 8))
    assert np.array_equal(first.p_two_sided, again.p_two_sided)
    assert not np.array_equal(first.null_mean, other.null_mean)
