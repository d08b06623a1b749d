"""Predicting which interventions change a prediction, from one score an image (property gradients, section 4.1).

"We select the optimal threshold maximizing the accuracy": chosen and reported on the same images, which no score can
lose against the more frequent answer, however little it knows. So the threshold is chosen on one half of the images
here as well, and the accuracy reported on the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auditor.statistics.arrays import Array, Flags, Floats, cluster_index
from auditor.statistics.decision_flips import clustered_share
from auditor.statistics.intervals import Interval

RESAMPLES = 10
"""Resamples of the published standard deviation: "resampling ten times to estimate standard deviations"."""

_HALVES, _RESAMPLES = 0x68616C76, 0x7265736D  # "halv", "resm"


@dataclass(frozen=True)
class Accuracy:
    """Share of images whose flip was predicted rightly.

    Attributes:
        value: 0 to 1; the mean over units.
        interval: Wilson's, over units.
        n: images.
        units: independent ones: clusters, or images where there are none.
    """

    value: float
    interval: Interval
    n: int
    units: int


@dataclass(frozen=True)
class Prediction:
    """Flips predicted by thresholds.

    Attributes:
        correct: (n_images,) bool, whether an image's flip was predicted rightly.
        thresholds: one where it was chosen on all images; two where each half's predicts the other; an infinite one
            predicts the same of every image.
    """

    correct: Flags
    thresholds: tuple[float, ...]


def best_threshold(scores: Array, flips: Array) -> float:
    """The threshold above which a flip is predicted, so that most images are predicted rightly.

    Candidates lie midway between neighbouring scores, and below and above all of them; of equally good ones the
    highest is taken, which predicts the fewest flips.

    Args:
        scores: (n_images,), finite.
        flips: (n_images,) bool.
    """
    given, flipped = np.asarray(scores, dtype=np.float64), np.asarray(flips, dtype=bool)
    levels, level_of = np.unique(given, return_inverse=True)
    gained = np.bincount(level_of.reshape(-1), weights=np.where(flipped, 1.0, -1.0), minlength=len(levels))
    # right[k]: what the threshold below level k gets right, less the images that do not flip.
    right = np.append(np.cumsum(gained[::-1])[::-1], 0.0)
    best = len(levels) - int(np.argmax(right[::-1]))
    if best == len(levels):
        return float("inf")
    if best == 0:
        return float("-inf")
    low, high = float(levels[best - 1]), float(levels[best])
    middle = low + (high - low) / 2.0
    return middle if middle < high else low


def predict_as_published(scores: Array, flips: Array) -> Prediction:
    """Threshold chosen and accuracy read on the same images; never below the share of the more frequent answer."""
    threshold = best_threshold(scores, flips)
    return Prediction(np.asarray((scores > threshold) == flips), (threshold,))


def predict_held_out(scores: Array, flips: Array, second_half: Array) -> Prediction:
    """Each half predicted by the threshold that the other half chose.

    Args:
        scores: (n_images,), finite.
        flips: (n_images,) bool.
        second_half: (n_images,) bool, from `halves`.
    """
    correct = np.zeros(len(scores), dtype=bool)
    thresholds = []
    for chosen_on in (~second_half, second_half):
        thresholds.append(best_threshold(scores[chosen_on], flips[chosen_on]))
        correct[~chosen_on] = (scores[~chosen_on] > thresholds[-1]) == flips[~chosen_on]
    return Prediction(correct, tuple(thresholds))


def halves(n_images: int, clusters: Array | None, seed: int) -> Flags:
    """Which images are in the second half, (n_images,) bool: half of the clusters, or of the images without any.

    Raises:
        ValueError: there are fewer than two of them.
    """
    unit_of = cluster_index(clusters, n_images)
    units = int(unit_of.max()) + 1 if n_images else 0
    if units < 2:
        raise ValueError(f"a threshold from the other half needs at least two independent images, and there is {units}")
    order = np.random.default_rng([seed, _HALVES]).permutation(units)
    second = np.zeros(units, dtype=bool)
    second[order[(units + 1) // 2 :]] = True
    return second[unit_of]


def accuracy(correct: Array, clusters: Array | None = None, confidence: float = 0.95) -> Accuracy:
    """Share of right predictions with its Wilson interval; with clusters, their means are the units."""
    share = clustered_share(np.asarray(correct, dtype=np.float64), clusters)
    return Accuracy(share.value, share.interval(confidence), len(correct), share.n)


def resampled_sd(scores: Array, flips: Array, clusters: Array | None, seed: int, resamples: int = RESAMPLES) -> float:
    """Standard deviation of the published accuracy over resamples of the images, each with a threshold of its own.

    Whole clusters are drawn, with replacement; the paper does not say how it resampled.
    """
    unit_of = cluster_index(clusters, len(scores))
    members = [np.flatnonzero(unit_of == unit) for unit in range(int(unit_of.max()) + 1)]
    rng = np.random.default_rng([seed, _RESAMPLES])
    found: list[float] = []
    for _ in range(resamples):
        drawn = np.concatenate([members[unit] for unit in rng.integers(len(members), size=len(members))])
        found.append(float(predict_as_published(scores[drawn], flips[drawn]).correct.mean()))
    return float(np.std(found, ddof=1))


def undefined(flips: Array) -> str | None:
    """Why predicting these flips is not defined; None where it is."""
    n, count = len(flips), int(np.sum(flips))
    if count == 0:
        return f"not defined: none of {n} predictions flips"
    if count == n:
        return f"not defined: all of {n} predictions flip"
    return None


def flipped(decisions: Array, rule: str) -> Flags:
    """Which images flip, (n_images,) bool.

    Args:
        decisions: (n_images, n_points), at least two points.
        rule: `ends`: the last point is decided otherwise than the first; `anywhere`: any point is.
    """
    otherwise = decisions[:, 1:] != decisions[:, :1]
    return np.asarray(otherwise[:, -1] if rule == "ends" else otherwise.any(axis=1))


def as_scores(values: Array, n_images: int, name: str) -> Floats:
    """Scores of one method, (n_images,) float64.

    Raises:
        ValueError: there is not one an image, or one is not finite.
    """
    found = np.asarray(values, dtype=np.float64)
    if found.shape != (n_images,):
        raise ValueError(f"the scores of {name} have the shape {found.shape}: one an image is needed, for {n_images}")
    if not np.isfinite(found).all():
        raise ValueError(f"the scores of {name} must be finite: leave out images whose maps failed")
    return found
