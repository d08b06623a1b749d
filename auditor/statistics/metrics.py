"""Performance metrics, each with the influence value of every (row, score) in it.

A row may hold several weighted scores (draws of noise, or all values of a concept); they are pooled, so that the
metric is that of one draw of the generator, not of an ensemble that nobody deploys. Probabilities are clipped to
[1e-7, 1 - 1e-7] in the log loss; a decision is 1 where the score is at least the threshold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from auditor.statistics.arrays import Array, Floats, Ints, cluster_index
from auditor.statistics.intervals import Estimate, from_influence
from auditor.statistics.placements import Levels, levels_of, mass_of, share_below

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


@dataclass(frozen=True)
class MetricTerms:
    """Value of a metric and the influence of each of its scores.

    Attributes:
        value: the metric.
        influence: (n_rows, n_scores); the influence of a row is the weighted sum over its scores.
    """

    value: float
    influence: Floats


@dataclass(frozen=True)
class MetricEstimate:
    """A metric with its interval.

    Attributes:
        value: the metric.
        influence: (n_rows,), for paired differences on the same rows.
        cells: (n_rows,), the label in classification, 0 in regression.
        estimate: with standard error and degrees of freedom.
        floor: see `Estimate.floor`.
    """

    value: float
    influence: Floats
    cells: Ints
    estimate: Estimate
    floor: float


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


def weighted_terms(metric: Metric, labels: Floats, scores: Floats, weights: Floats, threshold: float) -> MetricTerms:
    """A metric of weighted scores, and the influence of each score.

    Args:
        metric: any.
        labels: (n_rows,), checked.
        scores: (n_rows, n_scores).
        weights: (n_rows, n_scores), 1 in total within each row.
        threshold: of the decision.
    """
    if metric in RANKING:
        return ranking_terms(metric, labels, levels_of(scores), weights)
    terms = row_terms(metric, labels, scores, threshold)
    per_row = np.sum(weights * terms, axis=1)
    row_weight = row_weights(metric, labels)
    value = float(row_weight @ per_row)
    scaled = labels.shape[0] * row_weight
    centre = np.full(labels.shape[0], per_row.mean())
    if metric == "balanced_accuracy":
        centre = np.where(labels == 1.0, per_row[labels == 1.0].mean(), per_row[labels == 0.0].mean())
    influence = scaled[:, None] * (terms - centre[:, None])
    if metric == "r2":
        # SST is estimated too: a row far from the mean label makes every error look smaller.
        squares = (labels - labels.mean()) ** 2
        influence = influence - value * (squares / squares.mean() - 1.0)[:, None]
        value = 1.0 + value
    return MetricTerms(value, influence)


def ranking_terms(metric: Metric, labels: Floats, levels: Levels, weights: Floats) -> MetricTerms:
    """AUROC or average precision of weighted scores given as levels, and the influence of each.

    AUROC: `(placement - AUROC) / share of the row's class`, the placement being the share of the other class on the
    right side (DeLong, DeLong and Clarke-Pearson 1988). Average precision: the derivative of
    `sum_l t_l T_l / (T_l + F_l) / sum_l t_l` in the mass of the score's own level, t and f being the mass of positives
    and negatives at a level, T and F at it or above; the mean of these derivatives is 0, since scaling all
    masses changes nothing.
    """
    positive = labels == 1.0
    codes, n_levels = levels.codes, levels.n_levels
    hits = mass_of(codes[positive], weights[positive], n_levels)
    misses = mass_of(codes[~positive], weights[~positive], n_levels)
    if metric == "auroc":
        return auroc_terms(positive, codes, hits, misses)
    n_rows, n_positive = labels.shape[0], float(positive.sum())
    above_hits, above_misses = np.cumsum(hits[::-1])[::-1], np.cumsum(misses[::-1])[::-1]
    above = np.maximum(above_hits + above_misses, 1e-300)
    precision = above_hits / above
    value = float(hits @ precision / n_positive)
    gain = precision - value + np.cumsum(hits * above_misses / above**2)
    loss = -np.cumsum(hits * above_hits / above**2)
    influence = n_rows / n_positive * np.where(positive[:, None], gain[codes], loss[codes])
    return MetricTerms(value, influence)


def auroc_terms(positive: Array, codes: Ints, hits: Floats, misses: Floats) -> MetricTerms:
    """AUROC and influences from the mass of positives (`hits`) and negatives (`misses`) at each level."""
    below, above = share_below(misses), 1.0 - share_below(hits)
    value = float(hits @ below / hits.sum())
    share = float(positive.mean())
    influence = np.where(positive[:, None], (below[codes] - value) / share, (above[codes] - value) / (1.0 - share))
    return MetricTerms(value, influence)


def metric_estimate(
    metric: Metric, labels: Array, scores: Array, clusters: Array | None = None, threshold: float = 0.5
) -> MetricEstimate:
    """A metric of one set of pictures, with its influence values and interval.

    Args:
        metric: any.
        labels: (n_rows,).
        scores: (n_rows, n_draws); draws weigh 1 / n_draws each.
        clusters: (n_rows,) names of the independent units, or None.
        threshold: of the decision.

    Raises:
        ValueError: if shapes disagree, numbers are not finite, or the labels do not suit the metric.
    """
    truth, found = np.asarray(labels, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if found.ndim != 2 or found.size == 0 or truth.shape != found.shape[:1]:
        raise ValueError(f"scores must have the shape (n_rows, n_draws) of {truth.shape} labels, not {found.shape}")
    if not np.isfinite(found).all() or not np.isfinite(truth).all():
        raise ValueError("scores and labels must be finite: drop rows whose picture failed before estimating")
    check_metric(metric, truth)
    weights = np.full(found.shape, 1.0 / found.shape[1])
    terms = weighted_terms(metric, truth, found, weights, threshold)
    influence = terms.influence.mean(axis=1)
    cells = label_cells(metric, truth)
    floor = metric_floor(metric, truth, found, clusters, threshold)
    return MetricEstimate(
        terms.value, influence, cells, from_influence(terms.value, influence, cells, clusters, floor=floor), floor
    )


def metric_value(metric: Metric, labels: Array, scores: Array, threshold: float = 0.5) -> float:
    """A metric of one set of pictures: `labels` (n_rows,), `scores` (n_rows, n_draws).

    Raises:
        ValueError: if shapes disagree, numbers are not finite, or the labels do not suit the metric.
    """
    return metric_estimate(metric, labels, scores, threshold=threshold).value


def metric_difference(first: MetricEstimate, second: MetricEstimate, clusters: Array | None = None) -> Estimate:
    """Paired difference of two metrics on the same rows, such as real minus generated pictures.

    Raises:
        ValueError: if the two do not have the same number of rows.
    """
    if first.influence.shape != second.influence.shape:
        raise ValueError(
            f"a paired difference needs the same rows: {first.influence.size} and {second.influence.size} were given"
        )
    influence = first.influence - second.influence
    floor = max(first.floor, second.floor)
    return from_influence(first.value - second.value, influence, first.cells, clusters, floor=floor)
