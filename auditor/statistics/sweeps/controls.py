"""Does a score follow the property more than it follows properties that must not matter?

Control properties are swept by the same intervention, on the same images, with the same noise and the same number of
points. `l = log(E|grad| of the property / E|grad| of a control)` of one image is one observation, however many points
its sweeps have. A control that is weaker than the property accuses unbiased models (a dose of .8 makes them
"significant" in .99 of audits of 20 images), hence the dose ratio, and a claim against a least ratio instead of 1.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

import numpy as np

from auditor.statistics.arrays import Array, Floats, cluster_index
from auditor.statistics.hypothesis_tests import SYMMETRIC, TIE
from auditor.statistics.intervals import Estimate, mean_estimate
from auditor.statistics.monte_carlo import TestResult, check_replicates, count_tails

FLAT = 1e-6
"""E|grad| below this is taken as this: the last digits of a float32 probability, where a logarithm means nothing."""


def log_ratios(property_scores: Array, control_scores: Array, flat: float = FLAT) -> Floats:
    """`log(property / control)` of each image and control, (n_images, n_controls).

    Args:
        property_scores: (n_images,), E|grad| of the property.
        control_scores: (n_images, n_controls), of each control.
        flat: smaller scores are taken as this; two flat curves have the ratio 1.

    Raises:
        ValueError: there is no image or no control, shapes disagree, or a score is negative or not finite.
    """
    ours, theirs = np.asarray(property_scores, dtype=np.float64), np.asarray(control_scores, dtype=np.float64)
    if ours.ndim != 1 or theirs.ndim != 2 or theirs.shape[:1] != ours.shape or theirs.size == 0:
        raise ValueError(
            f"property scores {ours.shape} and control scores {theirs.shape}: (n_images,) and (n_images, n_controls) "
            "are needed, with at least one of each"
        )
    if not (np.isfinite(ours).all() and np.isfinite(theirs).all() and min(ours.min(), theirs.min()) >= 0.0):
        raise ValueError("E|grad| is a finite number of at least 0")
    found: Floats = np.log(np.maximum(ours, flat))[:, None] - np.log(np.maximum(theirs, flat))
    return found


@dataclass(frozen=True)
class ControlRatio:
    """How many times rougher the property's curves are than the controls', over images.

    Attributes:
        mean_log: mean over images of the mean log ratio over controls.
        by_control: the mean log ratio to each control.
        per_image: mean log ratio of each image, (n_images,).
    """

    mean_log: Estimate
    by_control: tuple[Estimate, ...]
    per_image: Floats

    @property
    def ratio(self) -> float:
        """The geometric mean ratio."""
        return math.exp(self.mean_log.value)

    def lower(self, confidence: float) -> float:
        """One-sided lower bound of the ratio."""
        return math.exp(self.mean_log.lower(confidence))

    def upper(self, confidence: float) -> float:
        """One-sided upper bound of the ratio."""
        return math.exp(self.mean_log.upper(confidence))


def control_ratio(ratios: Array, clusters: Array | None = None) -> ControlRatio:
    """Mean log ratios with t intervals over images.

    Args:
        ratios: (n_images, n_controls), as `log_ratios` gives them.
        clusters: (n_images,) names of independent units (one source, one patient), or None.

    Raises:
        ValueError: there is no image or no control.
    """
    found = np.asarray(ratios, dtype=np.float64)
    if found.ndim != 2 or found.size == 0:
        raise ValueError(f"log ratios must have the shape (n_images, n_controls), not {found.shape}")
    per_image: Floats = found.mean(axis=1)
    return ControlRatio(
        mean_log=mean_estimate(per_image, clusters),
        by_control=tuple(mean_estimate(column, clusters) for column in found.T),
        per_image=per_image,
    )


def sign_flip_test(
    ratios: Array, flips: int, seed: int, clusters: Array | None = None, early_stop: int | None = None
) -> TestResult:
    """Is the mean log ratio above 0? One-sided sign-flip test over images, or over paired noise seeds of one image.

    Where all `2^n` patterns are no more than `flips + 1`, every one is counted and p is exact: its least value
    is `2^-n`, so that 7 units reach .01.

    Args:
        ratios: (n_units,), a log ratio each.
        flips: replicates m, where not all patterns are counted.
        seed: of the flips.
        clusters: (n_units,) names of independent units, or None.
        early_stop: exceedances at which to stop, or None to draw all.

    Raises:
        ValueError: there is no ratio or no replicate, or a ratio is not finite.
    """
    check_replicates(flips, early_stop)
    found = np.asarray(ratios, dtype=np.float64)
    if found.ndim != 1 or found.size == 0 or not np.isfinite(found).all():
        raise ValueError(f"one finite log ratio a unit is needed, for at least one unit; found the shape {found.shape}")
    sums = np.bincount(cluster_index(clusters, found.size), weights=found) / found.size
    observed, tie = float(sums.sum()), TIE * float(np.abs(sums).sum())
    if 2.0**sums.size <= flips + 1:
        patterns = (np.arange(2**sums.size)[:, None] >> np.arange(sums.size)) & 1
        means = (1.0 - 2.0 * patterns) @ sums
        exceed = int((means >= observed - tie).sum())
        return TestResult(exceed / len(means), observed, "greater", SYMMETRIC, len(means), exceed, seed)
    rng = np.random.default_rng([seed, zlib.crc32(b"sign-flip")])

    def draw(size: int) -> Floats:
        means: Floats = np.where(rng.random((size, sums.size)) < 0.5, -1.0, 1.0) @ sums
        return means

    (tail,) = count_tails(observed, draw, flips, tie, (1,), early_stop)
    return TestResult(tail.p_value, observed, "greater", SYMMETRIC, tail.replicates, tail.exceedances, seed)


def rank_among_controls(property_score: float, control_scores: Array) -> float:
    """p = (1 + controls at least as high) / (C + 1): is the property one of the controls?

    Of one image, each control's curve of that image; for a claim about irrelevant edits in general, the mean log
    score of each control over images. 19 controls reach .05, 99 reach .01.

    Args:
        property_score: of the property.
        control_scores: (n_controls,).

    Raises:
        ValueError: there is no control.
    """
    theirs = np.asarray(control_scores, dtype=np.float64)
    if theirs.ndim != 1 or theirs.size == 0:
        raise ValueError("a rank among controls needs at least one control")
    return float(1 + np.sum(theirs >= property_score - TIE * abs(property_score))) / (theirs.size + 1)


def t_among_controls(property_mean: float, control_means: Array) -> float:
    """One-sided p of `(y - mean) / (s sqrt(1 + 1 / C))` with C - 1 degrees of freedom, for claims about instructions.

    Holds where mean log scores of irrelevant instructions are about normal.

    Args:
        property_mean: mean log score of the property over images.
        control_means: (n_controls,), of each control; at least three.

    Raises:
        ValueError: fewer than three controls, or all alike, so that nothing is known of how instructions differ.
    """
    from scipy.special import stdtr

    theirs = np.asarray(control_means, dtype=np.float64)
    if theirs.ndim != 1 or theirs.size < 3:
        raise ValueError(f"how instructions differ takes at least 3 controls to see, and there are {theirs.size}")
    spread = float(theirs.std(ddof=1))
    if np.ptp(theirs) == 0.0:
        raise ValueError("all controls have one mean score, so nothing is known of how instructions differ")
    t = (property_mean - float(theirs.mean())) / (spread * math.sqrt(1.0 + 1.0 / theirs.size))
    return float(stdtr(theirs.size - 1, -t))


def conformal_p(ratio: float, other_ratios: Array) -> float:
    """p of one image without noise seeds: its log ratio among those of two controls in other images.

    Args:
        ratio: `log(property / control)` of the image.
        other_ratios: (n_images,), `log(control a / control b)` of each other image.

    Raises:
        ValueError: there is no other image.
    """
    others = np.asarray(other_ratios, dtype=np.float64)
    if others.ndim != 1 or others.size == 0:
        raise ValueError("a conformal p needs other images")
    return float(1 + np.sum(others >= ratio - TIE * abs(ratio))) / (others.size + 1)


def effect_floor(min_effect: float, repeat_sd: float, control_spans: Array) -> float:
    """The least span of a curve that counts: the largest of three.

    Args:
        min_effect: declared, in the score's unit.
        repeat_sd: SD of the score when the same frame is computed again.
        control_spans: spans of the controls' curves, of any shape.

    Raises:
        ValueError: there is no control's curve.
    """
    spans = np.asarray(control_spans, dtype=np.float64)
    if spans.size == 0:
        raise ValueError("an effect floor needs the spans of controls")
    return max(min_effect, 2.0 * repeat_sd, float(np.quantile(spans, 0.95)))
