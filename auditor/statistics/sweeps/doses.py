"""How strong controls are beside the property, as a number that bounds what an unbiased model can be accused of.

A model without any preference moves further along the property than along a control where the property changes more
pixels. If its E|grad| is one function of the dose, whatever changes, which never falls and grows at most in
proportion, then the log ratio `l` of an image is at most `max(0, -log r)`, r = dose of control / dose of property.
So with r counted as at most `most`, `mean l <= log(most) - mean log min(r, most)`, on the very images of the claim:
where the mean of `log min(r, most)` is at least `log(min_dose_ratio)` and `most = min_dose_ratio * min_ratio`, no such
model has a mean log ratio above `log(min_ratio)`.

Departure from "the mean ratio" (statistics, section 8): pictures that the property hardly changes have ratios of
hundreds, which make up for pictures whose control is too weak in a mean of ratios, in a ratio of mean doses and in a
geometric mean alike. Where log ratios differ by SD 1.5, a ratio of mean doses of .8 lets an unbiased model be accused
in most audits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from auditor.statistics.arrays import Array, cluster_index
from auditor.statistics.intervals import Estimate, Interval, check_confidence, mean_estimate, t_quantile

NO_DOSE: Final = 1e-6
"""A ratio below this is taken as this: a control that changes nothing, as little as a flat curve (`controls.FLAT`)."""


@dataclass(frozen=True)
class DoseRatio:
    """How many times as strong a control is as the property: a geometric mean over images.

    One-sided limits by Hall's transformation of Student's t (Hall, 1992, "On the removal of skewness by
    transformation"), since logs that are cut off above are skewed: t limits pass in up to .15 of audits of 8 images
    where they say .05, these in .07.

    Attributes:
        mean_log: mean over images of the log ratio, each at most `log(most)`.
        scale: SD of the units' log ratios (divisor: the number of units).
        skewness: of the units' log ratios; 0 where they are all alike.
        of_means: mean dose of the control over mean dose of the property, nothing cut off.
        most: what a single image's ratio counts at most.
        stronger: share of images in which the control is stronger than that.
    """

    mean_log: Estimate
    scale: float
    skewness: float
    of_means: float
    most: float
    stronger: float

    @property
    def value(self) -> float:
        """The geometric mean of the ratios, each counted as `most` at most."""
        return math.exp(self.mean_log.value)

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
        method = f"{self.mean_log.method} of logs, skewness removed"
        return Interval(self.lower(1.0 - tail), self.upper(1.0 - tail), confidence, method)

    def _limit(self, level: float) -> float:
        if self.scale == 0.0:
            return self.value if self.mean_log.units > 1 else (0.0 if level > 0.5 else math.inf)
        units, skew = self.mean_log.units, self.skewness
        # Over units - 1, so that the limits of logs without skewness are those of t.
        wanted = t_quantile(level, self.mean_log.df) / math.sqrt(units - 1)
        # The root of `S + skew S^2 / 3 + skew^2 S^3 / 27 + skew / (6 units) = wanted`.
        if abs(skew) > 1e-6:
            wanted = 3.0 / skew * (float(np.cbrt(1.0 + skew * (wanted - skew / (6.0 * units)))) - 1.0)
        return math.exp(min(self.mean_log.value - self.scale * wanted, 700.0))


def dose_ratios(
    property_doses: Array, control_doses: Array, most: float, clusters: Array | None = None
) -> tuple[DoseRatio, ...]:
    """How strong each control is beside the property, of images that the property changes.

    A dose is the mean distance of a sweep's frames from its first frame, in pixels or another stated measure.

    Args:
        property_doses: (n_images,), above 0.
        control_doses: (n_images, n_controls), of at least 0.
        most: what the ratio of a single image counts at most, above 0.
        clusters: (n_images,) names of independent units, or None.

    Raises:
        ValueError: shapes disagree, or the property moves no pixel of some image, so that there is no ratio.
    """
    ours, theirs = np.asarray(property_doses, dtype=np.float64), np.asarray(control_doses, dtype=np.float64)
    if ours.ndim != 1 or theirs.ndim != 2 or theirs.shape[:1] != ours.shape or theirs.size == 0:
        raise ValueError(f"doses {ours.shape} of the property and {theirs.shape} of controls do not fit each other")
    if not (ours > 0.0).all():
        raise ValueError(f"the property moves nothing in {int((ours <= 0.0).sum())} of {ours.size} images")
    return tuple(_dose_ratio(ours, column, most, clusters) for column in theirs.T)


def _dose_ratio(ours: Array, theirs: Array, most: float, clusters: Array | None) -> DoseRatio:
    found = np.maximum(theirs / ours, NO_DOSE)
    logs = np.log(np.minimum(found, most))
    mean = mean_estimate(logs, clusters)
    # Clusters count by their sums, as in the standard error: of equal ones, by their means.
    sums = np.bincount(cluster_index(clusters, logs.size), weights=logs - mean.value)
    apart = sums * (mean.units / logs.size)
    scale = 0.0 if np.ptp(logs) == 0.0 else float(np.sqrt(np.mean(apart**2)))
    return DoseRatio(
        mean_log=mean,
        scale=scale,
        skewness=0.0 if scale == 0.0 else float(np.mean(apart**3)) / scale**3,
        of_means=float(theirs.mean() / ours.mean()),
        most=most,
        stronger=float(np.mean(found > most)),
    )
