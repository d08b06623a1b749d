"""Exact permutation importance as a function of which rows have the scores of their values exchanged.

For a concept of two values and a swap flag a row, the importance is bilinear: `c + a'f + b'g + f'B g`, f the flags
of positives and g those of negatives (AUROC), or linear (additive metrics). The four tables of pairwise comparisons
are made once; after that, all swaps are one matrix product. With more values there are n_values! orders a row, and
the importance is computed again for each replicate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from auditor.statistics.arrays import Array, Flags, Floats, Ints, Rows
from auditor.statistics.metrics import Metric, row_terms, row_weights, sign_of
from auditor.statistics.placements import levels_of, mass_of, share_below

LARGEST_TABLE: Final = 2**19
"""Most numbers in one histogram of several replicates: 4 MiB, which stays in the cache."""


class SwapStatistic(Protocol):
    """Importance after each row's score vectors are reordered."""

    @property
    def scale(self) -> float:
        """Size of the sums that make up a replicate: rounding is a share of this."""
        ...

    def of(self, orders: Array) -> Floats:
        """Importance of each replicate, (n_replicates,).

        Args:
            orders: (n_replicates, n_rows, n_values); entry v names the value whose scores stand at v.
        """
        ...


@dataclass(frozen=True)
class PairwiseSwaps:
    """AUROC importance of a concept of two values, bilinear in swap flags.

    Attributes:
        constant: importance without a swap.
        linear: (n_rows,), what the row's own swap adds.
        bilinear: (n_positive, n_negative), what two swaps add to the sum of each.
        positive: (n_positive,), rows with label 1.
        negative: (n_negative,), rows with label 0.
    """

    constant: float
    linear: Floats
    bilinear: Floats
    positive: Ints
    negative: Ints

    @property
    def scale(self) -> float:
        """An AUROC is at most 1."""
        return 1.0

    def of(self, orders: Array) -> Floats:
        """See `SwapStatistic.of`."""
        flags = orders[:, :, 0].astype(np.float64)
        joint = np.einsum("mq,mq->m", flags[:, self.positive] @ self.bilinear, flags[:, self.negative])
        found: Floats = self.constant + flags @ self.linear + joint
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

    def of(self, orders: Array) -> Floats:
        """See `SwapStatistic.of`."""
        rows = np.arange(self.terms.shape[0])
        reordered = self.terms[rows[None, :, None], orders]
        found: Floats = np.sum(reordered[:, rows, self.values] - reordered @ self.shares, axis=1)
        return found


