"""What must hold of generated pictures before a finding is believed, as numbers with intervals; no gate is judged here.

Departures from DEPICT (sections 3.2 and 4), which shows AUROCs: a drop of the detector's AUROC proves little, since
after permutation it is 0.5 however weakly the concept was drawn, and side effects are invisible to it where concepts
are independent. So rendering and side effects are read from *pairs of pictures* that differ in one concept.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from auditor.statistics.arrays import Array, Floats
from auditor.statistics.decision_flips import decision_flips
from auditor.statistics.intervals import Estimate, from_influence, mean_estimate
from auditor.statistics.metric_estimate import metric_difference, metric_estimate
from auditor.statistics.metrics import Metric
from auditor.statistics.response import value_pairs
from auditor.statistics.shares import Proportion


@dataclass(frozen=True)
class OffTarget:
    """What detector k does when only concept j changes.

    Attributes:
        changed: share of rows whose decision of detector k changes, Wilson over rows or clusters.
        renoise_share: share that another draw of noise alone changes; None with one draw.
        mean_change: signed mean change of detector k when j is added, in the detector's unit; of several values the
            mean over pairs, weighted pi_v pi_w.
    """

    changed: Proportion
    renoise_share: float | None
    mean_change: Estimate


def generation_gap(
    metric: Metric, labels: Array, real: Array, generated: Array, clusters: Array | None = None, threshold: float = 0.5
) -> Estimate:
    """Metric on real pictures minus metric on generated ones, paired by row; both signs count against a generator.

    Args:
        metric: any.
        labels: (n_rows,).
        real: (n_rows,), scores of the real pictures.
        generated: (n_rows, n_draws), scores of the factual generated pictures.
        clusters: (n_rows,) names of independent units, or None.
        threshold: of decisions.

    Raises:
        ValueError: as `metric_estimate`.
    """
    of_real = metric_estimate(metric, labels, np.asarray(real)[:, None], clusters, threshold)
    of_generated = metric_estimate(metric, labels, generated, clusters, threshold)
    return metric_difference(of_real, of_generated, clusters)


def off_target(detector: Array, values: Array, clusters: Array | None = None, threshold: float = 0.5) -> OffTarget:
    """Side effect of changing concept j on what detector k sees.

    Args:
        detector: (n_rows, n_draws, n_values), scores of detector k with concept j set to each value (absent, present),
            one noise.
        values: (n_rows,), own values of concept j.
        clusters: (n_rows,) names of independent units, or None.
        threshold: of the detector's decision.

    Raises:
        ValueError: if there is no row, or fewer than two values.
    """
    found = np.asarray(detector, dtype=np.float64)
    flips = decision_flips(found >= threshold, values, clusters)
    change = np.zeros(found.shape[0])
    for first, second, weight in value_pairs(found.shape[2], values):
        change += weight * np.mean(found[:, :, second] - found[:, :, first], axis=1)
    return OffTarget(flips.share, flips.renoise_share, mean_estimate(change, clusters))


def detector_gap(real: Array, values: Array, clusters: Array | None = None) -> Estimate:
    """Mean of a detector on real pictures with its concept, minus that on those without.

    Args:
        real: (n_rows,), the detector's scores of real pictures.
        values: (n_rows,), 1 where the concept is present, else 0.
        clusters: (n_rows,) names of independent units, or None.

    Raises:
        ValueError: if all real pictures have the concept, or none has.
    """
    scores, present = np.asarray(real, dtype=np.float64), np.asarray(values) == 1
    if not 0 < present.sum() < present.size:
        raise ValueError("the detector's gap needs real pictures with the concept and without it")
    return from_influence(
        float(scores[present].mean() - scores[~present].mean()), _gap_influence(scores, present), present, clusters
    )


def rendering_strength(
    detector_added: Array,
    detector_removed: Array,
    real_mean_with: float,
    real_mean_without: float,
    clusters: Array | None = None,
    real_gap_se: float = 0.0,
) -> Estimate:
    """Mean change of a concept's detector when the concept is added, as a share of its gap on real pictures.

    The real gap is treated as fixed unless `real_gap_se` gives its standard error; then it enters by the delta method,
    as independent of the generated pictures. Where the same rows are in both, `rendering_strength_of_rows` is right.

    Args:
        detector_added: (n_rows, n_draws), the detector on pictures with the concept set present.
        detector_removed: same shape, set absent, same noise.
        real_mean_with: mean of the detector on real pictures with the concept.
        real_mean_without: mean on those without.
        clusters: (n_rows,) names of independent units, or None.
        real_gap_se: standard error of the difference of the two means; 0 treats it as fixed.

    Returns:
        1 where generated pictures show the concept as strongly as real ones.

    Raises:
        ValueError: if the detector does not see the concept on real pictures (a gap of 0 or less).
    """
    gap = real_mean_with - real_mean_without
    check_gap(gap)
    ratio = mean_estimate(_mean_change(detector_added, detector_removed) / gap, clusters, 1.0 / gap)
    return replace(ratio, standard_error=math.hypot(ratio.standard_error, ratio.value * real_gap_se / gap))


def rendering_strength_of_rows(
    detector_added: Array, detector_removed: Array, real: Array, values: Array, clusters: Array | None = None
) -> Estimate:
    """`rendering_strength` where rows are the same in both: delta method on joint influence values.

    Args:
        detector_added: (n_rows, n_draws), the detector on pictures with the concept set present.
        detector_removed: same shape, set absent, same noise.
        real: (n_rows,), the detector on the rows' real pictures.
        values: (n_rows,), own values of the concept.
        clusters: (n_rows,) names of independent units, or None.

    Raises:
        ValueError: if the detector does not see the concept on real pictures (a gap of 0 or less).
    """
    gap = detector_gap(real, values).value
    check_gap(gap)
    change, present = _mean_change(detector_added, detector_removed), np.asarray(values) == 1
    mean = float(change.mean())
    of_gap = _gap_influence(np.asarray(real, dtype=np.float64), present)
    return from_influence(mean / gap, (change - mean) / gap - mean / gap**2 * of_gap, present, clusters)


def check_gap(gap: float) -> None:
    """Refuse a detector that cannot be a yardstick.

    Raises:
        ValueError: if the gap is not above 0.
    """
    if not gap > 0.0:
        raise ValueError(f"the detector does not see its concept on real pictures: its gap there is {gap:.3g}")


def _mean_change(added: Array, removed: Array) -> Floats:
    change: Floats = np.mean(np.asarray(added, dtype=np.float64) - np.asarray(removed, dtype=np.float64), axis=1)
    return change


def _gap_influence(scores: Floats, present: Array) -> Floats:
    share = float(present.mean())
    influence: Floats = np.where(
        present, (scores - scores[present].mean()) / share, -(scores - scores[~present].mean()) / (1.0 - share)
    )
    return influence
