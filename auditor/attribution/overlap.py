"""Rankings from relevance maps: how much of a concept's mask a map covers (DEPICT, section 4.1).

"For each image, we calculate the intersection-over-union between each concept-level mask and the Grad-CAM or LIME mask
.. Then, we rank concepts by their mean IOU across the entire test set." The paper does not say how a map becomes a
mask; here a pixel is in it from a share of the picture's largest relevance on.
"""

from __future__ import annotations

import numpy as np

SHARE = 0.5


def relevant(relevance: np.ndarray, share: float = SHARE) -> np.ndarray:
    """The pixels of at least `share` of the largest relevance: (.., height, width) bool, none where nothing speaks."""
    top = relevance.max(axis=(-2, -1), keepdims=True)
    return np.asarray((relevance >= share * top) & (relevance > 0.0))


def intersection_over_union(found: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """IoU of each map with each mask, (n_models, n_concepts); NaN for a concept that the picture does not show.

    Args:
        found: (n_models, height, width) bool.
        masks: (n_concepts, height, width) bool.
    """
    one = found.reshape(len(found), -1).astype(np.float64)
    other = masks.reshape(len(masks), -1).astype(np.float64)
    both = one @ other.T
    either = one.sum(axis=1)[:, None] + other.sum(axis=1)[None] - both
    shown = other.sum(axis=1) > 0.0
    return np.where(shown, both / np.where(either > 0.0, either, 1.0), np.nan)


class MeanOverlap:
    """The mean IoU of each model and concept over the pictures that show the concept."""

    def __init__(self, n_models: int, n_concepts: int) -> None:
        self._sums = np.zeros((n_models, n_concepts))
        self._counts = np.zeros((n_models, n_concepts))

    def add(self, relevance: np.ndarray, masks: np.ndarray, models: slice | int = slice(None)) -> None:
        """Take a picture in: relevance (n_models, height, width) of the `models`, masks (n_concepts, height, width)."""
        found = intersection_over_union(relevant(relevance), masks)
        self._sums[models] += np.nan_to_num(found)
        self._counts[models] += np.isfinite(found)

    @property
    def importances(self) -> np.ndarray:
        """(n_models, n_concepts); NaN where no picture showed the concept."""
        with np.errstate(invalid="ignore"):
            return self._sums / self._counts
