"""Swap and sign-flip tests against every pattern, and the stop rule."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from auditor.statistics import (
    importance_swap_test,
    mean_response_test,
    response,
    response_test,
)
from auditor.statistics.arrays import checked_rows
from auditor.statistics.monte_carlo import Tail, continued, count_tails
from auditor.statistics.orders import Orders
from auditor.statistics.swap_statistic import swap_statistic


def small_case(n_rows, n_draws, n_values, seed):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 11, (n_rows, n_draws, n_values)) / 10.0
    values = np.concatenate([[0, 1], rng.integers(0, n_values, n_rows - 2)])
    return scores, values, np.concatenate([[1, 0], rng.integers(0, 2, n_rows - 2)])


def reordered(scores, pattern):
    return np.array([row[:, list(order)] for row, order in zip(scores, pattern, strict=True)])


@pytest.mark.parametrize("metric", ["auroc", "balanced_accuracy", "log_loss", "r2"])
@pytest.mark.parametrize(("n_rows", "n_draws", "n_values"), [(5, 1, 2), (6, 2, 2), (4, 2, 3)])
def test_every_swap_has_the_importance_of_the_slow_twin(
    metric, n_rows, n_draws, n_values, slow_expected, slow_metric_of
):
    scores, values, labels = small_case(n_rows, n_draws, n_values, seed=n_rows)
    statistic = swap_statistic(checked_rows(scores, values, labels), metric)
    orders = list(itertools.permutations(range(n_values)))
    patterns = list(itertools.product(orders, repeat=n_rows))[:: 1 if n_values == 2 else 37]
    fast = statistic.of(Orders(np.array(patterns).transpose(2, 1, 0)))
    sign = -1 if metric == "log_loss" else 1
    for pattern, importance in zip(patterns, fast, strict=True):
        swapped = reordered(scores, pattern)
        own = np.array([swapped[i, :, v] for i, v in enumerate(values)])
        slow = slow_metric_of(metric, labels, own) - slow_expected(metric, swapped, values, labels)
        assert importance == pytest.approx(sign * slow, abs=1e-12)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_importance_p_is_the_share_of_all_swaps(alternative):
    """2^10 patterns through the fast statistic, which the test above holds to the N! twin."""
    scores, values, labels = small_case(10, 2, 2, seed=3)
    scores[:, :, 1] += 0.15
    statistic = swap_statistic(checked_rows(scores, values, labels), "auroc")
    every = statistic.of(Orders(np.array(list(itertools.product([(0, 1), (1, 0)], repeat=10))).transpose(2, 1, 0)))
    up, down = np.mean(every >= every[0] - 1e-9), np.mean(every <= every[0] + 1e-9)
    slow = {"two-sided": min(1.0, 2 * min(up, down)), "greater": up, "less": down}[alternative]
    found = importance_swap_test(scores, values, labels, 19_999, 1, early_stop=None, alternative=alternative)
    assert found.p_value == pytest.approx(slow, abs=0.02)


@pytest.mark.parametrize("clusters", [None, np.repeat(np.arange(6), 2)])
def test_response_p_is_the_share_of_all_sign_patterns(clusters):
    rows = np.round(np.random.default_rng(4).normal(0.3, 1.0, 12), 1)
    units = np.arange(12) if clusters is None else clusters
    exceed = 0
    for signs in itertools.product((-1, 1), repeat=len(set(units.tolist()))):
        flipped = sum(signs[u] * x for u, x in zip(units, rows, strict=True))
        exceed += abs(flipped) >= abs(rows.sum()) - 1e-9
    slow = exceed / 2 ** len(set(units.tolist()))
    found = mean_response_test(rows, 19_999, seed=2, clusters=clusters)
    assert found.p_value == pytest.approx(slow, abs=0.02)
    assert found.statistic == pytest.approx(rows.mean())


@pytest.mark.parametrize("clusters", [None, np.array([0, 0, 1, 2, 2])])
def test_response_p_over_three_values_is_the_share_of_all_orders(clusters):
    scores, values, _ = small_case(5, 2, 3, seed=20)
    values[:3] = (0, 1, 2)
    scores += 0.3 * np.array([0.0, 0.4, 1.0])
    names = np.arange(5) if clusters is None else clusters
    counts = [int(np.sum(values == v)) for v in range(3)]
    weights = {(v, w): counts[v] * counts[w] for v in range(3) for w in range(v + 1, 3)}

    def statistic(ordered):
        means = [sum(float(row[:, v].mean()) for row in ordered) / 5 for v in range(3)]
        return sum(k * (means[w] - means[v]) ** 2 for (v, w), k in weights.items()) / sum(weights.values())

    exceed = total = 0
    for pattern in itertools.product(itertools.permutations(range(3)), repeat=len(set(names.tolist()))):
        exceed += statistic(reordered(scores, [pattern[u] for u in names])) >= statistic(scores) - 1e-12
        total += 1
    found = response_test(response(scores, clusters, values), 9_999, 3, clusters)
    assert found.p_value == pytest.approx(exceed / total, abs=0.02)
    assert found.statistic == pytest.approx(statistic(scores) ** 0.5)


def test_with_two_values_the_response_test_is_the_sign_flip_test():
    scores, *_ = small_case(30, 2, 2, seed=21)
    found = response(scores)
    assert response_test(found, 499, 4) == mean_response_test(found.per_row, 499, 4)
    contrast = response(np.concatenate([scores, scores[:, :, :1]], axis=2), contrasts=[(0, 1)])
    assert response_test(contrast, 499, 4) == mean_response_test(found.per_row, 499, 4)


def test_pairs_of_opposite_sign_do_not_cancel():
    """Of three values the middle one moves every score: the signed mean over pairs is 0, and the test still sees it."""
    rng = np.random.default_rng(22)
    values = np.arange(90) % 3
    scores = rng.normal(size=(90, 1, 1)) + 0.2 * rng.normal(size=(90, 1, 3)) + 0.5 * np.array([0.0, 1.0, 0.0])
    found = response(scores, values=values)
    assert abs(found.mean.value) < 0.05
    assert response_test(found, 999, 0).p_value == 1 / 1000


def test_rows_that_do_not_move_never_reject():
    scores, values, labels = small_case(30, 2, 2, seed=5)
    scores[:, :, 1] = scores[:, :, 0]
    assert importance_swap_test(scores, values, labels, 199, 0, early_stop=None).p_value == 1.0
    assert mean_response_test(np.zeros(30), 199, 0).p_value == 1.0


def test_the_unit_of_the_score_does_not_decide_what_a_tie_is():
    rows = np.random.default_rng(6).normal(0.2, 1.0, 20)
    assert mean_response_test(1e-12 * rows, 499, 1).p_value == mean_response_test(rows, 499, 1).p_value


def test_p_is_never_zero():
    rows = np.full(40, 1.0)
    found = mean_response_test(rows, 199, seed=0)
    assert (found.p_value, found.exceedances, found.replicates) == (1 / 200, 0, 199)


def test_early_stop_counts_as_besag_and_clifford_do():
    exceeds = np.array([False, True, True, False, True, True])
    assert continued(Tail(0, 0, False), exceeds, 3) == Tail(3, 5, True)
    assert Tail(3, 5, True).p_value == 3 / 5
    half = continued(continued(Tail(0, 0, False), exceeds[:3], 3), exceeds[3:], 3)
    assert half == Tail(3, 5, True)
    assert continued(half, exceeds, 3) == half
    assert continued(Tail(0, 0, False), exceeds, None) == Tail(4, 6, False)
    assert Tail(4, 6, False).p_value == 5 / 7


def test_early_stop_draws_a_hundredth_of_the_replicates_under_the_null():
    """20 (1 + ln(9999 / 20)) = 144 on average for a p that is uniform."""
    rng = np.random.default_rng(7)
    drawn = []
    for observed in rng.random(400):
        (tail,) = count_tails(observed, rng.random, 9999, 0.0, (1,), 20)
        drawn.append(tail.replicates)
    assert 110 <= np.mean(drawn) <= 185


def test_early_stop_keeps_the_replicates_of_the_full_test():
    scores, values, labels = small_case(40, 1, 2, seed=8)
    early = importance_swap_test(scores, values, labels, 999, 5, alternative="greater")
    full = importance_swap_test(scores, values, labels, 999, 5, alternative="greater", early_stop=None)
    assert early.replicates < 999
    assert early.exceedances == 20
    assert early.p_value == pytest.approx(full.p_value, abs=0.25)
    again = importance_swap_test(scores, values, labels, early.replicates, 5, alternative="greater", early_stop=None)
    assert again.exceedances == 20


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"swaps": 0}, "at least one replicate"),
        ({"early_stop": 0}, "early_stop"),
        ({"alternative": "upper"}, "unknown alternative 'upper'"),
        ({"labels": np.zeros(8)}, "both classes"),
    ],
)
def test_misuse_of_the_swap_test_is_refused(change, message):
    scores, values, labels = small_case(8, 1, 2, seed=0)
    given = {"scores": scores, "values": values, "labels": labels, "swaps": 19, "seed": 0} | change
    with pytest.raises(ValueError, match=message):
        importance_swap_test(**given)


def test_misuse_of_the_sign_flip_test_is_refused():
    with pytest.raises(ValueError, match="one finite change a row"):
        mean_response_test(np.array([0.1, np.nan]), 19, 0)
    with pytest.raises(ValueError, match="at least one replicate"):
        mean_response_test(np.array([0.1]), 0, 0)
