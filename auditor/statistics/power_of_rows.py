"""What a plan can promise of the rows that it has: bounds and errors from their labels, values and stored scores."""

from __future__ import annotations

import numpy as np

from auditor.statistics.arrays import Array
from auditor.statistics.importance import largest_possible
from auditor.statistics.power import null_se, rank_change


def largest_importance(labels: Array, values: Array) -> float:
    """Bound on |AUROC importance| from labels and values alone: kappa+ + kappa-, at most 1.

    kappa of a class is the mean of `1 - pi` of the own value over its rows. Assumes free permutation of rows.

    Raises:
        ValueError: if a class has no row.
    """
    truth, own = np.asarray(labels, dtype=np.float64), np.asarray(values).astype(np.int64)
    if np.unique(truth).size < 2:
        raise ValueError("the bound needs rows of both classes")
    found = largest_possible("auroc", truth, 1.0 - (np.bincount(own) / own.size)[own])
    return 1.0 if found is None else found


def smallest_cell_of_rows(labels: Array, values: Array, classes: bool = True) -> float:
    """`smallest_expected_cell` of any number of classes; for labels that are numbers (`classes` False) `min n_v`."""
    shares = np.bincount(np.asarray(values).astype(np.int64)) / np.asarray(values).size
    truth = np.asarray(labels)
    least = int(np.unique(truth, return_counts=True)[1].min()) if classes else truth.size
    return float(least * shares[shares > 0.0].min())


def null_se_of_rows(labels: Array, values: Array, placements: Array) -> float:
    """`null_se` with what was measured: the rows' labels and values, and tau from their placements.

    Args:
        labels: (n_rows,), 0 or 1.
        values: (n_rows,), own values.
        placements: (n_rows, n_draws, n_values), as `rank_placements` makes them.

    Raises:
        ValueError: if a class has no row.
    """
    truth, own = np.asarray(labels), np.asarray(values).astype(np.int64)
    positive = int(np.sum(truth == 1))
    if positive in (0, truth.size):
        raise ValueError("the null standard error needs rows of both classes")
    shares = np.bincount(own, minlength=placements.shape[2]) / own.size
    return null_se(positive, truth.size - positive, shares, rank_change(placements))
