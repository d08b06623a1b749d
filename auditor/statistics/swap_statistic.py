"""Exact permutation importance as a function of which rows have the scores of their values exchanged.

For a concept of two values and a swap flag a row, the importance is bilinear in the flags (AUROC) or linear (additive
metrics). The table of pairwise comparisons is made once; after that, all swaps are one matrix product. With more
values there are n_values! orders a row, and AUROC is computed again for each replicate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from auditor.statistics.arrays import Floats, Ints, Rows
from auditor.statistics.metric_terms import row_terms, row_weights
from auditor.statistics.metrics import Metric, sign_of
from auditor.statistics.orders import Orders
from auditor.statistics.pair_table import LARGEST_TABLE, PairTable, pair_table
from auditor.statistics.placements import levels_of
from auditor.statistics.recomputed_swaps import RecomputedSwaps


class SwapStatistic(Protocol):
    """Importance after each row's score vectors are reordered."""

    @property
    def scale(self) -> float:
        """Size of the sums that make up a replicate: rounding is a share of this."""
        ...

    def of(self, orders: Orders) -> Floats:
        """Importance of each replicate, (n_replicates,)."""
        ...


@dataclass(frozen=True)
class PairwiseSwaps:
    """AUROC importance of a concept of two values, bilinear in signs: 1 where a row is as it was, -1 where swapped.

    With x the sign of a row's own value (1 for 0, -1 for 1), X its mean over rows and k = (N X^2 - 1) / (N - 1), the
    importance is `sum of a_i (x_i - X) u_i` over rows plus `sum of g_ij (x_i x_j - k) u_i u_j` over pairs.

    Attributes:
        table: comparisons of all pairs.
        linear: (n_rows,), a_i (x_i - X).
        joint: (4,), x_i x_j - k by the own values of positive and negative, times the table's unit.
    """

    table: PairTable
    linear: Floats
    joint: Floats

    @property
    def scale(self) -> float:
        """An AUROC is at most 1."""
        return 1.0

    def of(self, orders: Orders) -> Floats:
        """See `SwapStatistic.of`."""
        found: Floats = self.linear @ orders.signs + self.joint @ self.table.quadrants(orders.single)
        return found


@dataclass(frozen=True)
class AdditiveSwaps:
    """Importance of an additive metric, a sum over rows.

    Attributes:
        terms: (n_rows, n_values), the row's contribution at each value, sign and weight included.
        values: (n_rows,), own values.
        shares: (n_values,), shares of the values.
    """

    terms: Floats
    values: Ints
    shares: Floats

    @property
    def scale(self) -> float:
        """Sum of the absolute terms, in the metric's unit."""
        return float(np.abs(self.terms).sum())

    def of(self, orders: Orders) -> Floats:
        """See `SwapStatistic.of`."""
        weights = (self.values[:, None] == np.arange(self.shares.size)) - self.shares
        if self.shares.size == 2:
            straight, crossed = (np.sum(weights * terms, axis=1) for terms in (self.terms, self.terms[:, ::-1]))
            linear: Floats = (straight + crossed).sum() / 2.0 + (straight - crossed) @ orders.signs / 2.0
            return linear
        rows = np.arange(self.terms.shape[0])[:, None]
        found: Floats = sum(
            (weights[:, value] @ self.terms[rows, place] for value, place in enumerate(orders.places)),
            np.zeros(orders.places.shape[2]),
        )
        return found


@dataclass(frozen=True)
class MeanOfSwaps:
    """The mean of several statistics, such as the AUROC of each class against the rest."""

    parts: Sequence[SwapStatistic]

    @property
    def scale(self) -> float:
        """See `SwapStatistic.scale`."""
        return max(part.scale for part in self.parts)

    def of(self, orders: Orders) -> Floats:
        """See `SwapStatistic.of`."""
        found: Floats = np.mean([part.of(orders) for part in self.parts], axis=0)
        return found


def swap_statistic(rows: Rows, metric: Metric, threshold: float = 0.5) -> SwapStatistic:
    """The fastest form of the importance as a function of swaps.

    Average precision has no closed form: its statistic is the plug-in of the mixture, which is biased as an estimate
    and as good as any other in a test, since it is taken of every replicate alike.
    """
    if metric == "macro_auroc":
        return MeanOfSwaps([swap_statistic(rows.against_rest(c), "auroc") for c in np.unique(rows.labels)])
    n_rows, _, n_values = rows.scores.shape[:3]
    shares = np.bincount(rows.values, minlength=n_values) / n_rows
    if metric not in ("auroc", "average_precision"):
        terms = row_terms(metric, rows.labels, rows.scores, threshold).mean(axis=1)
        weights = sign_of(metric) * row_weights(metric, rows.labels)
        return AdditiveSwaps(weights[:, None] * terms, rows.values, shares)
    positive = rows.labels == 1.0
    if metric == "auroc" and n_values == 2 and int(positive.sum()) * int((~positive).sum()) <= LARGEST_TABLE:
        return pairwise_swaps(rows)
    levels = levels_of(rows.scores)
    return RecomputedSwaps(metric, levels.codes, levels.n_levels, rows.values, shares, positive)


def pairwise_swaps(rows: Rows) -> PairwiseSwaps:
    """The bilinear form; memory: four bytes a pair of a positive and a negative."""
    table, n_rows = pair_table(rows), rows.values.shape[0]
    own = 1.0 - 2.0 * rows.values
    mean = float(own.mean())
    k = (n_rows * mean**2 - 1.0) / (n_rows - 1.0)
    alike = np.array([1.0, -1.0, -1.0, 1.0])
    return PairwiseSwaps(table, table.linear * (own - mean), table.unit * (alike - k))
