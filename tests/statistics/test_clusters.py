"""Clustered intervals against their slow twins: leaving a cluster out, and resampling clusters."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.statistics import exact_importance, response

CLUSTERS = np.repeat(np.arange(50), 3)


def world(seed):
    """Pictures of one source share content and side effects, and have one label; the value differs between them."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(50) % 2)[CLUSTERS]
    values = rng.integers(0, 2, 150)
    source = rng.normal(size=(50, 1, 1))[CLUSTERS]
    side = 0.6 * rng.normal(size=(50, 1, 2))[CLUSTERS]
    own = rng.normal(size=(150, 2, 1))
    latent = source + own + side + labels[:, None, None] + np.array([0.0, 0.7])
    return 1 / (1 + np.exp(-latent)), values, labels


def importance_of(rows, scores, values, labels, metric):
    return exact_importance(scores[rows], values[rows], labels[rows], metric).importance


@pytest.mark.parametrize("metric", ["auroc", "balanced_accuracy", "brier"])
def test_leaving_a_cluster_out(metric):
    scores, values, labels = world(1)
    found = exact_importance(scores, values, labels, metric, clusters=CLUSTERS)
    left_out = np.array([importance_of(c != CLUSTERS, scores, values, labels, metric) for c in range(50)])
    slow = np.sqrt(49 / 50 * np.sum((left_out - left_out.mean()) ** 2))
    assert found.estimate.standard_error == pytest.approx(slow, rel=0.06)
    by_row = exact_importance(scores, values, labels, metric).estimate.standard_error
    assert found.estimate.standard_error != pytest.approx(by_row, rel=0.05)
    assert (found.estimate.n, found.estimate.units) == (150, 50)
    assert found.estimate.df <= 49


def test_resampling_clusters():
    scores, values, labels = world(2)
    found = exact_importance(scores, values, labels, "auroc", clusters=CLUSTERS)
    rng = np.random.default_rng(3)
    resampled = []
    for _ in range(1000):
        rows = (3 * rng.integers(0, 50, 50)[:, None] + np.arange(3)).ravel()
        resampled.append(importance_of(rows, scores, values, labels, "auroc"))
    assert found.estimate.standard_error == pytest.approx(np.std(resampled, ddof=1), rel=0.12)


def test_clustered_responses():
    scores, _, _ = world(4)
    found = response(scores, CLUSTERS)
    rng = np.random.default_rng(5)
    means, squares = [], []
    for _ in range(1000):
        rows = (3 * rng.integers(0, 50, 50)[:, None] + np.arange(3)).ravel()
        again = response(scores[rows])
        means.append(again.mean.value)
        squares.append(again.square.value)
    assert found.mean.standard_error == pytest.approx(np.std(means, ddof=1), rel=0.1)
    assert found.square.standard_error == pytest.approx(np.std(squares, ddof=1), rel=0.15)
