"""What every method of maps shares: the grid, the baseline that stands for "nothing there", budgets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from auditor.attribution.explained_output import Explained

Baseline = Literal["grey", "mean", "black"]
"""The colour that hides, or from which a path to the picture begins: middle grey, which a usual normalisation sends
near 0 (captum's own baseline); the picture's mean colour; or black."""


@dataclass(frozen=True)
class MapSettings:
    """How maps are made; the paper names none of these.

    Attributes:
        explained: the output's logit, or its probability.
        grid: rows and columns of a map; each cell is the mean over its pixels.
        baseline: the colour of what is hidden. Grey is the same before and after an intervention.
        steps: of integrated gradients, by Gauss and Legendre.
        samples: hidden pictures of each picture, for LIME and kernel SHAP.
        segments: about how many superpixels these two hide.
        window: side of the square that occlusion moves over the grid, in cells.
        stride: how far it moves each time, in cells.
        batch: pictures in one pass of the model.
    """

    explained: Explained = "logit"
    grid: tuple[int, int] = (16, 16)
    baseline: Baseline = "grey"
    steps: int = 32
    samples: int = 200
    segments: int = 50
    window: int = 4
    stride: int = 2
    batch: int = 50

    def __post_init__(self) -> None:
        counts = (*self.grid, self.steps, self.samples, self.segments, self.window, self.stride, self.batch)
        if min(counts) < 1:
            raise ValueError(f"grid, steps, samples, segments, window, stride and batch must be at least 1: {self}")
        if self.window > min(self.grid) or self.stride > self.window:
            raise ValueError(
                f"a window of {self.window} cells moved by {self.stride} does not cover a grid of "
                f"{self.grid[0]} x {self.grid[1]}: the window fits into the grid, and the stride into the window"
            )


def settings_in_words(settings: MapSettings, seed: int) -> str:
    """How maps are made, in a sentence for tables."""
    hidden = "the picture's mean colour" if settings.baseline == "mean" else settings.baseline
    rows, columns = settings.grid
    return (
        f"of the {settings.explained}, on {rows} x {columns} cells; baseline {hidden}; integrated gradients in "
        f"{settings.steps} steps; occlusion by {settings.window} x {settings.window} cells; LIME and kernel SHAP with "
        f"{settings.samples} hidden pictures each of about {settings.segments} superpixels, seed {seed}"
    )


def baseline_colour(picture: np.ndarray, baseline: Baseline) -> np.ndarray:
    """The colour that stands for nothing, (3,) uint8."""
    if baseline == "mean":
        return np.asarray(np.rint(picture.reshape(-1, 3).mean(axis=0)), np.uint8)
    return np.full(3, 128 if baseline == "grey" else 0, np.uint8)


def cell_means(relevance: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Means over the cells of a grid, (.., rows, columns) float64, of (.., height, width).

    Cells of a picture that the grid does not divide share pixels at their edges, as adaptive pooling does.
    """
    found: np.ndarray = relevance.astype(np.float64)
    for axis, cells in ((-2, grid[0]), (-1, grid[1])):
        length = found.shape[axis]
        total = np.cumsum(np.concatenate([np.zeros_like(found.take([0], axis)), found], axis), axis)
        first = np.arange(cells) * length // cells
        last = -(-np.arange(1, cells + 1) * length // cells)
        sums = total.take(last, axis) - total.take(first, axis)
        found = sums / np.expand_dims((last - first).astype(np.float64), 1 if axis == -2 else 0)
    return found
