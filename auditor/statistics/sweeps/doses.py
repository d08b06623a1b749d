"""How strong controls are beside the property, and what that bounds.

A model without any preference moves further along the property than along a control where the property changes more
pixels. If its E|grad| is one function of the dose, whatever changes, which never falls and grows at most in
proportion, then the log ratio `l` of an image is at most `max(0, -log r)`, r = dose of control / dose of property. So
the mean over images and controls of `max(0, -log r)` is the most that such a model's mean log ratio can be, on the
very images of the claim. A comparison is fair where controls are as strong as the property over all images and that
bound, the *apparent* ratio, lies at most at the ratio that is claimed.

Departure from "the mean ratio" (statistics, section 8): pictures that the property hardly changes have ratios of
hundreds, so that a mean of ratios has no limits worth the name, and makes up for controls that are too weak elsewhere;
a ratio of mean doses has limits, and makes up for them too (where log ratios differ by SD 1.5, one of .8 lets an
unbiased model be accused in most audits). Hence the ratio of means, and the bound beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from auditor.statistics.arrays import Array, Floats, cluster_index
from auditor.statistics.intervals import Interval, check_confidence, mean_estimate, t_quantile

NO_DOSE: Final = 1e-6
"""A ratio below this is taken as this: a control that changes nothing, as little as a flat curve (`controls.FLAT`)."""


@dataclass(frozen=True)
class SkewedMean:
    """A mean over images, or what is one to first order, with limits for skewed values.

    One-sided limits by Hall's transformation of Student's t (Hall, 1992, "On the removal of skewness by
    transformation"): doses are skewed, and so are logs that are cut off.

    Attributes:
        mean: the estimate.
        scale: SD of the units' values (divisor: the number of units).
        skewness: of the units' values; 0 where they are all alike.
        units: independent units.
        df: degrees of freedom of the limits.
        method: how limits are made.
        logs: whether `mean` is a logarithm; `value` and limits are not.
    """

    mean: float
    scale: float
    skewness: float
    units: int
    df: float
    method: str
    logs: bool

    @property
    def value(self) -> float:
        """The estimate."""
        return self._told(self.mean)

    def lower(self, confidence: float) -> float:
        """One-sided lower bound; 0 where there is one unit."""
        check_confidence(confidence)
        return self._limit(confidence)

    def upper(self, confidence: float) -> float:
        """One-sided upper bound; infinite where there is one unit."""
        check_confidence(confidence)
        return self._limit(1.0 - confidence)

    def interval(self, confidence: float) -> Interval:
        """Two-sided interval."""
        tail = (1.0 - confidence) / 2.0
        of = " of logs" if self.logs else ""
        return Interval(
            self.lower(1.0 - tail), self.upper(1.0 - tail), confidence, f"{self.method}{of}, skewness removed"
        )

    def _told(self, mean: float) -> float:
        return math.exp(min(mean, 700.0)) if self.logs else max(mean, 0.0)

    def _limit(self, level: float) -> float:
        if self.units < 2:
            return 0.0 if level > 0.5 else math.inf
        if self.scale == 0.0:
            return self.value
        skew = self.skewness
        # Over units - 1, so that the limits of values without skewness are those of t.
        wanted = t_quantile(level, self.df) / math.sqrt(self.units - 1)
        # The root of `S + skew S^2 / 3 + skew^2 S^3 / 27 + skew / (6 units) = wanted`.
        if abs(skew) > 1e-6:
            wanted = 3.0 / skew * (float(np.cbrt(1.0 + skew * (wanted - skew / (6.0 * self.units)))) - 1.0)
        return self._told(self.mean - self.scale * wanted)


def dose_ratios(property_doses: Array, control_doses: Array, clusters: Array | None = None) -> tuple[SkewedMean, ...]:
    """Mean dose of each control over the mean dose of the property, with limits of the linearised ratio.

    A dose is the mean distance of a sweep's frames from its first frame, in pixels or another stated measure.

    Args:
        property_doses: (n_images,), above 0.
        control_doses: (n_images, n_controls), of at least 0.
        clusters: (n_images,) names of independent units, or None.

    Raises:
        ValueError: shapes disagree, or the property moves no pixel of some image.
    """
    ours, theirs = _checked(property_doses, control_doses)
    found = []
    for column in theirs.T:
        ratio = float(column.mean() / ours.mean())
        found.append(_skewed_mean(ratio, (column - ratio * ours) / ours.mean(), clusters, logs=False))
    return tuple(found)


def apparent_ratio(property_doses: Array, control_doses: Array, clusters: Array | None = None) -> SkewedMean:
    """How many times further than along the controls a model without preference may seem to follow the property.

    The geometric mean, over images and controls, of `max(1, dose of property / dose of control)`: at least 1.
    Arguments and errors are those of `dose_ratios`.
    """
    ours, theirs = _checked(property_doses, control_doses)
    logs = -np.log(np.clip(theirs / ours[:, None], NO_DOSE, 1.0)).mean(axis=1)
    return _skewed_mean(float(logs.mean()), logs - logs.mean(), clusters, logs=True)


def _checked(property_doses: Array, control_doses: Array) -> tuple[Floats, Floats]:
    ours, theirs = np.asarray(property_doses, dtype=np.float64), np.asarray(control_doses, dtype=np.float64)
    if ours.ndim != 1 or theirs.ndim != 2 or theirs.shape[:1] != ours.shape or theirs.size == 0:
        raise ValueError(f"doses {ours.shape} of the property and {theirs.shape} of controls do not fit each other")
    if not (ours > 0.0).all():
        raise ValueError(f"the property moves nothing in {int((ours <= 0.0).sum())} of {ours.size} images")
    return ours, theirs


def _skewed_mean(mean: float, apart: Floats, clusters: Array | None, *, logs: bool) -> SkewedMean:
    """`apart`: how far each image's value lies from the mean, (n_images,)."""
    within = mean_estimate(apart, clusters)
    # Clusters count by their sums, as in the standard error: of equal ones, by their means.
    sums = np.bincount(cluster_index(clusters, apart.size), weights=apart) * (within.units / apart.size)
    alike = float(np.ptp(apart)) <= 1e-12 * max(1.0, abs(mean))
    scale = 0.0 if alike else float(np.sqrt(np.mean(sums**2)))
    return SkewedMean(
        mean=mean,
        scale=scale,
        skewness=0.0 if scale == 0.0 else float(np.mean(sums**3)) / scale**3,
        units=within.units,
        df=within.df,
        method=within.method,
        logs=logs,
    )
