"""Superpixels: a picture parted into small regions of one colour, which LIME hides and shows.

SLIC (Achanta et al. 2012): k-means of pixels by place and colour, each pixel looking only at centres nearby. The paper
does not say what its LIME hides; this is one of the two choices of the lime package, in plain arrays.
"""

from __future__ import annotations

import math

import numpy as np

ROUNDS = 10


def superpixels(picture: np.ndarray, count: int = 50, compactness: float = 10.0) -> np.ndarray:
    """The region of each pixel, (height, width) int64 from 0 without gaps.

    Args:
        picture: (height, width, 3) uint8.
        count: about how many regions there shall be.
        compactness: how much a step of a region's width weighs against a difference of 1 in colour.
    """
    height, width = picture.shape[:2]
    step = max(1.0, math.sqrt(height * width / count))
    rows = np.arange(step / 2, height, step)
    columns = np.arange(step / 2, width, step)
    down, across = np.mgrid[0:height, 0:width].astype(np.float64)
    colours = picture.reshape(-1, 3).astype(np.float64)
    places = np.stack([down.reshape(-1), across.reshape(-1)], axis=1) * (compactness / step)
    points = np.concatenate([colours, places], axis=1)
    starts = [int(min(r, height - 1)) * width + int(min(c, width - 1)) for r in rows for c in columns]
    centres = points[starts]
    nearest = np.zeros(len(points), np.int64)
    for _ in range(ROUNDS):
        nearest = _nearest(points, centres, 2.0 * compactness)
        counts = np.bincount(nearest, minlength=len(centres))
        sums = np.stack([np.bincount(nearest, points[:, k], len(centres)) for k in range(5)], axis=1)
        centres = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centres)
    return np.unique(nearest, return_inverse=True)[1].reshape(height, width)


def _nearest(points: np.ndarray, centres: np.ndarray, reach: float) -> np.ndarray:
    """The nearest centre of each point, among those within `reach` of its place where there are any."""
    best, found = np.full(len(points), np.inf), np.zeros(len(points), np.int64)
    for number, centre in enumerate(centres):
        away = np.abs(points[:, 3:] - centre[3:]).max(axis=1)
        distance = ((points - centre) ** 2).sum(axis=1)
        # Too far: only where nothing nearer is there.
        distance = np.where(away <= reach, distance, distance + 1e12)
        closer = distance < best
        best[closer], found[closer] = distance[closer], number
    return found
