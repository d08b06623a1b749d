"""Performance metrics: their names, what each needs of its labels, and the additive ones as sums over rows.

A decision is 1 where the score is at least the threshold; in the log loss probabilities are
clipped to [1e-7, 1 - 1e-7].
"""

from __future__ import annotations

from typing import Final, Literal, get_args

import numpy as np

from auditor.statistics.arrays import Array, Floats, Ints, cluster_index

Metric = Literal[
    "auroc",
    "accuracy",
    "balanced_accuracy",
    "log_loss",
    "brier",
    "mean_absolute_error",
    "mean_squared_error",
    "r2",
    "average_precision",
]

RANKING: Final[frozenset[str]] = frozenset({"auroc", "average_precision"})
CLASSIFYING: Final[frozenset[str]] = RANKING | {"accuracy", "balanced_accuracy", "log_loss", "brier"}
LOWER_IS_BETTER: Final[frozenset[str]] = frozenset({"log_loss", "brier", "mean_absolute_error", "mean_squared_error"})
LOG_LOSS_CLIP: Final = 1e-7


def check_metric(metric: str, labels: Floats) -> None:
    """Refuse a metric that is unknown or that these labels cannot have.

    Raises:
        ValueError: for an unknown name, labels other than 0 and 1 in classification, a missing class where both are
            needed, or constant labels for R2.
    """
    if metric not in get_args(Metric):
        raise ValueError(f"unknown metric {metric!r} (known: {', '.join(sorted(get_args(Metric)))})")
    if metric in CLASSIFYING and not np.isin(labels, (0.0, 1.0)).all():
        raise ValueError(f"{metric} needs labels that are 0 or 1")
    if metric in RANKING | {"balanced_accuracy"} and np.unique(labels).size < 2:
        raise ValueError(f"{metric} needs rows of both classes, and all {labels.size} have one label")
    if metric == "r2" and np.ptp(labels) == 0.0:
        raise ValueError("r2 needs labels that differ: their variance is its denominator")


def sign_of(metric: str) -> float:
    """1 where a higher value is better, -1 for losses."""
    return -1.0 if metric in LOWER_IS_BETTER else 1.0


def label_cells(metric: str, labels: Floats) -> Ints:
    """The class of each row in classification, 0 in regression, (n_rows,)."""
    return labels.astype(np.int64) if metric in CLASSIFYING else np.zeros(labels.shape[0], dtype=np.int64)


def row_terms(metric: Metric, labels: Floats, scores: Floats, threshold: float = 0.5) -> Floats:
    """L(y, s) of an additive metric: right decision (0 or 1), loss, or squared error for R2.

    Args:
        metric: an additive one.
        labels: (n_rows,).
        scores: (n_rows, ...), any further axes.
        threshold: of the decision.

    Returns:
        Same shape as the scores.

    Raises:
        ValueError: for a metric that ranks, or scores outside 0 .. 1 where probabilities are needed.
    """
    truth = labels.reshape(-1, *([1] * (scores.ndim - 1)))
    if metric in ("accuracy", "balanced_accuracy"):
        right: Floats = ((scores >= threshold) == (truth == 1.0)).astype(np.float64)
        return right
    if metric in ("log_loss", "brier") and (scores.min() < 0.0 or scores.max() > 1.0):
        raise ValueError(f"{metric} needs probabilities, and the scores run from {scores.min()} to {scores.max()}")
    if metric == "log_loss":
        p = np.clip(scores, LOG_LOSS_CLIP, 1.0 - LOG_LOSS_CLIP)
        losses: Floats = -(truth * np.log(p) + (1.0 - truth) * np.log1p(-p))
        return losses
    if metric in ("brier", "mean_squared_error", "r2"):
        squares: Floats = (scores - truth) ** 2
        return squares
    if metric == "mean_absolute_error":
        distances: Floats = np.abs(scores - truth)
        return distances
    raise ValueError(f"{metric} is not a sum over rows")


def row_weights(metric: Metric, labels: Floats) -> Floats:
    """a_i of an additive metric `sum_i a_i L_i + b`, (n_rows,): functions of labels alone."""
    n_rows = labels.shape[0]
    if metric == "balanced_accuracy":
        positives = float(labels.sum())
        return np.where(labels == 1.0, 0.5 / positives, 0.5 / (n_rows - positives))
    if metric == "r2":
        return np.full(n_rows, -1.0 / float(np.sum((labels - labels.mean()) ** 2)))
    return np.full(n_rows, 1.0 / n_rows)


def zero_event_floor(metric: str, labels: Floats, clusters: Array | None, largest_term: float = 1.0) -> float:
    """Rule-of-three scale of a metric that no row moves: its error is at most this times `-ln(1 - confidence)`.

    If none of n units moved, at most `-ln(1 - c) / n` of all units do, with confidence c. A ranking or balanced metric
    moves by at most that share of the smaller class; any other by that share of all rows, times the largest term seen
    (1 for accuracy and Brier). For unbounded losses this assumes that an unseen row moves no further than that.

    Args:
        metric: any.
        labels: (n_rows,).
        clusters: (n_rows,) names of the independent units, or None.
        largest_term: largest L(y, s) of the unbounded losses.
    """
    unit_of = cluster_index(clusters, labels.shape[0])
    if metric in RANKING or metric == "balanced_accuracy":
        return 1.0 / min(np.unique(unit_of[labels == 1.0]).size, np.unique(unit_of[labels == 0.0]).size)
    scale = 1.0 if metric in ("accuracy", "brier") else largest_term
    if metric == "r2":
        scale /= float(labels.var())
    return scale / np.unique(unit_of).size


def metric_floor(metric: Metric, labels: Floats, scores: Floats, clusters: Array | None, threshold: float) -> float:
    """`zero_event_floor` with the largest term taken from these scores, of any shape (n_rows, ...)."""
    largest = 1.0 if metric in RANKING else float(row_terms(metric, labels, scores, threshold).max())
    return zero_event_floor(metric, labels, clusters, largest)
