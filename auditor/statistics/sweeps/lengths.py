"""Sweeps of unequal length in one table: behind the last point of a shorter one, positions are NaN."""

from __future__ import annotations

import numpy as np

from auditor.statistics.arrays import Array, Ints


def points_of(positions: Array) -> Ints:
    """How many points each sweep has, (n_images,).

    Args:
        positions: (n_images, n_points), NaN behind the last point of a sweep.

    Raises:
        ValueError: a position is missing before the last one.
    """
    there = ~np.isnan(np.asarray(positions, dtype=np.float64))
    if (there[:, 1:] & ~there[:, :-1]).any():
        raise ValueError("a position is missing in the middle of a sweep: leave out the point")
    found: Ints = there.sum(axis=1)
    return found


def by_length(points: Array) -> list[tuple[Ints, int]]:
    """Places of the sweeps of each length, and the length; the shortest first.

    >>> [(places.tolist(), length) for places, length in by_length(np.array([5, 3, 5]))]
    [([1], 3), ([0, 2], 5)]
    """
    return [(np.flatnonzero(points == each), int(each)) for each in np.unique(points)]
