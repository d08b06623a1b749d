"""Bands that hold for all of several estimates at once."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from auditor.statistics.arrays import Array, Floats, cluster_index
from auditor.statistics.intervals import Estimate, Interval, check_confidence, t_quantile


def simultaneous_bands(
    estimates: Sequence[Estimate],
    influence: Floats,
    confidence: float,
    seed: int,
    clusters: Array | None = None,
    multipliers: int = 2000,
) -> tuple[Interval, ...]:
    """Intervals of several estimates on the same rows that all hold together with the given confidence.

    Multiplier bootstrap (Chernozhukov, Chetverikov and Kato 2013): the quantile of `max_j |sum_i xi_i IF_ij| / SE_j`
    over standard normal xi, one a unit, takes the place of the normal quantile. Departs from it: the quantile is
    carried over to Student's t with each estimate's degrees of freedom, so that one estimate alone gets its t interval.

    Args:
        estimates: J estimates.
        influence: (n_rows, J), their influence values.
        confidence: of all intervals together.
        seed: of the multipliers.
        clusters: (n_rows,) names of independent units, or None.
        multipliers: how many sets of xi are drawn.

    Returns:
        One interval an estimate; those without a standard error keep their own.

    Raises:
        ValueError: if there are no estimates or not one column for each.
    """
    check_confidence(confidence)
    found = np.asarray(influence, dtype=np.float64)
    if not estimates or found.ndim != 2 or found.shape[1] != len(estimates):
        raise ValueError(f"{len(estimates)} estimates need as many columns of influence values, not {found.shape}")
    unit_of = cluster_index(clusters, found.shape[0])
    sums = np.stack([np.bincount(unit_of, weights=column) for column in found.T], axis=1)
    size = np.sqrt(np.sum(sums**2, axis=0))
    moving = size > 0.0
    if not moving.any():
        return tuple(estimate.interval(confidence) for estimate in estimates)
    rng = np.random.default_rng([seed, zlib.crc32(b"simultaneous-bands")])
    largest = np.abs(rng.standard_normal((multipliers, sums.shape[0])) @ (sums[:, moving] / size[moving])).max(axis=1)
    level = normal_level(float(np.quantile(largest, confidence)))
    return tuple(band(estimate, level, confidence) for estimate in estimates)


def normal_level(quantile: float) -> float:
    """Share of the standard normal below a quantile."""
    from scipy.special import ndtr

    return float(ndtr(quantile))


def band(estimate: Estimate, level: float, confidence: float) -> Interval:
    """One interval of the band: the t quantile at the level that all share."""
    if estimate.standard_error == 0.0:
        return estimate.interval(confidence)
    half = t_quantile(level, estimate.df) * estimate.standard_error
    return Interval(estimate.value - half, estimate.value + half, confidence, "multiplier bootstrap")
