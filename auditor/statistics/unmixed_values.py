"""The unmixed response to a category: to each of its values, without what exchanging them does to other concepts.

A concept of K values without an order is K - 1 changes. With an orthonormal basis C of these, (K, K - 1), columns that
add up to 0, the changes of a row are `C' s(.)`, those of the detector's K outputs likewise, and `C'(what it sees)`
is what it sees of them: R = M b of `side_effects` then has K - 1 rows and columns for the category, and C b are the
effects of its values against their mean. The choice of C changes nothing. So a picture that shows *none* of the values
counts as their average: no exchange of values tells what it is worth, and `total_change` says how often it occurs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from auditor.statistics.arrays import Array, Floats, cluster_index
from auditor.statistics.intervals import Estimate, from_influence
from auditor.statistics.response import PairResponse


@dataclass(frozen=True)
class UnmixedValues:
    """The unmixed response to a category.

    Attributes:
        mean: over pairs of values, by the weights of the raw response.
        pairs: each pair of values that occur, as the raw response has them.
        p_none: p-value that no value matters, all pairs together (Hotelling's T-squared over rows or clusters); 1 where
            nothing moves, or where there are too few units to tell.
    """

    mean: Estimate
    pairs: tuple[PairResponse, ...]
    p_none: float


def value_basis(n_values: int) -> Floats:
    """Orthonormal changes of value, (n_values, n_values - 1): Helmert's, each value against the mean of those before.

    Raises:
        ValueError: if there are fewer than two values.
    """
    if n_values < 2:
        raise ValueError(f"{n_values} values can not be exchanged: there must be two")
    basis = np.zeros((n_values, n_values - 1))
    for k in range(1, n_values):
        basis[:k, k - 1], basis[k, k - 1] = -1.0, k
    found: Floats = basis / np.linalg.norm(basis, axis=0)
    return found


def unmixed_values(
    changes: Array, influence: Array, pairs: Sequence[tuple[int, int, float]], clusters: Array | None = None
) -> UnmixedValues:
    """Pairs of values and their mean, from the unmixed changes of one category.

    Args:
        changes: (n_values - 1,), unmixed, in the basis of `value_basis`.
        influence: (n_rows, n_values - 1), theirs.
        pairs: (from, to, weight), the weights adding up to 1.
        clusters: (n_rows,) names of independent units, or None.
    """
    of_changes, of_rows = np.asarray(changes, dtype=np.float64), np.asarray(influence, dtype=np.float64)
    basis = value_basis(of_changes.size + 1)
    cells = np.zeros(of_rows.shape[0], dtype=np.int64)

    def estimate(weights: Floats) -> Estimate:
        along = weights @ basis
        return from_influence(float(along @ of_changes), of_rows @ along, cells, clusters)

    exchanged = np.zeros((len(pairs), of_changes.size + 1))
    for number, (first, second, _) in enumerate(pairs):
        exchanged[number, first], exchanged[number, second] = -1.0, 1.0
    of_pairs = tuple(
        PairResponse(first, second, weight, estimate(exchanged[number]))
        for number, (first, second, weight) in enumerate(pairs)
    )
    mean = np.array([weight for _, _, weight in pairs]) @ exchanged
    return UnmixedValues(estimate(mean), of_pairs, joint_p(of_changes, of_rows, clusters))


def joint_p(values: Array, influence: Array, clusters: Array | None = None) -> float:
    """P-value that all of several estimates are 0: Hotelling's T-squared of their influence values.

    Args:
        values: (k,).
        influence: (n_rows, k).
        clusters: (n_rows,) names of independent units, or None.

    Returns:
        1 where there are not more units than values, or no estimate moves; 0 where some direction has no spread at all
        and its estimate is not 0.
    """
    found, of_rows = np.asarray(values, dtype=np.float64), np.asarray(influence, dtype=np.float64)
    unit_of = cluster_index(clusters, of_rows.shape[0])
    units = int(unit_of.max()) + 1
    if units <= found.size or not np.any(found):
        return 1.0
    sums = np.zeros((units, found.size))
    np.add.at(sums, unit_of, of_rows)
    spread = sums.T @ sums * units / (units - 1) / of_rows.shape[0] ** 2
    solved, _, rank, _ = np.linalg.lstsq(spread, found, rcond=1e-12)
    if rank < found.size and not np.allclose(spread @ solved, found, rtol=0.0, atol=1e-12):
        return 0.0
    from scipy.stats import f as f_distribution

    size = max(int(rank), 1)
    scaled = float(found @ solved) * (units - size) / (size * (units - 1))
    return float(f_distribution.sf(scaled, size, units - size))


def total_change(detected: Array) -> float:
    """Largest mean change of how many of a category's values a picture shows, when another concept is changed.

    Args:
        detected: (n_rows, n_set, n_values), the detector's outputs of the category's values, draws averaged, with the
            other concept set to each of its own values.
    """
    shown = np.asarray(detected, dtype=np.float64).sum(axis=2).mean(axis=0)
    return float(np.ptp(shown))
