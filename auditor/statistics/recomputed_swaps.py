"""Importance of a metric that ranks, for any number of values: computed again for each replicate, from levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from auditor.statistics.arrays import Flags, Floats, Ints
from auditor.statistics.orders import Orders
from auditor.statistics.placements import aurocs, average_precisions, mass_of

LARGEST_HISTOGRAM: Final = 2**19
"""Most numbers in one histogram of several replicates: 4 MiB, which stays in the cache."""


@dataclass(frozen=True)
class RecomputedSwaps:
    """Importance in AUROC, or in average precision as the plug-in of the mixture.

    Attributes:
        metric: auroc or average_precision.
        codes: (n_rows, n_draws, n_values), scores as levels.
        n_levels: number of distinct scores.
        values: (n_rows,), own values.
        shares: (n_values,), shares of the values.
        positive: (n_rows,), whether the label is 1.
    """

    metric: str
    codes: Ints
    n_levels: int
    values: Ints
    shares: Floats
    positive: Flags

    @property
    def scale(self) -> float:
        """Both metrics are at most 1."""
        return 1.0

    def of(self, orders: Orders) -> Floats:
        """See `SwapStatistic.of`."""
        at_once = max(1, LARGEST_HISTOGRAM // self.n_levels)
        by_replicate = np.ascontiguousarray(orders.places.transpose(2, 1, 0)).astype(np.int64)
        parts = [by_replicate[start : start + at_once] for start in range(0, by_replicate.shape[0], at_once)]
        return np.concatenate([self._importances(part) for part in parts])

    def _importances(self, orders: Ints) -> Floats:
        codes = np.take_along_axis(self.codes[None], orders[:, :, None, :], axis=3)
        n_rows = self.codes.shape[0]
        own = codes[:, np.arange(n_rows), :, self.values].transpose(1, 0, 2)
        hits, misses, same = 0.0, 0.0, 0.0
        for value, share in enumerate(self.shares):
            hit, miss = level_counts(codes[:, :, :, value], self.n_levels, self.positive)
            hits, misses = hits + share * hit, misses + share * miss
            if self.metric == "auroc":
                same = same + share * aurocs(hit, miss)
        factual = level_counts(own, self.n_levels, self.positive)
        if self.metric == "average_precision":
            plug_in: Floats = average_precisions(*factual) - average_precisions(hits, misses)
            return plug_in
        expected = (n_rows * aurocs(hits, misses) - same) / (n_rows - 1)
        found: Floats = aurocs(*factual) - expected
        return found


def level_counts(codes: Ints, n_levels: int, positive: Flags) -> tuple[Floats, Floats]:
    """Count of positives and of negatives at each level.

    Args:
        codes: (n_replicates, n_rows, n_draws).
        n_levels: number of levels.
        positive: (n_rows,).

    Returns:
        Two of (n_replicates, n_levels).
    """
    numbered = codes + n_levels * np.arange(codes.shape[0])[:, None, None]
    length = codes.shape[0] * n_levels
    hit, miss = (mass_of(numbered[:, rows], None, length) for rows in (positive, ~positive))
    return hit.reshape(-1, n_levels), miss.reshape(-1, n_levels)
