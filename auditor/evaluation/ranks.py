"""Average ranks, from 1."""

from __future__ import annotations

import numpy as np

from auditor.statistics.arrays import Floats


def average_ranks(values: Floats) -> Floats:
    """Ranks of `values` (n,) from 1; equal values share the mean of their ranks.

    >>> average_ranks(np.array([3.0, 1.0, 3.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray(last - (counts - 1) / 2.0)[place.reshape(-1)]
