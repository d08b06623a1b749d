"""Metrics of several classes: against all N! permutations, the jackknife, every swap, and scikit-learn."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from auditor.statistics import exact_importance, importance_swap_test, metric_estimate, metric_value, sampled_importance
from auditor.statistics.arrays import checked_rows
from auditor.statistics.orders import Orders
from auditor.statistics.swap_statistic import swap_statistic

METRICS = (
    "macro_auroc",
    "multiclass_accuracy",
    "multiclass_balanced_accuracy",
    "multiclass_log_loss",
    "multiclass_brier",
)


def small_case(n_rows, n_draws, n_values, seed, n_classes=3):
    """Probabilities in twelfths, so that ties occur; every class and at least two values occur."""
    rng = np.random.default_rng(seed)
    scores = rng.multinomial(12, np.full(n_classes, 1 / n_classes), (n_rows, n_draws, n_values)) / 12.0
    values = np.concatenate([[0, 1], rng.integers(0, n_values, n_rows - 2)])
    labels = np.concatenate([np.arange(n_classes), rng.integers(0, n_classes, n_rows - n_classes)])
    return scores, values, labels


def world(n_rows, n_draws, n_values, seed):
    rng = np.random.default_rng(seed)
    values = rng.choice(n_values, n_rows, p=[0.6, 0.4] if n_values == 2 else [0.5, 0.3, 0.2])
    labels = (np.arange(n_rows) + values * (rng.random(n_rows) < 0.4)) % 3
    latent = rng.normal(size=(n_rows, n_draws, n_values, 3)) + 1.5 * np.eye(3)[labels][:, None, None]
    latent[..., 1] += 0.8 * np.arange(n_values)
    lifted = np.exp(latent)
    return lifted / lifted.sum(axis=-1, keepdims=True), values, labels


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("n_rows", "n_draws", "n_values"), [(6, 1, 2), (5, 2, 3), (7, 1, 3)])
def test_equal_to_the_mean_over_all_permutations(metric, n_rows, n_draws, n_values, slow_expected, slow_metric_of):
    scores, values, labels = small_case(n_rows, n_draws, n_values, seed=n_rows)
    found = exact_importance(scores, values, labels, metric)
    own = np.array([scores[i, :, v] for i, v in enumerate(values)])
    assert found.factual == pytest.approx(slow_metric_of(metric, labels, own), abs=1e-12)
    expected = slow_expected(metric, scores, values, labels)
    assert found.expected == pytest.approx(expected, abs=1e-12)
    sign = -1 if metric in ("multiclass_log_loss", "multiclass_brier") else 1
    assert found.importance == pytest.approx(sign * (found.factual - expected), abs=1e-12)


@pytest.mark.parametrize("metric", METRICS)
def test_strata_and_blocks(metric, slow_expected):
    scores, values, labels = small_case(7, 2, 2, seed=3)
    within = np.array([0, 0, 0, 1, 1, 1, 2])
    found = exact_importance(scores, values, labels, metric, within=within)
    assert found.expected == pytest.approx(slow_expected(metric, scores, values, labels, within=within), abs=1e-12)
    blocks = np.array([0, 0, 1, 2, 2, 3, 3])
    moved = np.array([0, 1, 1, 0])[blocks]
    found = exact_importance(scores, moved, labels, metric, blocks=blocks)
    assert found.expected == pytest.approx(slow_expected(metric, scores, moved, labels, blocks=blocks), abs=1e-12)


@pytest.mark.parametrize("metric", METRICS)
def test_influence_is_what_leaving_a_row_out_costs(metric):
    scores, values, labels = world(120, 2, 2, seed=1)

    def left_out(i):
        kept = np.arange(120) != i
        return exact_importance(scores[kept], values[kept], labels[kept], metric).importance

    found = exact_importance(scores, values, labels, metric)
    slow = np.array([left_out(i) for i in range(120)])
    slow = 119 * (slow.mean() - slow)
    assert np.corrcoef(found.influence, slow)[0, 1] > 0.999
    assert found.influence.mean() == pytest.approx(0.0, abs=1e-12)
    assert found.estimate.standard_error == pytest.approx(np.sqrt(np.sum(slow**2) / 120 / 119), rel=0.03)
    assert found.largest_possible is None or abs(found.importance) <= found.largest_possible


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("n_rows", "n_values"), [(5, 2), (4, 3)])
def test_every_swap_has_the_importance_of_the_slow_twin(metric, n_rows, n_values, slow_expected, slow_metric_of):
    scores, values, labels = small_case(n_rows, 2, n_values, seed=4)
    statistic = swap_statistic(checked_rows(scores, values, labels), metric)
    orders = list(itertools.permutations(range(n_values)))
    patterns = list(itertools.product(orders, repeat=n_rows))[:: 1 if n_values == 2 else 97]
    fast = statistic.of(Orders(np.array(patterns).transpose(2, 1, 0)))
    sign = -1 if metric in ("multiclass_log_loss", "multiclass_brier") else 1
    for pattern, importance in zip(patterns, fast, strict=True):
        swapped = np.array([row[:, list(order)] for row, order in zip(scores, pattern, strict=True)])
        own = np.array([swapped[i, :, v] for i, v in enumerate(values)])
        slow = slow_metric_of(metric, labels, own) - slow_expected(metric, swapped, values, labels)
        assert importance == pytest.approx(sign * slow, abs=1e-12)


@pytest.mark.parametrize("metric", METRICS)
def test_sampled_and_exact_agree_within_their_error(metric):
    scores, values, labels = world(40, 2, 3, seed=5)
    exact = exact_importance(scores, values, labels, metric)
    sampled = sampled_importance(scores, values, labels, metric, 2000, seed=1)
    assert abs(sampled.expected - exact.expected) <= 4.5 * sampled.monte_carlo_se
    tested = importance_swap_test(scores, values, labels, 199, seed=1, metric=metric)
    assert tested.statistic == pytest.approx(exact.importance, abs=1e-12)


def test_metrics_are_those_of_scikit_learn():
    from sklearn.metrics import accuracy_score, balanced_accuracy_score, log_loss, roc_auc_score

    scores, _, labels = world(200, 1, 2, seed=6)
    own = scores[:, :, 0]
    decided = own[:, 0].argmax(axis=1)
    assert metric_value("macro_auroc", labels, own) == pytest.approx(
        roc_auc_score(labels, own[:, 0], multi_class="ovr")
    )
    assert metric_value("multiclass_accuracy", labels, own) == pytest.approx(accuracy_score(labels, decided))
    balanced = metric_value("multiclass_balanced_accuracy", labels, own)
    assert balanced == pytest.approx(balanced_accuracy_score(labels, decided))
    assert metric_value("multiclass_log_loss", labels, own) == pytest.approx(log_loss(labels, own[:, 0]))


def test_one_class_against_the_rest_is_a_binary_metric():
    scores, values, labels = world(60, 1, 2, seed=7)
    each = [exact_importance(scores[..., c], values, (labels == c).astype(int), "auroc") for c in range(3)]
    mean = exact_importance(scores, values, labels, "macro_auroc")
    assert mean.importance == pytest.approx(np.mean([found.importance for found in each]), abs=1e-15)
    assert mean.influence == pytest.approx(np.mean([found.influence for found in each], axis=0), abs=1e-15)


def test_two_classes_give_the_binary_metrics():
    scores, values, labels = small_case(30, 2, 2, seed=8, n_classes=2)
    for classes, binary in [("macro_auroc", "auroc"), ("multiclass_log_loss", "log_loss")]:
        found = exact_importance(scores, values, labels, classes)
        alone = exact_importance(scores[..., 1], values, labels, binary)
        assert found.importance == pytest.approx(alone.importance, abs=1e-12)
        assert found.estimate.standard_error == pytest.approx(alone.estimate.standard_error, abs=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metric": "auroc"}, "an axis of classes"),
        ({"scores": np.full((9, 1, 2), 0.3)}, "a score for each class"),
        ({"labels": np.full(9, 3)}, "0 .. 2, one for each score"),
        ({"labels": np.full(9, 0.5)}, "0 .. 2, one for each score"),
        ({"labels": np.ones(9)}, "both classes"),
        ({"scores": np.full((9, 1, 2, 3), 1.5), "metric": "multiclass_log_loss"}, "probabilities"),
    ],
)
def test_misuse_is_refused(change, message):
    scores, values, labels = small_case(9, 1, 2, seed=9)
    given = {"scores": scores, "values": values, "labels": labels, "metric": "macro_auroc"} | change
    with pytest.raises(ValueError, match=message):
        exact_importance(**given)


def test_classes_that_do_not_occur_have_no_part_in_a_mean():
    scores, _, labels = small_case(12, 1, 2, seed=10)
    two = np.where(labels == 2, 0, labels)
    expected = np.mean([metric_value("auroc", two == c, scores[:, :, 0, c]) for c in (0, 1)])
    assert metric_estimate("macro_auroc", two, scores[:, :, 0]).value == pytest.approx(expected)
