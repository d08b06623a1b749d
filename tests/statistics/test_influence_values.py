"""Influence values and standard errors against the delete-one jackknife and row resamples."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.statistics import exact_importance, generation_gap, metric_estimate, metric_value
from auditor.statistics.arrays import checked_rows
from auditor.statistics.exact_permutation import expectation
from auditor.statistics.permutation_law import permutation_law

METRICS = ("auroc", "accuracy", "balanced_accuracy", "log_loss", "brier", "mean_absolute_error", "r2")


def world(n_rows, n_draws, n_values, seed, regression=False):
    """Scores that rise with the concept, the label and a row's own content; label and concept go together."""
    rng = np.random.default_rng(seed)
    values = rng.choice(n_values, n_rows, p=[0.6, 0.4] if n_values == 2 else [0.5, 0.3, 0.2])
    labels = (rng.normal(size=n_rows) + 0.6 * values > 0.4).astype(float)
    own = rng.normal(size=(n_rows, 1, 1)) + labels[:, None, None]
    latent = own + 0.7 * np.arange(n_values) + 0.3 * rng.normal(size=(n_rows, n_draws, n_values))
    scores = 1 / (1 + np.exp(-(latent - 0.8)))
    return scores, values, labels + (0.5 * rng.normal(size=n_rows) if regression else 0.0)


def jackknifed(statistic, n_units):
    """n times what the estimate loses when a unit is left out, (n_units,), less its mean."""
    found = np.array([statistic(np.arange(n_units) != i) for i in range(n_units)])
    return (n_units - 1) * (found.mean() - found)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("n_draws", "n_values"), [(1, 2), (2, 3)])
def test_influence_is_what_leaving_a_row_out_costs(metric, n_draws, n_values):
    scores, values, labels = world(120, n_draws, n_values, seed=1, regression=metric in METRICS[5:])
    found = exact_importance(scores, values, labels, metric, threshold=0.45)
    slow = jackknifed(
        lambda kept: exact_importance(scores[kept], values[kept], labels[kept], metric, threshold=0.45).importance, 120
    )
    assert np.corrcoef(found.influence, slow)[0, 1] > 0.999
    assert found.influence.mean() == pytest.approx(0.0, abs=1e-12)
    slow_se = np.sqrt(np.sum(slow**2) / 120 / 119)
    assert found.estimate.standard_error == pytest.approx(slow_se, rel=0.03)


@pytest.mark.parametrize("metric", ["auroc", "balanced_accuracy"])
def test_influence_under_strata(metric):
    scores, values, labels = world(120, 2, 2, seed=2)
    within = np.arange(120) % 3

    def statistic(kept):
        return exact_importance(scores[kept], values[kept], labels[kept], metric, within=within[kept]).importance

    found = exact_importance(scores, values, labels, metric, within=within)
    assert np.corrcoef(found.influence, jackknifed(statistic, 120))[0, 1] > 0.999


@pytest.mark.parametrize("metric", ["auroc", "brier"])
def test_standard_error_of_blocks_is_that_of_leaving_a_block_out(metric):
    rng = np.random.default_rng(3)
    blocks = np.sort(rng.integers(0, 60, 240))
    scores, values, labels = world(240, 2, 2, seed=3)
    values = np.arange(60)[blocks] % 2
    names = np.unique(blocks)

    def statistic(kept):
        rows = np.isin(blocks, names[kept])
        return exact_importance(scores[rows], values[rows], labels[rows], metric, blocks=blocks[rows]).importance

    found = exact_importance(scores, values, labels, metric, blocks=blocks)
    slow = jackknifed(statistic, names.size)
    sums = np.bincount(np.unique(blocks, return_inverse=True)[1], weights=found.influence)
    assert np.corrcoef(sums, slow)[0, 1] > 0.995
    slow_se = np.sqrt(np.sum(slow**2) / names.size / (names.size - 1))
    assert found.estimate.standard_error == pytest.approx(slow_se, rel=0.06)


def test_influence_of_average_precision_is_that_of_its_mixture_plug_in():
    scores, values, labels = world(120, 2, 2, seed=4)

    def plug_in(kept):
        rows = checked_rows(scores[kept], values[kept], labels[kept])
        found = expectation(rows, "average_precision", 0.5, permutation_law(rows.values, 2))
        return found.factual - found.expected

    rows = checked_rows(scores, values, labels)
    found = expectation(rows, "average_precision", 0.5, permutation_law(rows.values, 2))
    assert np.corrcoef(found.influence, jackknifed(plug_in, 120))[0, 1] > 0.999


