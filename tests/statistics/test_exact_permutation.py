"""Exact importance against all N! permutations, and against sampled ones."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.statistics import exact_importance, importance_swap_test, metric_value, sampled_importance
from auditor.statistics.arrays import checked_rows
from auditor.statistics.exact_permutation import auroc_excess
from auditor.statistics.orders import Deals
from auditor.statistics.permutation_law import permutation_law
from auditor.statistics.placements import levels_of
from auditor.statistics.sampled_permutation import metric_of_deals, sampled_metrics

ADDITIVE = ("accuracy", "balanced_accuracy", "log_loss", "brier", "mean_absolute_error", "mean_squared_error", "r2")
LOSSES = ("log_loss", "brier", "mean_absolute_error", "mean_squared_error")


def small_case(n_rows, n_draws, n_values, seed, regression=False):
    """Scores in tenths, so that ties occur; both classes and at least two values occur."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 11, (n_rows, n_draws, n_values)) / 10.0
    values = np.concatenate([[0, 1], rng.integers(0, n_values, n_rows - 2)])
    labels = rng.normal(size=n_rows) if regression else np.concatenate([[1, 0], rng.integers(0, 2, n_rows - 2)])
    return scores, values, labels


@pytest.mark.parametrize("n_values", [2, 3])
@pytest.mark.parametrize("n_draws", [1, 2, 3])
@pytest.mark.parametrize("n_rows", [3, 5, 6])
def test_auroc_equals_the_mean_over_all_permutations(n_rows, n_draws, n_values, slow_expected, slow_metric_of):
    scores, values, labels = small_case(n_rows, n_draws, n_values, seed=n_rows + 10 * n_draws)
    found = exact_importance(scores, values, labels, "auroc")
    own = np.array([scores[i, :, v] for i, v in enumerate(values)])
    assert found.expected == pytest.approx(slow_expected("auroc", scores, values, labels), abs=1e-12)
    assert found.factual == pytest.approx(slow_metric_of("auroc", labels, own), abs=1e-12)
    assert found.importance == found.factual - found.expected


def test_auroc_of_seven_rows(slow_expected):
    scores, values, labels = small_case(7, 1, 3, seed=1)
    found = exact_importance(scores, values, labels, "auroc")
    assert found.expected == pytest.approx(slow_expected("auroc", scores, values, labels), abs=1e-12)


@pytest.mark.parametrize("metric", ADDITIVE)
@pytest.mark.parametrize(("n_draws", "n_values"), [(1, 2), (2, 3)])
def test_additive_metrics_equal_the_mean_over_all_permutations(metric, n_draws, n_values, slow_expected):
    regression = metric in ("r2", "mean_absolute_error", "mean_squared_error")
    scores, values, labels = small_case(5, n_draws, n_values, seed=2, regression=regression)
    found = exact_importance(scores, values, labels, metric, threshold=0.4)
    expected = slow_expected(metric, scores, values, labels, threshold=0.4)
    assert found.expected == pytest.approx(expected, abs=1e-12)
    sign = -1 if metric in LOSSES else 1
    assert found.importance == pytest.approx(sign * (found.factual - expected), abs=1e-12)


@pytest.mark.parametrize("metric", ["auroc", "balanced_accuracy", "brier"])
@pytest.mark.parametrize("n_values", [2, 3])
def test_strata_equal_all_permutations_inside_them(metric, n_values, slow_expected):
    scores, values, labels = small_case(7, 2, n_values, seed=3)
    within = np.array([0, 0, 0, 1, 1, 1, 2])
    found = exact_importance(scores, values, labels, metric, within=within)
    expected = slow_expected(metric, scores, values, labels, within=within)
    assert found.expected == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("metric", ["auroc", "balanced_accuracy", "brier"])
@pytest.mark.parametrize("n_values", [2, 3])
def test_blocks_equal_all_permutations_of_blocks(metric, n_values, slow_expected):
    rng = np.random.default_rng(4)
    blocks = np.array([0, 0, 1, 2, 2, 2, 3, 3, 4])
    values = np.array([0, 1, n_values - 1, 1, 0])[blocks]
    labels = np.array([1, 0, 1, 0, 0, 1, 1, 0, 1])
    scores = rng.integers(0, 11, (9, 2, n_values)) / 10.0
    found = exact_importance(scores, values, labels, metric, blocks=blocks)
    expected = slow_expected(metric, scores, values, labels, blocks=blocks)
    assert found.expected == pytest.approx(expected, abs=1e-12)
    assert found.estimate.units == 5


