"""A performance metric with its interval, and the paired difference of two on the same rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auditor.statistics.arrays import Array, Floats, Ints
from auditor.statistics.intervals import Estimate, from_influence
from auditor.statistics.metric_influence import weighted_terms
from auditor.statistics.metric_terms import metric_floor
from auditor.statistics.metrics import Metric, check_metric, label_cells


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


def metric_estimate(
    metric: Metric, labels: Array, scores: Array, clusters: Array | None = None, threshold: float = 0.5
) -> MetricEstimate:
    """A metric of one set of pictures, with its influence values and interval.

    Args:
        metric: any.
        labels: (n_rows,).
        scores: (n_rows, n_draws), of a metric of classes (n_rows, n_draws, n_classes); draws weigh 1 / n_draws each.
        clusters: (n_rows,) names of the independent units, or None.
        threshold: of the decision.

    Raises:
        ValueError: if shapes disagree, numbers are not finite, or the labels do not suit the metric.
    """
    truth, found = np.asarray(labels, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if found.ndim not in (2, 3) or found.size == 0 or truth.shape != found.shape[:1]:
        raise ValueError(f"scores must have the shape (n_rows, n_draws) of {truth.shape} labels, not {found.shape}")
    if not np.isfinite(found).all() or not np.isfinite(truth).all():
        raise ValueError("scores and labels must be finite: drop rows whose picture failed before estimating")
    check_metric(metric, truth, found.shape[2] if found.ndim == 3 else None)
    weights = np.full(found.shape[:2], 1.0 / found.shape[1])
    terms = weighted_terms(metric, truth, found, weights, threshold)
    influence = terms.influence.mean(axis=1)
    cells = label_cells(metric, truth)
    floor = metric_floor(metric, truth, found, clusters, threshold)
    return MetricEstimate(
        terms.value, influence, cells, from_influence(terms.value, influence, cells, clusters, floor=floor), floor
    )


def metric_value(metric: Metric, labels: Array, scores: Array, threshold: float = 0.5) -> float:
    """A metric of one set of pictures: `labels` (n_rows,), `scores` as `metric_estimate`.

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
