"""Occlusion (Zeiler and Fergus 2014): how far a score falls where a square of one colour hides the picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from auditor.attribution.map_settings import MapSettings, baseline_colour

Score = Callable[[Sequence[np.ndarray]], np.ndarray]
"""Pictures, each uint8, to scores of one output, (n,) float64."""


def occlusion_maps(score: Score, pictures: np.ndarray, settings: MapSettings) -> np.ndarray:
    """Of each cell, the mean fall of the score over the squares that cover it, (n, rows, columns) float64.

    Args:
        score: of one output.
        pictures: (n, height, width, 3) uint8, at least as large as the grid.
        settings: grid, baseline, window and stride.
    """
    rows, columns = settings.grid
    height, width = pictures.shape[1:3]
    down, across = (_starts(cells, settings) for cells in (rows, columns))
    places = [(top, left) for top in down for left in across]
    covered = np.zeros(settings.grid)
    found = np.zeros((len(pictures), rows, columns))
    for top, left in places:
        covered[top : top + settings.window, left : left + settings.window] += 1.0
    whole = score(list(pictures))
    for i, picture in enumerate(pictures):
        hidden = []
        for top, left in places:
            one = picture.copy()
            bottom, right = top + settings.window, left + settings.window
            one[
                top * height // rows : bottom * height // rows,
                left * width // columns : right * width // columns,
            ] = baseline_colour(picture, settings.baseline)
            hidden.append(one)
        for (top, left), fall in zip(places, whole[i] - score(hidden), strict=True):
            found[i, top : top + settings.window, left : left + settings.window] += fall
    return np.asarray(found / covered)


def _starts(cells: int, settings: MapSettings) -> list[int]:
    """Where squares begin, so that every cell is covered."""
    last = cells - settings.window
    return sorted({*range(0, last + 1, settings.stride), last})
