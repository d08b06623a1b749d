"""Every comparison of a positive with a negative at two values of a concept, as one bilinear form in signs.

Write x = 1 where a row stands at value 0 and -1 where it stands at value 1. The share of draw pairs in which positive i
lies above negative j is `m_ij + a_ij x_i + b_ij x_j + g_ij x_i x_j`; of m, a and b only sums are needed, which sorting
gives. The table g holds whole numbers, so that its products with signs are exact in single precision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from auditor.statistics.arrays import Array, Floats, Ints, Rows
from auditor.statistics.placements import Levels, levels_of, mass_of, share_below

EXACT: Final = 2**24
"""Whole numbers below this are exact in single precision, and so are their sums."""

LARGEST_TABLE: Final = 2**26
"""Most pairs of a positive and a negative that are held: 256 MiB. Above this, sort for each replicate instead."""


@dataclass(frozen=True)
class PairTable:
    """AUROC as a function of which rows stand at which of two values.

    Attributes:
        positive: (n_positive,), rows with label 1, those whose own value is 0 first.
        negative: (n_negative,), rows with label 0, likewise.
        own_zeros: how many of the positives and of the negatives have the value 0.
        constant: the mean of m.
        linear: (n_rows,), what a row's sign adds: sums of a (positives) and of b (negatives).
        joint: (n_positive, n_negative) whole numbers; times `unit`, g over the number of pairs.
        unit: one over 8 draws^2 n_positive n_negative.
    """

    positive: Ints
    negative: Ints
    own_zeros: tuple[int, int]
    constant: float
    linear: Floats
    joint: Array
    unit: float

    def aurocs(self, dealt: Array) -> Floats:
        """AUROC where each row stands at the value that it is dealt: `dealt` (n_rows, n_deals) gives (n_deals,)."""
        signs = (1 - 2 * dealt.astype(np.int8)).astype(np.float32)
        both = self.quadrants(signs).sum(axis=0)
        found: Floats = self.constant + self.linear @ signs.astype(np.float64) + self.unit * both
        return found

    def quadrants(self, signs: Array) -> Floats:
        """`sum over pairs of joint x_i x_j` by the own values of positive and negative: 00, 01, 10, 11.

        Args:
            signs: (n_rows, n_replicates) of 1 and -1, single precision.

        Returns:
            (4, n_replicates).
        """
        exact = np.dtype(np.float32 if 0.5 / self.unit < EXACT else np.float64)
        first, second = self.own_zeros
        right = signs[self.negative].astype(exact, copy=False)
        found = np.empty((4, signs.shape[1]))
        for i, rows in enumerate((slice(0, first), slice(first, None))):
            product = self.joint[rows].T @ signs[self.positive[rows]].astype(self.joint.dtype, copy=False)
            for j, columns in enumerate((slice(0, second), slice(second, None))):
                part: Floats = product[columns].astype(exact, copy=False)
                found[2 * i + j] = np.einsum("jm,jm->m", part, right[columns])
        return found


def pair_table(rows: Rows) -> PairTable:
    """The table of one model and one concept of two values; time n_draws^2 n_positive n_negative."""
    levels, draws = levels_of(rows.scores), rows.scores.shape[1]
    order = np.argsort(rows.values, kind="stable")
    positive, negative = order[rows.labels[order] == 1.0], order[rows.labels[order] == 0.0]
    zeros = int(np.sum(rows.values[positive] == 0)), int(np.sum(rows.values[negative] == 0))
    n_pairs = positive.size * negative.size
    above, below = _placed(levels, positive, negative), 1.0 - _placed(levels, negative, positive)
    linear = np.zeros(rows.values.shape[0])
    linear[positive] = (above[:, 0] - above[:, 1]) / (2.0 * positive.size)
    linear[negative] = (below[:, 0] - below[:, 1]) / (2.0 * negative.size)
    # Sums of products with signs stay below EXACT for all but huge tables.
    single = 4 * draws**2 * positive.size < EXACT
    joint = _second_differences(levels, positive, negative).astype(np.float32 if single else np.float64)
    unit = 1.0 / (8.0 * draws**2 * n_pairs)
    return PairTable(positive, negative, zeros, float(above.mean()), linear, joint, unit)


def _placed(levels: Levels, these: Ints, others: Ints) -> Floats:
    """Share of the others' scores, at both values equally, below each of these rows' scores, draws averaged.

    Returns:
        (n_these, 2), ties one half.
    """
    placed = share_below(mass_of(levels.codes[others], None, levels.n_levels))
    found: Floats = placed[levels.codes[these]].mean(axis=1)
    return found


def _second_differences(levels: Levels, positive: Ints, negative: Ints) -> Array:
    """`S(0,0) - S(0,1) - S(1,0) + S(1,1)`, S the sum over draw pairs of the sign of i's score less j's."""
    small = levels.n_levels < 2**15
    codes = levels.codes.astype(np.int16 if small else np.int32)
    found = np.zeros((positive.size, negative.size), dtype=np.int32)
    for first in range(codes.shape[1]):
        for second in range(codes.shape[1]):
            part = np.zeros(found.shape, dtype=np.int8)
            for v in (0, 1):
                for w in (0, 1):
                    i, j = codes[positive, first, v][:, None], codes[negative, second, w][None, :]
                    up, down = (i, j) if v == w else (j, i)
                    part += np.greater(up, down).view(np.int8)
                    part -= np.less(up, down).view(np.int8)
            found += part
    return found
