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


def null_se_of_metric(metric: str, labels: Array, values: Array, tau: float) -> float | None:
    """Standard error of an importance under the null, in a metric that ranks: what `null_se` is for AUROC.

    AUROC as it is; of macro AUROC the mean over one class against the rest, which is the most that their mean can have:
    two classes have it, with four it was 1.6 times what was simulated, so that more is found than is forecast. None
    for metrics of probabilities, decisions and numbers: how far these move is not told by how far ranks do; and for
    average precision, which has no such formula.

    Args:
        metric: any.
        labels: (n_rows,), of its task.
        values: (n_rows,), own values.
        tau: root mean square change of rank.
    """
    if metric not in ("auroc", "macro_auroc"):
        return None
    truth, own = np.asarray(labels), np.asarray(values).astype(np.int64)
    shares = np.bincount(own) / own.size
    of_classes = [1.0] if metric == "auroc" else np.unique(truth).tolist()
    counts = [int(np.sum(truth == one)) for one in of_classes]
    return float(np.mean([null_se(count, truth.size - count, shares, tau) for count in counts]))


def largest_of_metric(metric: str, labels: Array, values: Array) -> float | None:
    """Bound on |importance| in any metric from labels and values alone, for free permutation of rows; None where the
    metric has no bound."""
    own = np.asarray(values).astype(np.int64)
    changes = 1.0 - (np.bincount(own) / own.size)[own]
    return largest_possible(metric, np.asarray(labels, dtype=np.float64), changes)
