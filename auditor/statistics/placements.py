"""Placements: where a score stands among other scores, ties counted one half.

Everything about ranks goes through levels: the distinct scores in order, numbered 0 .. n_levels - 1. After that one
sort, every AUROC of any weighting is a histogram and a running sum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auditor.statistics.arrays import Array, Floats, Ints, checked_values, own_value


@dataclass(frozen=True)
class Levels:
    """Scores replaced by their rank among the distinct scores.

    Attributes:
        codes: same shape as the scores, 0 .. n_levels - 1.
        n_levels: number of distinct scores.
    """

    codes: Ints
    n_levels: int


def levels_of(scores: Array) -> Levels:
    """Levels of an array of scores of any shape."""
    distinct, inverse = np.unique(scores, return_inverse=True)
    return Levels(inverse.reshape(np.shape(scores)).astype(np.int64), distinct.shape[0])


def mass_of(codes: Ints, weights: Floats | None, n_levels: int) -> Floats:
    """Total weight at each level, (n_levels,); without weights, counts."""
    flat = None if weights is None else weights.ravel()
    return np.bincount(codes.ravel(), weights=flat, minlength=n_levels).astype(np.float64)


def share_below(mass: Floats) -> Floats:
    """For each level the share of the mass below it plus half of the mass at it; levels are the last axis."""
    upto = np.cumsum(mass, axis=-1)
    shares: Floats = (upto - mass / 2.0) / upto[..., -1:]
    return shares


def weighted_auroc(positive: Floats, negative: Floats) -> float:
    """AUROC from the weight of positives and of negatives at each level, both (n_levels,)."""
    return float(positive @ share_below(negative) / positive.sum())


def rank_placements(scores: Array, values: Array) -> Floats:
    """Placement of every score among the factual scores of all rows and draws, 0 to 1, ties one half.

    The scale of the response: 0.1 is ten places in a hundred. Monotone changes of the score (logit or
    probability) leave it as it is.

    Args:
        scores: (n_rows, n_draws, n_values).
        values: (n_rows,), each row's own value.

    Returns:
        (n_rows, n_draws, n_values).

    Raises:
        ValueError: if there are no scores, or a value is out of range.
    """
    found = np.asarray(scores, dtype=np.float64)
    if found.ndim != 3 or found.size == 0:
        raise ValueError(f"scores must have the shape (n_rows, n_draws, n_values) and hold some, not {found.shape}")
    if not np.isfinite(found).all():
        raise ValueError("scores must be finite: drop rows whose picture failed before ranking")
    levels = levels_of(found)
    factual = own_value(levels.codes, checked_values(values, found.shape[2]))
    placed: Floats = share_below(mass_of(factual, None, levels.n_levels))[levels.codes]
    return placed


def aurocs(hits: Array | float, misses: Array | float) -> Floats:
    """AUROC of each replicate from the mass of positives and negatives at each level, (n_replicates, n_levels)."""
    positive, negative = np.asarray(hits, dtype=np.float64), np.asarray(misses, dtype=np.float64)
    found: Floats = np.sum(positive * share_below(negative), axis=-1) / positive.sum(axis=-1)
    return found


def average_precisions(hits: Array | float, misses: Array | float) -> Floats:
    """Average precision, the mean precision over positives, of each replicate; arguments as `aurocs`."""
    positive, negative = np.asarray(hits, dtype=np.float64), np.asarray(misses, dtype=np.float64)
    above = np.cumsum(positive[..., ::-1], axis=-1)
    everyone = np.cumsum((positive + negative)[..., ::-1], axis=-1)
    everyone[everyone == 0.0] = 1.0
    found: Floats = np.sum(positive[..., ::-1] * above / everyone, axis=-1) / positive.sum(axis=-1)
    return found