def test_average_precision_is_that_of_the_definition(slow_metric_of):
    scores, _, labels = small_case(30, 2, 2, seed=5)
    found = metric_value("average_precision", labels, scores[:, :, 0])
    assert found == pytest.approx(slow_metric_of("average_precision", labels, scores[:, :, 0]), abs=1e-12)


@pytest.mark.parametrize("metric", ["auroc", "average_precision", *ADDITIVE])
def test_plain_metrics_are_those_of_the_definition(metric, slow_metric_of):
    scores, _, labels = small_case(20, 3, 2, seed=6)
    found = metric_value(metric, labels, scores[:, :, 1], threshold=0.3)
    assert found == pytest.approx(slow_metric_of(metric, labels, scores[:, :, 1], 0.3), abs=1e-12)


def test_sampled_and_exact_agree_within_their_error():
    """z <= 4.5 over all comparisons, at few rows, where the finite-N term is far above the sampling error."""
    largest, plug_in = 0.0, 0.0
    for seed in range(12):
        n_values = 2 + seed % 2
        rng = np.random.default_rng(seed)
        scores, values, labels = small_case(8 + 3 * seed, 1 + seed % 3, n_values, seed)
        scores += rng.normal(0, 0.001, scores.shape) + np.arange(n_values) + 0.9 * labels[:, None, None]
        for metric in ("auroc", "accuracy", "r2"):
            exact = exact_importance(scores, values, labels, metric)
            sampled = sampled_importance(scores, values, labels, metric, permutations=3000, seed=seed)
            assert sampled.expectation == "sampled"
            assert sampled.permutations == 3000
            if sampled.monte_carlo_se < 1e-12:
                assert sampled.expected == pytest.approx(exact.expected, abs=1e-12)
            else:
                largest = max(largest, abs(sampled.expected - exact.expected) / sampled.monte_carlo_se)
            if metric == "auroc":
                excess = auroc_excess(levels_of(scores), labels, permutation_law(values, n_values))
                mixture = exact.expected - excess
                plug_in = max(plug_in, abs(sampled.expected - mixture) / sampled.monte_carlo_se)
    assert 1.0 < largest <= 4.5, f"z of {largest} over 36 comparisons"
    assert plug_in > 4.5, "the case is too easy to see the finite-N term"


def test_average_precision_sampled_agrees_with_all_permutations(slow_expected):
    scores, values, labels = small_case(6, 2, 2, seed=7)
    found = sampled_importance(scores, values, labels, "average_precision", permutations=4000, seed=1)
    expected = slow_expected("average_precision", scores, values, labels)
    assert abs(found.expected - expected) <= 4.5 * found.monte_carlo_se


def test_a_sampled_estimate_adds_its_sampling_error():
    scores, values, labels = small_case(40, 1, 2, seed=8)
    exact = exact_importance(scores, values, labels, "auroc")
    few = sampled_importance(scores, values, labels, "auroc", permutations=20, seed=3)
    assert few.estimate.standard_error**2 == pytest.approx(exact.estimate.standard_error**2 + few.monte_carlo_se**2)
    assert np.array_equal(few.influence, exact.influence)


def test_the_first_permutations_stay_when_more_are_asked_for():
    rows = checked_rows(*small_case(20, 1, 2, seed=9))
    metric_of = metric_of_deals(rows, "auroc", 0.5)
    few = sampled_metrics(metric_of, Deals(rows.values, 11), 5)
    assert sampled_metrics(metric_of, Deals(rows.values, 11), 9)[:5] == pytest.approx(few, abs=1e-15)
    assert sampled_metrics(metric_of, Deals(rows.values, 11), 700)[:5] == pytest.approx(few, abs=1e-15)


def test_importance_is_the_statistic_of_the_swap_test():
    for n_values in (2, 3):
        scores, values, labels = small_case(25, 2, n_values, seed=10)
        for metric in ("auroc", "balanced_accuracy", "log_loss", "r2"):
            importance = exact_importance(scores, values, labels, metric).importance
            found = importance_swap_test(scores, values, labels, 19, seed=0, metric=metric)
            assert found.statistic == pytest.approx(importance, abs=1e-12)


def test_monotone_change_of_scores_keeps_auroc_importance():
    scores, values, labels = small_case(30, 2, 2, seed=11)
    before = exact_importance(scores, values, labels, "auroc")
    after = exact_importance(np.exp(5 * scores), values, labels, "auroc")
    assert (after.importance, after.noise_sd) == (before.importance, before.noise_sd)