@pytest.mark.parametrize("metric", [*METRICS, "average_precision"])
def test_influence_of_a_plain_metric(metric):
    scores, _, labels = world(120, 2, 2, seed=5, regression=metric in METRICS[5:])
    found = metric_estimate(metric, labels, scores[:, :, 0])
    slow = jackknifed(lambda kept: metric_value(metric, labels[kept], scores[kept, :, 0]), 120)
    assert np.corrcoef(found.influence, slow)[0, 1] > 0.999
    assert found.influence.mean() == pytest.approx(0.0, abs=1e-12)


def test_standard_error_is_that_of_row_resamples():
    """2,000 resamples of rows; those of clusters where pictures share a source."""
    scores, values, labels = world(150, 2, 2, seed=6)
    rng = np.random.default_rng(7)
    found = exact_importance(scores, values, labels, "auroc")
    resampled = []
    for _ in range(2000):
        rows = rng.integers(0, 150, 150)
        resampled.append(exact_importance(scores[rows], values[rows], labels[rows], "auroc").importance)
    assert found.estimate.standard_error == pytest.approx(np.std(resampled, ddof=1), rel=0.08)


def test_clusters_of_copies_count_once():
    """Each row three times over says no more than each row once."""
    scores, values, labels = world(100, 1, 2, seed=8)
    once = exact_importance(scores, values, labels, "accuracy").estimate
    thrice = exact_importance(
        np.repeat(scores, 3, axis=0),
        np.repeat(values, 3),
        np.repeat(labels, 3),
        "accuracy",
        clusters=np.repeat(np.arange(100), 3),
    ).estimate
    assert thrice.standard_error == pytest.approx(once.standard_error, rel=1e-9)
    assert thrice.df <= 99
    assert (thrice.n, thrice.units) == (300, 100)


def test_a_metric_of_pictures_that_are_all_right_still_has_an_interval():
    labels = np.repeat([0.0, 1.0], 30)
    found = metric_estimate("auroc", labels, labels[:, None])
    assert found.value == 1.0
    assert found.estimate.lower(0.95) == pytest.approx(1 + np.log(0.05) / 30)


def test_paired_difference_is_smaller_than_unpaired():
    scores, values, labels = world(200, 1, 2, seed=9)
    real = scores[np.arange(200), 0, values]
    generated = np.clip(scores[np.arange(200), :, values] + 0.02, 0, 1)
    same = generation_gap("auroc", labels, real, generated)
    assert same.value == pytest.approx(0.0, abs=1e-12)
    other = np.random.default_rng(0).permuted(generated, axis=0)
    apart = generation_gap("auroc", labels, real, other)
    assert apart.value == pytest.approx(
        metric_value("auroc", labels, real[:, None]) - metric_value("auroc", labels, other)
    )
    assert apart.standard_error > 0.02


@pytest.mark.parametrize(
    ("labels", "scores", "message"),
    [
        (np.array([0, 1]), np.zeros((3, 1)), "shape"),
        (np.array([0, 1]), np.array([[0.1], [np.inf]]), "finite"),
        (np.array([0, 0]), np.zeros((2, 1)), "both classes"),
    ],
)
def test_misuse_of_a_metric_is_refused(labels, scores, message):
    with pytest.raises(ValueError, match=message):
        metric_value("auroc", labels, scores)


def test_noise_sd_is_the_spread_over_new_draws():
    """Rows held fixed, draws made again 400 times."""
    rng = np.random.default_rng(10)
    n_rows, draws = 100, 3
    values, labels = rng.integers(0, 2, n_rows), rng.integers(0, 2, n_rows)
    own = rng.normal(size=(n_rows, 1, 1)) + 0.8 * np.array([0.0, 1.0])

    def generate():
        return own + 0.7 * rng.normal(size=(n_rows, draws, 1)) + 0.4 * rng.normal(size=(n_rows, draws, 2))

    repeats = [exact_importance(generate(), values, labels, "auroc") for _ in range(400)]
    truth = np.std([found.importance for found in repeats], ddof=1)
    formula = np.mean([found.noise_sd for found in repeats])
    assert formula == pytest.approx(truth, rel=0.1)
