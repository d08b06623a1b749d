"""Which values a row can be dealt by a permutation, and with which chance.

For a uniform permutation of all rows and p != q: `P(p gets v, q gets w) = n_v (n_w - [v = w]) / (N (N - 1))`. That is
the independent deal `pi_v pi_w`, plus `1 / (N - 1)` times (independent minus both the same), so the
expectation of any pairwise statistic is one weighted value over all pairs and a small correction over groups of rows.
Two restricted permutations have the same form:

- `within` strata (conditional importance): values change places only between rows of one stratum.
- `blocks`: all rows of a block carry one value, and blocks change places as wholes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auditor.statistics.arrays import Array, Floats, Ints, cluster_index


@dataclass(frozen=True)
class DealtTogether:
    """Rows whose pairs are not dealt independently.

    Attributes:
        rows: indices of the group's rows.
        excess: c in `E[pair] = mix + c (mix - same)`, with mix the pair under an independent deal and same the pair
            with both rows at one value, averaged over values.
    """

    rows: Ints
    excess: float


@dataclass(frozen=True)
class PermutationLaw:
    """The law of the value that a row is dealt.

    Attributes:
        shares: (n_rows, n_values), chance that the row is dealt the value.
        strata: (n_rows,), rows that share one distribution of values: 0 .. n_strata - 1.
        weight: (n_rows,), influence of the row's own value on that distribution, relative to one row of N.
        groups: pairs that are not dealt independently.
    """

    shares: Floats
    strata: Ints
    weight: Floats
    groups: tuple[DealtTogether, ...]

    def kept(self, values: Ints) -> Floats:
        """Chance that a row is dealt its own value, (n_rows,)."""
        kept: Floats = self.shares[np.arange(values.shape[0]), values]
        return kept

    def share_effect(self, values: Ints, influence: Floats) -> Floats:
        """Influence of a row through the distribution of values that it helps to make up, (n_rows,).

        Args:
            values: (n_rows,), own values.
            influence: (n_rows, n_values), influence of a row on the expectation if it were dealt the value.
        """
        rows = np.arange(values.shape[0])
        n_strata = int(self.strata.max()) + 1
        gains = np.stack([np.bincount(self.strata, column, n_strata) for column in influence.T], axis=1)
        gained = gains[self.strata] / values.shape[0]
        effect: Floats = self.weight * (gained[rows, values] - np.sum(self.shares * gained, axis=1))
        return effect


def permutation_law(
    values: Ints, n_values: int, within: Array | None = None, blocks: Array | None = None
) -> PermutationLaw:
    """The law of a uniform permutation of all rows, within strata, or of whole blocks.

    Raises:
        ValueError: if both restrictions are given, or the rows of a block differ in value.
    """
    if within is not None and blocks is not None:
        raise ValueError("permute within strata or permute blocks: both at once are not supported")
    n_rows = values.shape[0]
    one_hot = np.eye(n_values)[values]
    if blocks is not None:
        return _block_law(values, one_hot, cluster_index(blocks, n_rows))
    strata = np.zeros(n_rows, dtype=np.int64) if within is None else cluster_index(within, n_rows)
    sizes = np.bincount(strata)
    counts = np.stack([np.bincount(strata, column, sizes.size) for column in one_hot.T], axis=1)
    groups = tuple(
        DealtTogether(np.flatnonzero(strata == g), 1.0 / float(sizes[g] - 1)) for g in range(sizes.size) if sizes[g] > 1
    )
    return PermutationLaw((counts / sizes[:, None])[strata], strata, n_rows / sizes[strata], groups)


def _block_law(values: Ints, one_hot: Floats, block: Ints) -> PermutationLaw:
    n_rows, sizes = values.shape[0], np.bincount(block)
    first = np.unique(block, return_index=True)[1]
    if not np.array_equal(values[first][block], values):
        raise ValueError("rows of one block must share one value: the block moves as a whole")
    n_blocks = sizes.size
    shares = np.tile(one_hot[first].mean(axis=0), (n_rows, 1))
    groups: tuple[DealtTogether, ...] = ()
    if n_blocks > 1:
        between = 1.0 / (n_blocks - 1)
        # Inside a block both rows get one value for sure; the first group has already added `between` to all pairs.
        inside = tuple(
            DealtTogether(np.flatnonzero(block == b), -1.0 - between) for b in range(n_blocks) if sizes[b] > 1
        )
        groups = (DealtTogether(np.arange(n_rows), between), *inside)
    weight = n_rows / (n_blocks * sizes[block])
    return PermutationLaw(shares, np.zeros(n_rows, dtype=np.int64), weight, groups)
