"""Estimates with their intervals: influence-function t intervals, t intervals of means.

The influence value of a row is what the estimate would gain, times the number of rows, if the row weighed
a little more. Its spread over rows is the sampling error of any smooth statistic (Hampel 1974; van der Vaart
1998, chapter 20). The bootstrap and the jackknife are its slow twins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from auditor.statistics.arrays import Array, Floats, cluster_index


@dataclass(frozen=True)
class Interval:
    """Limits of an interval; a one-sided bound has the end of the scale (or infinity) on its other side."""

    low: float
    high: float
    confidence: float
    method: str


@dataclass(frozen=True)
class Estimate:
    """A number, its standard error and the t quantile's degrees of freedom.

    Attributes:
        value: in the statistic's own unit.
        standard_error: in the same unit; infinite where one unit alone was observed.
        df: degrees of freedom of the t quantile, at least 1.
        n: rows.
        units: independent units (clusters, or rows where there are none).
        floor: used only where the standard error is exactly 0, because nothing moved in any row: the
            half-width of the interval is `floor * -ln(1 - confidence)`, the rule of three for zero events.
            0 means that no such bound is known.
        method: how the interval is made, in words for the report.
    """

    value: float
    standard_error: float
    df: float
    n: int
    units: int
    floor: float = 0.0
    method: str = "influence t"

    def interval(self, confidence: float) -> Interval:
        """Two-sided interval: value plus and minus the t quantile times the standard error."""
        half = self._half_width(confidence, (1.0 + confidence) / 2.0)
        return Interval(self.value - half, self.value + half, confidence, self._named())

    def lower(self, confidence: float) -> float:
        """One-sided lower bound: the truth is at least this, with the given confidence."""
        return self.value - self._half_width(confidence, confidence)

    def upper(self, confidence: float) -> float:
        """One-sided upper bound: the truth is at most this, with the given confidence."""
        return self.value + self._half_width(confidence, confidence)

    def _named(self) -> str:
        return "rule of three" if self.standard_error == 0.0 and self.floor > 0.0 else self.method

    def _half_width(self, confidence: float, level: float) -> float:
        check_confidence(confidence)
        if self.standard_error == 0.0:
            # Zero events bound |effect| from both sides at once, so one- and two-sided bounds agree.
            return self.floor * -math.log1p(-confidence)
        return t_quantile(level, self.df) * self.standard_error


def check_confidence(confidence: float) -> None:
    """Refuse what is not a confidence.

    Raises:
        ValueError: if `confidence` does not lie between 0 and 1.
    """
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must lie between 0 and 1, for example 0.95, not {confidence}")


def t_quantile(level: float, df: float) -> float:
    """Quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(df, level))


def normal_quantile(level: float) -> float:
    """Quantile of the standard normal."""
    from scipy.special import ndtri

    return float(ndtri(level))


def from_influence(
    value: float,
    influence: Floats,
    cells: Array,
    clusters: Array | None = None,
    *,
    floor: float = 0.0,
    extra_variance: float = 0.0,
) -> Estimate:
    """Estimate whose error is the spread of its influence values over rows or clusters.

    `SE^2 = U / (U - 1) sum over units of (sum of IF in the unit)^2 / n_rows^2`, which for rows is
    `sum IF^2 / (n_rows (n_rows - 1))`. Degrees of freedom by Welch and Satterthwaite over the cells, so that a
    few rows that carry the whole spread widen the interval; at most U - 1, at least 1.

    Args:
        value: the estimate.
        influence: (n_rows,), mean 0.
        cells: (n_rows,), any whole number that names the label x value cell of the row.
        clusters: (n_rows,) names of the independent units; None where rows are independent.
        floor: see `Estimate.floor`.
        extra_variance: variance from another source, such as sampled permutations, added to SE^2.

    Returns:
        An estimate with an infinite standard error where there is one unit only.

    Raises:
        ValueError: if there are no rows or the arrays differ in length.
    """
    n_rows = influence.shape[0]
    if n_rows == 0:
        raise ValueError("no rows: an estimate needs at least one")
    if np.asarray(cells).shape != (n_rows,):
        raise ValueError(f"cells have the shape {np.asarray(cells).shape}: one a row is needed, for {n_rows} rows")
    unit_of = cluster_index(clusters, n_rows)
    sums = np.bincount(unit_of, weights=influence)
    units = sums.shape[0]
    if units == 1:
        return Estimate(value, math.inf, 1.0, n_rows, 1, floor)
    variance = units / (units - 1) * float(sums @ sums) / n_rows**2 + extra_variance
    df = min(cell_degrees_of_freedom(influence, cells), float(units - 1))
    over = "influence t" if clusters is None else f"influence t over {units} clusters"
    return Estimate(value, math.sqrt(variance), max(df, 1.0), n_rows, units, floor, over)


def cell_degrees_of_freedom(influence: Floats, cells: Array) -> float:
    """Welch-Satterthwaite degrees of freedom: `(sum V)^2 / sum(V^2 / max(n - 1, 1/2))`, V = sum of IF^2 in a cell.

    Returns:
        n_rows - 1 where all influence values are 0 (no cell can be told from another).
    """
    index = np.unique(cells, return_inverse=True)[1].reshape(-1)
    variances = np.bincount(index, weights=influence**2)
    total = float(variances.sum())
    if total == 0.0:
        return float(max(influence.shape[0] - 1, 1))
    shares = variances / total
    return float(1.0 / np.sum(shares**2 / np.maximum(np.bincount(index) - 1.0, 0.5)))


def mean_estimate(per_row: Floats, clusters: Array | None = None, span: float = 0.0) -> Estimate:
    """Mean over rows with its t interval; whole clusters are the units where they are given.

    Args:
        per_row: (n_rows,), one number a row (draws averaged within the row).
        clusters: (n_rows,) names of the independent units, or None.
        span: the most that one row could show; bounds the mean by the rule of three where all rows show the same.

    Returns:
        An estimate with an infinite standard error where there is one unit only.

    Raises:
        ValueError: if there are no rows.
    """
    rows = np.asarray(per_row, dtype=np.float64)
    if rows.ndim != 1 or rows.size == 0:
        raise ValueError(f"a mean needs one number a row and at least one row, not the shape {rows.shape}")
    mean = float(rows.mean())
    # A constant column has no spread; its mean may still differ from it in the last bit.
    deviations = np.zeros_like(rows) if np.ptp(rows) == 0.0 else rows - mean
    base = from_influence(mean, deviations, np.zeros(rows.size, dtype=np.int64), clusters)
    df = float(max(base.units - 1, 1))
    over = "t over rows" if clusters is None else f"t over {base.units} clusters"
    return Estimate(mean, base.standard_error, df, base.n, base.units, span / base.units, over)
