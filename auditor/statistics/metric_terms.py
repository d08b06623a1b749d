"""Additive metrics as sums over rows, `sum_i a_i L(y_i, s_i) + b`, and the rule of three where no row moves."""

from __future__ import annotations

from typing import Final

import numpy as np

from auditor.statistics.arrays import Array, Floats, cluster_index
from auditor.statistics.metrics import BALANCED, RANKING, Metric

LOG_LOSS_CLIP: Final = 1e-7
OF_PROBABILITIES: Final = ("log_loss", "brier", "multiclass_log_loss", "multiclass_brier")


def row_terms(metric: Metric, labels: Floats, scores: Floats, threshold: float = 0.5) -> Floats:
    """L(y, s) of an additive metric: right decision (0 or 1), loss, or squared error for R2.

    Args:
        metric: an additive one.
        labels: (n_rows,).
        scores: (n_rows, ...), any further axes; of a metric of classes the last one holds the classes.
        threshold: of the decision about labels of 0 and 1.

    Returns:
        Same shape as the scores, without the axis of classes.

    Raises:
        ValueError: for a metric that ranks, or scores outside 0 .. 1 where probabilities are needed.
    """
    if metric in RANKING:
        raise ValueError(f"{metric} is not a sum over rows")
    if metric in OF_PROBABILITIES and (scores.min() < 0.0 or scores.max() > 1.0):
        raise ValueError(f"{metric} needs probabilities, and the scores run from {scores.min()} to {scores.max()}")
    if metric.startswith("multiclass_"):
        return _class_terms(metric, labels.astype(np.int64), scores)
    truth = labels.reshape(-1, *([1] * (scores.ndim - 1)))
    if metric in ("accuracy", "balanced_accuracy"):
        right: Floats = ((scores >= threshold) == (truth == 1.0)).astype(np.float64)
        return right
    if metric == "log_loss":
        p = np.clip(scores, LOG_LOSS_CLIP, 1.0 - LOG_LOSS_CLIP)
        losses: Floats = -(truth * np.log(p) + (1.0 - truth) * np.log1p(-p))
        return losses
    if metric == "mean_absolute_error":
        distances: Floats = np.abs(scores - truth)
        return distances
    squares: Floats = (scores - truth) ** 2
    return squares


def _class_terms(metric: str, classes: Array, scores: Floats) -> Floats:
    """The terms of metrics of classes; `scores` (n_rows, ..., n_classes)."""
    truth = classes.reshape(-1, *([1] * (scores.ndim - 2)))
    if metric in ("multiclass_accuracy", "multiclass_balanced_accuracy"):
        right: Floats = (np.argmax(scores, axis=-1) == truth).astype(np.float64)
        return right
    of_truth = np.take_along_axis(scores, np.broadcast_to(truth[..., None], (*scores.shape[:-1], 1)), axis=-1)[..., 0]
    if metric == "multiclass_log_loss":
        losses: Floats = -np.log(np.clip(of_truth, LOG_LOSS_CLIP, 1.0 - LOG_LOSS_CLIP))
        return losses
    squares: Floats = np.sum(scores**2, axis=-1) - of_truth**2 + (1.0 - of_truth) ** 2
    return squares


def row_weights(metric: Metric, labels: Floats) -> Floats:
    """a_i of an additive metric, (n_rows,): functions of labels alone."""
    n_rows = labels.shape[0]
    if metric in BALANCED:
        _, index, counts = np.unique(labels, return_inverse=True, return_counts=True)
        weights: Floats = 1.0 / (counts.size * counts[index.reshape(-1)])
        return weights
    if metric == "r2":
        return np.full(n_rows, -1.0 / float(np.sum((labels - labels.mean()) ** 2)))
    return np.full(n_rows, 1.0 / n_rows)


def zero_event_floor(metric: str, labels: Floats, clusters: Array | None, largest_term: float = 1.0) -> float:
    """Rule-of-three scale of a metric that no row moves: its error is at most this times `-ln(1 - confidence)`.

    If none of n units moved, at most `-ln(1 - c) / n` of all units do, with confidence c. A ranking or balanced metric
    moves by at most that share of the smallest class; any other by that share of all rows, times the largest term seen
    (1 for accuracy and Brier). For unbounded losses this assumes that an unseen row moves no further than that.

    Args:
        metric: any.
        labels: (n_rows,).
        clusters: (n_rows,) names of the independent units, or None.
        largest_term: largest L(y, s) of the unbounded losses.
    """
    unit_of = cluster_index(clusters, labels.shape[0])
    if metric in RANKING or metric in BALANCED:
        return 1.0 / min(np.unique(unit_of[labels == c]).size for c in np.unique(labels))
    scale = 1.0 if metric in ("accuracy", "multiclass_accuracy", "brier") else largest_term
    if metric == "r2":
        scale /= float(labels.var())
    return scale / np.unique(unit_of).size


def metric_floor(metric: Metric, labels: Floats, scores: Floats, clusters: Array | None, threshold: float) -> float:
    """`zero_event_floor` with the largest term taken from these scores, of any shape (n_rows, ...)."""
    largest = 1.0 if metric in RANKING else float(row_terms(metric, labels, scores, threshold).max())
    return zero_event_floor(metric, labels, clusters, largest)