@dataclass(frozen=True)
class RecomputedSwaps:
    """AUROC importance of a concept of any number of values, computed again for each replicate.

    Attributes:
        codes: (n_rows, n_draws, n_values), scores as levels.
        n_levels: number of distinct scores.
        values: (n_rows,), own values.
        shares: (n_values,), shares of the values.
        positive: (n_rows,), whether the label is 1.
    """

    codes: Ints
    n_levels: int
    values: Ints
    shares: Floats
    positive: Flags

    @property
    def scale(self) -> float:
        """An AUROC is at most 1."""
        return 1.0

    def of(self, orders: Array) -> Floats:
        """See `SwapStatistic.of`."""
        at_once = max(1, LARGEST_TABLE // self.n_levels)
        parts = [orders[start : start + at_once] for start in range(0, orders.shape[0], at_once)]
        return np.concatenate([self._importances(part) for part in parts])

    def _importances(self, orders: Array) -> Floats:
        codes = np.take_along_axis(self.codes[None], orders[:, :, None, :].astype(np.int64), axis=3)
        n_rows = self.codes.shape[0]
        own = codes[:, np.arange(n_rows), :, self.values].transpose(1, 0, 2)
        hits, misses, same = 0.0, 0.0, 0.0
        for value, share in enumerate(self.shares):
            hit, miss = self._masses(codes[:, :, :, value])
            same = same + share * aurocs(hit, miss)
            hits, misses = hits + share * hit, misses + share * miss
        expected = (n_rows * aurocs(hits, misses) - same) / (n_rows - 1)
        found: Floats = aurocs(*self._masses(own)) - expected
        return found

    def _masses(self, codes: Ints) -> tuple[Floats, Floats]:
        """Count of positives and of negatives at each level, (n_replicates, n_levels) each."""
        numbered = codes + self.n_levels * np.arange(codes.shape[0])[:, None, None]
        length = codes.shape[0] * self.n_levels
        hit, miss = (mass_of(numbered[:, rows], None, length) for rows in (self.positive, ~self.positive))
        return hit.reshape(-1, self.n_levels), miss.reshape(-1, self.n_levels)


def aurocs(hits: Array | float, misses: Array | float) -> Floats:
    """AUROC of each replicate from the mass of positives and negatives at each level, (n_replicates, n_levels)."""
    positive, negative = np.asarray(hits, dtype=np.float64), np.asarray(misses, dtype=np.float64)
    found: Floats = np.sum(positive * share_below(negative), axis=-1) / positive.sum(axis=-1)
    return found


def swap_statistic(rows: Rows, metric: Metric, threshold: float = 0.5) -> SwapStatistic:
    """The fastest form of the importance as a function of swaps.

    Raises:
        ValueError: for average precision, which has no closed form.
    """
    n_rows, _, n_values = rows.scores.shape
    shares = np.bincount(rows.values, minlength=n_values) / n_rows
    if metric == "average_precision":
        raise ValueError("average_precision has no closed form, and so no swap test: test auroc on the same scores")
    if metric != "auroc":
        terms = row_terms(metric, rows.labels, rows.scores, threshold).mean(axis=1)
        weights = sign_of(metric) * row_weights(metric, rows.labels)
        return AdditiveSwaps(weights[:, None] * terms, rows.values, shares)
    if n_values == 2:
        return pairwise_swaps(rows, shares)
    levels = levels_of(rows.scores)
    return RecomputedSwaps(levels.codes, levels.n_levels, rows.values, shares, rows.labels == 1.0)


def pairwise_swaps(rows: Rows, shares: Floats) -> PairwiseSwaps:
    """The bilinear form: importance of every pair of a positive and a negative, under its four pairs of flags.

    Memory: a few tables of n_positive x n_negative numbers.
    """
    positive, negative = np.flatnonzero(rows.labels == 1.0), np.flatnonzero(rows.labels == 0.0)
    codes = levels_of(rows.scores).codes
    above = {(v, w): pair_table(codes[positive][:, :, v], codes[negative][:, :, w]) for v in (0, 1) for w in (0, 1)}
    n_rows = rows.values.shape[0]
    own_p, own_q = rows.values[positive][:, None], rows.values[negative][None, :]

    def pair_importance(f: int, g: int) -> Floats:
        mixed = sum(shares[v] * shares[w] * above[v ^ f, w ^ g] for v in (0, 1) for w in (0, 1))
        same = sum(shares[v] * above[v ^ f, v ^ g] for v in (0, 1))
        factual = np.choose(2 * (own_p ^ f) + (own_q ^ g), [above[0, 0], above[0, 1], above[1, 0], above[1, 1]])
        found: Floats = (factual - (n_rows * mixed - same) / (n_rows - 1)) / (positive.size * negative.size)
        return found

    none, first, second, both = (pair_importance(f, g) for f, g in ((0, 0), (1, 0), (0, 1), (1, 1)))
    linear = np.zeros(n_rows)
    linear[positive] = np.sum(first - none, axis=1)
    linear[negative] = np.sum(second - none, axis=0)
    return PairwiseSwaps(float(none.sum()), linear, both - first - second + none, positive, negative)


def pair_table(first: Ints, second: Ints) -> Floats:
    """Share of draw pairs in which `first` lies above `second`, ties one half.

    Args:
        first: (n_first, n_draws).
        second: (n_second, n_draws).

    Returns:
        (n_first, n_second).
    """
    table = np.zeros((first.shape[0], second.shape[0]))
    for a in first.T:
        for b in second.T:
            table += np.sign(a[:, None] - b[None, :])
    shares: Floats = 0.5 + table / (2.0 * first.shape[1] * second.shape[1])
    return shares