def test_what_labels_and_values_bound():
    """Prevalence .3 at half positives, independent: 42 % of rows change, and AUROC can fall by .42 + .42."""
    labels = np.tile([0, 1], 50)
    values = (np.arange(100) // 2 % 10 < 3).astype(int)
    scores = np.random.default_rng(0).random((100, 1, 2))
    found = exact_importance(scores, values, labels, "auroc")
    assert found.share_changed == pytest.approx(1 - 0.3**2 - 0.7**2)
    assert found.largest_possible == pytest.approx(0.84)
    assert found.smallest_cell == pytest.approx(15.0)
    assert found.noise_sd is None
    assert exact_importance(scores, values, labels, "mean_squared_error").largest_possible is None
    assert exact_importance(scores, values, labels, "balanced_accuracy").largest_possible == pytest.approx(0.42)


def test_the_bound_is_reached_by_a_model_that_sees_only_the_concept():
    labels = np.tile([0, 1], 50)
    scores = np.tile(np.array([0.0, 1.0]), (100, 1, 1))
    found = exact_importance(scores, labels, labels, "auroc")
    assert found.factual == 1.0
    assert found.importance == pytest.approx(0.5, abs=0.01)
    assert found.importance <= (found.largest_possible or 0.0)


def test_nothing_moves_is_not_certainty():
    """200 rows, balanced, prevalence one half: the 95 % limits are plus and minus .015."""
    rng = np.random.default_rng(1)
    labels, values = np.tile([0, 1], 100), np.tile([0, 0, 1, 1], 50)
    scores = np.repeat(rng.random((200, 2, 1)), 2, axis=2)
    found = exact_importance(scores, values, labels, "auroc")
    assert found.importance == 0.0
    assert found.estimate.standard_error == 0.0
    assert found.estimate.upper(0.95) == pytest.approx(0.5 * -np.log(0.05) / 100)
    assert found.estimate.interval(0.95).low == pytest.approx(-0.01498, abs=1e-5)
    assert found.estimate.interval(0.95).method == "rule of three"
    clustered = exact_importance(scores, values, labels, "auroc", clusters=np.arange(200) // 4)
    assert clustered.estimate.upper(0.95) == pytest.approx(4 / 2 * 0.5 * -np.log(0.05) / 100)


def test_results_are_plain_numbers():
    """What goes into a result file must not depend on NumPy's types."""
    scores, values, labels = small_case(20, 2, 3, seed=13)
    for metric in ("auroc", "r2"):
        for found in (
            exact_importance(scores, values, labels, metric),
            sampled_importance(scores, values, labels, metric, 20, 0),
        ):
            numbers = [found.factual, found.expected, found.importance, found.share_changed, found.smallest_cell]
            numbers += [found.monte_carlo_se, found.noise_sd, found.estimate.value, found.estimate.df]
            numbers += [found.estimate.standard_error, found.estimate.upper(0.95), found.estimate.floor]
            assert {type(number) for number in numbers} == {float}


def test_one_value_alone_has_no_importance():
    scores, _, labels = small_case(12, 2, 2, seed=12)
    found = exact_importance(scores, np.zeros(12, dtype=int), labels, "auroc")
    assert found.importance == pytest.approx(0.0, abs=1e-12)
    assert found.share_changed == 0.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metric": "average_precision"}, "no closed form"),
        ({"metric": "f1"}, "unknown metric 'f1'"),
        ({"labels": np.ones(8)}, "both classes"),
        ({"labels": np.full(8, 0.5)}, "0 or 1"),
        ({"values": np.full(8, 2)}, "hold 2 values"),
        ({"values": np.full(8, 0.5)}, "whole numbers"),
        ({"values": np.zeros(7)}, "one value and one label a row"),
        ({"scores": np.full((8, 1, 2), np.nan)}, "finite"),
        ({"scores": np.zeros((8, 2))}, "shape"),
        ({"scores": np.zeros((8, 0, 2))}, "no scores"),
        ({"scores": np.full((8, 1, 2), 1.5), "metric": "log_loss"}, "probabilities"),
        ({"labels": np.ones(8), "metric": "r2"}, "variance"),
        ({"clusters": np.zeros(3)}, "clusters"),
        ({"within": np.zeros(8), "blocks": np.zeros(8)}, "both at once"),
        ({"blocks": np.zeros(8)}, "share one value"),
    ],
)
def test_misuse_is_refused(change, message):
    given = {
        "scores": np.random.default_rng(0).random((8, 1, 2)),
        "values": np.tile([0, 1], 4),
        "labels": np.repeat([0, 1], 4),
        "metric": "auroc",
    } | change
    with pytest.raises(ValueError, match=message):
        exact_importance(**given)


def test_one_permutation_is_refused():
    with pytest.raises(ValueError, match="at least 2 permutations"):
        sampled_importance(*small_case(8, 1, 2, seed=0), "auroc", permutations=1, seed=0)
