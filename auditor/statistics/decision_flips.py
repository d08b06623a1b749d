"""How many decisions change when the concept changes, beside how many change when noise alone does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auditor.statistics.arrays import Array, Floats, Ints, checked_values, cluster_index, own_value
from auditor.statistics.response import value_pairs
from auditor.statistics.shares import Proportion


@dataclass(frozen=True)
class Flips:
    """Share of rows whose decision changes.

    Attributes:
        share: with Wilson intervals over rows or clusters.
        per_row: (n_rows,), share of the row's draws in which the decision changes, 0 to 1.
        n: rows.
        renoise_share: share of pairs of draws, at the row's own value, that disagree; None with one draw.
    """

    share: Proportion
    per_row: Floats
    n: int
    renoise_share: float | None


def decision_flips(decisions: Array, values: Array, clusters: Array | None = None) -> Flips:
    """Share of rows whose decision changes with the concept's value, same noise.

    Draws are averaged within a row, so the count is a fraction and n stays the number of rows; with clusters, their
    means are the units. With more than two values, pairs of values are weighted pi_v pi_w.

    Args:
        decisions: (n_rows, n_draws, n_values), classes (flags or whole numbers).
        values: (n_rows,), own values.
        clusters: (n_rows,) names of independent units, or None.

    Raises:
        ValueError: if there is no row or fewer than two values.
    """
    found = np.asarray(decisions)
    if found.ndim != 3 or found.size == 0 or found.shape[2] < 2:
        raise ValueError(f"decisions must have the shape (n_rows, n_draws, 2 values or more), not {found.shape}")
    own = checked_values(values, found.shape[2])
    per_row = np.zeros(found.shape[0])
    for first, second, weight in value_pairs(found.shape[2], own):
        per_row += weight * np.mean(found[:, :, first] != found[:, :, second], axis=1)
    return Flips(clustered_share(per_row, clusters), per_row, found.shape[0], renoise_share(found, own))


def clustered_share(per_row: Floats, clusters: Array | None = None) -> Proportion:
    """Mean of shares per row as a proportion; where clusters are given, of their means, and n is their number."""
    unit_of = cluster_index(clusters, per_row.shape[0])
    per_unit = np.bincount(unit_of, weights=per_row) / np.bincount(unit_of)
    return Proportion(float(per_unit.mean()), per_unit.shape[0])


def renoise_share(decisions: Array, values: Ints) -> float | None:
    """Share of pairs of different draws, at the row's own value, whose decisions differ.

    Returns:
        None with one draw: not measured.
    """
    own = own_value(decisions, values)
    draws = own.shape[1]
    if draws < 2:
        return None
    agree = sum(np.sum(own == own[:, [d]], axis=1) - 1 for d in range(draws))
    return float(np.mean(1.0 - agree / (draws * (draws - 1))))
