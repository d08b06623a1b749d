"""Exact permutation importance where concepts are seen: a score that is linear in columns, one of which is permuted.

This is what an oracle knows: the columns are a model's own concept predictions, or the true presences. Every row
gets some other row's entry, all permutations being equally likely. With v, u the entries that a positive and a
negative row get, which are never those of one row,

    E[AUROC] = 1 / (N (N - 1)) sum over v != u of AUROC(positives with v, negatives with u)
             = (N A_mix - A_same) / (N - 1)

where A_mix pools all N entries for every row, and A_same gives all rows one entry: as the score is linear, the same
number whichever. It is `exact_importance` with one value for each row, and needs one sort of N^2 numbers (K^2 sorts
of N where the column has K values and K^2 < N).
"""

from __future__ import annotations

import numpy as np

from auditor.statistics.arrays import Array, Floats


def linear_importances(weights: Array, columns: Array, labels: Array) -> Floats:
    """The fall of AUROC when a column is permuted, averaged over all permutations: (n_models, n_columns).

    Args:
        weights: (n_models, n_columns), with which a model adds up the columns.
        columns: (n_rows, n_columns), the same for all models.
        labels: (n_models, n_rows), 0 or 1; or (n_rows,) where all models have one label.

    Raises:
        ValueError: if shapes disagree, a number is not finite, or a label has one class.
    """
    loads, seen = np.asarray(weights, np.float64), np.asarray(columns, np.float64)
    truth = np.broadcast_to(np.asarray(labels), (len(loads), len(seen)))
    if loads.ndim != 2 or seen.ndim != 2 or loads.shape[1] != seen.shape[1]:
        raise ValueError(f"weights {loads.shape} and columns {seen.shape} do not have the same columns")
    if not (np.isfinite(loads).all() and np.isfinite(seen).all()):
        raise ValueError("weights and columns must be finite")
    if not np.isin(truth, (0, 1)).all() or (truth.min(axis=1) == truth.max(axis=1)).any():
        raise ValueError("labels are 0 or 1, and of every model both occur")
    return np.array(
        [
            [
                _importance(seen @ load, load[j] * seen[:, j], y == 1) if load[j] != 0.0 else 0.0
                for j in range(seen.shape[1])
            ]
            for load, y in zip(loads, truth, strict=True)
        ]
    ).reshape(loads.shape)


def _importance(scores: Floats, part: Floats, positive: Array) -> float:
    """The fall of AUROC when `part` (n_rows,) of `scores` (n_rows,) is permuted."""
    rest, n_rows = scores - part, len(scores)
    entries, counts = np.unique(part, return_counts=True)
    hits, misses = rest[positive], np.sort(rest[~positive])
    # Sums that are equal on paper differ in the last bits: what is closer than this ties.
    close = 1e-9 * max(1e-300, float(np.abs(rest).max() + np.abs(part).max()))
    same = _auroc(hits, misses, close)
    if len(entries) ** 2 < n_rows:
        shares = counts / n_rows
        mixed = sum(
            p * q * _auroc(hits + (v - u), misses, close)
            for v, p in zip(entries, shares, strict=True)
            for u, q in zip(entries, shares, strict=True)
        )
    else:
        mixed = _auroc((hits[:, None] + part).reshape(-1), np.sort((misses[:, None] + part).reshape(-1)), close)
    factual = _auroc(scores[positive], np.sort(scores[~positive]), close)
    return float(factual - (n_rows * mixed - same) / (n_rows - 1))


def _auroc(hits: Floats, misses: Floats, close: float) -> float:
    """AUROC of positives' scores against negatives' scores in order; ties count half."""
    sought = np.sort(hits)
    below, upto = np.searchsorted(misses, sought - close, "right"), np.searchsorted(misses, sought + close, "left")
    return float((below.sum() + upto.sum()) / (2.0 * len(hits) * len(misses)))
