"""Many models at once give each the numbers that it gets alone."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.statistics import (
    importance_swap_test,
    importance_swap_tests,
    mean_response_test,
    mean_response_tests,
    response,
    response_test,
    response_tests,
    sampled_importance,
)
from auditor.statistics import importance_tests as importance_tests_module
from auditor.statistics.arrays import checked_rows
from auditor.statistics.orders import Deals, uniform_orders
from auditor.statistics.pair_table import pair_table
from auditor.statistics.placements import levels_of
from auditor.statistics.recomputed_swaps import RecomputedSwaps
from auditor.statistics.swap_statistic import swap_statistic


def case(n_models, n_rows, n_draws, n_values, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, (n_models, n_rows))
    labels[:, :2] = (0, 1)
    moves = np.arange(n_models)[:, None, None, None] * np.linspace(0, 0.4, n_values)
    scores = rng.normal(size=(n_models, n_rows, n_draws, n_values)) + moves
    return scores, np.arange(n_rows) % n_values, labels


@pytest.mark.parametrize("early_stop", [None, 20])
@pytest.mark.parametrize("clusters", [None, np.arange(40) // 2])
@pytest.mark.parametrize(
    ("metric", "n_values"), [("auroc", 2), ("auroc", 3), ("accuracy", 2), ("average_precision", 2)]
)
def test_swap_tests_of_many_models(metric, n_values, clusters, early_stop, monkeypatch):
    scores, values, labels = case(4, 40, 2, n_values)
    alone = [
        importance_swap_test(each, values, own, 299, 7, clusters, early_stop, metric)
        for each, own in zip(scores, labels, strict=True)
    ]
    together = importance_swap_tests(scores, values, labels, 299, 7, clusters, early_stop, metric)
    assert list(together) == alone
    assert len({found.p_value for found in alone}) > 1
    # In groups that hold two models at a time.
    monkeypatch.setattr(importance_tests_module, "PAIRS_AT_ONCE", 800)
    assert list(importance_swap_tests(scores, values, labels, 299, 7, clusters, early_stop, metric)) == alone


def test_labels_may_be_shared():
    scores, values, labels = case(2, 30, 1, 2)
    shared = importance_swap_tests(scores, values, labels[0], 99, 1)
    assert shared == importance_swap_tests(scores, values, labels[[0, 0]], 99, 1)


@pytest.mark.parametrize("n_values", [2, 3])
def test_response_tests_of_many_models(n_values):
    scores, values, _ = case(4, 40, 2, n_values)
    responses = [response(each, values=values) for each in scores]
    alone = [response_test(each, 299, 3) for each in responses]
    for found, own in zip(response_tests(responses, 299, 3), alone, strict=True):
        assert (found.p_value, found.exceedances) == (own.p_value, own.exceedances)
        assert found.statistic == pytest.approx(own.statistic, abs=1e-15)
    early = mean_response_tests(np.stack([each.per_row for each in responses]), 299, 3, early_stop=5)
    assert [e.p_value for e in early] == [
        mean_response_test(r.per_row, 299, 3, early_stop=5).p_value for r in responses
    ]
    assert response_tests([], 99, 0) == ()


def test_shared_deals_are_those_of_each_model():
    scores, values, labels = case(3, 40, 1, 2)
    deals = Deals(values, 5)
    for each, own in zip(scores, labels, strict=True):
        alone = sampled_importance(each, values, own, "auroc", 700, 5)
        shared = sampled_importance(each, values, own, "auroc", 700, 5, deals=deals)
        assert (shared.importance, shared.monte_carlo_se) == (alone.importance, alone.monte_carlo_se)


@pytest.mark.parametrize("n_draws", [1, 3])
def test_the_matrix_form_is_that_of_sorting(n_draws):
    """The same swaps through tables of pairs and through histograms, with ties."""
    scores, values, labels = case(1, 60, n_draws, 2, seed=2)
    rows = checked_rows(np.round(scores[0], 1), (values + np.arange(60) // 7) % 2, labels[0])
    levels = levels_of(rows.scores)
    shares = np.bincount(rows.values) / 60
    slow = RecomputedSwaps("auroc", levels.codes, levels.n_levels, rows.values, shares, rows.labels == 1.0)
    orders = uniform_orders(np.random.default_rng(3), 500, 60, 2)
    assert swap_statistic(rows, "auroc").of(orders) == pytest.approx(slow.of(orders), abs=1e-13)


def test_the_table_is_exact_where_single_precision_is_not_enough():
    """110 draws: sums of products pass 2^24 and are taken in double precision."""
    scores, values, labels = case(1, 40, 110, 2, seed=4)
    rows = checked_rows(scores[0], values, labels[0])
    table = pair_table(rows)
    assert 0.5 / table.unit > 2**24
    dealt = np.random.default_rng(0).integers(0, 2, (40, 3))
    for column in range(3):
        picked = rows.scores[np.arange(40), :, dealt[:, column]]
        ups, downs = picked[rows.labels == 1].ravel(), picked[rows.labels == 0].ravel()
        assert table.aurocs(dealt)[column] == pytest.approx(np.mean(ups[:, None] > downs), abs=1e-12)


def test_average_precision_is_sampled_until_its_error_is_small():
    scores, values, labels = case(1, 50, 1, 2, seed=5)
    found = sampled_importance(scores[0], values, labels[0], "average_precision", None, 0, tolerance=1e-3)
    assert found.expectation == "sampled"
    assert 512 < (found.permutations or 0) <= 20_480
    assert found.monte_carlo_se <= 1.05e-3
    coarse = sampled_importance(scores[0], values, labels[0], "average_precision", None, 0, tolerance=0.1)
    assert coarse.permutations == 512
    assert found.estimate.standard_error > found.monte_carlo_se
