"""Does the score move when the concept moves? Judged on the same scores as importance, whatever the label.

Importance is 0 for any model when the concept is independent of the label; the response is not. With Delta_id the
change of row i's score, in draw d, when the concept's value changes:

- mean response: mean over rows and draws of Delta, signed;
- systematic response: the root of the mean over rows of products of *different* draws, so that generator noise
  cancels, and reactions whose sign differs between rows still count. The naive mean |Delta| has a floor
  (0.113 at noise 0.1 where the truth is 0) and is not offered.

With more than two values, Delta is the mean over declared contrasts, else over all pairs v < w of s(w) - s(v), weighted
pi_v pi_w. Where values have no order (categories), the sign of that mean says little: `pairs` lists each pair,
`systematic` takes their squares, and `response_test` asks whether any pair moves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from auditor.statistics.arrays import Array, Floats, checked_values
from auditor.statistics.intervals import Estimate, mean_estimate
from auditor.statistics.noise import noise_sd


@dataclass(frozen=True)
class PairResponse:
    """Mean response to the change from one value to another.

    Attributes:
        first: the value that is changed.
        second: the value that it becomes.
        weight: of the pair in the response as a whole; all weights add up to 1.
        mean: signed, t interval over rows or clusters.
    """

    first: int
    second: int
    weight: float
    mean: Estimate


@dataclass(frozen=True)
class Response:
    """How far scores move when the concept's value changes.

    Attributes:
        mean: signed, t interval over rows or clusters.
        per_row: (n_rows,), mean over draws of the change.
        systematic: root of the mean square systematic change; at least 0.
        square: its square before the root is taken, unbiased with two draws or more and so possibly below 0; with one
            draw the mean squared change, which noise inflates.
        n: rows.
        draws: draws of noise.
        noise_sd: how far the mean would move if the same rows were generated again; None with one draw.
        per_value: (n_rows, n_values), the row's mean score over draws at each value.
        pairs: each declared contrast, or each pair of values that occur; one with two values.
    """

    mean: Estimate
    per_row: Floats
    systematic: float
    square: Estimate
    n: int
    draws: int
    noise_sd: float | None
    per_value: Floats
    pairs: tuple[PairResponse, ...]

    def systematic_lower(self, confidence: float) -> float:
        """One-sided lower bound; 0 with one draw, which cannot tell a response from noise."""
        return 0.0 if self.draws < 2 else root(self.square.lower(confidence))

    def systematic_upper(self, confidence: float) -> float:
        """One-sided upper bound; with one draw an upper bound still, but one that holds the noise too."""
        return root(self.square.upper(confidence))


def root(square: float) -> float:
    """Square root of what may fall below 0 by sampling error."""
    return math.sqrt(max(0.0, square))


def response(
    scores: Array,
    clusters: Array | None = None,
    values: Array | None = None,
    span: float = 1.0,
    contrasts: Sequence[tuple[int, int]] = (),
) -> Response:
    """Mean and systematic response of one model to one concept.

    Args:
        scores: (n_rows, n_draws, n_values), rank placements or scores in their own unit; one noise for all values.
        clusters: (n_rows,) names of independent units, or None.
        values: (n_rows,), own values; needed with more than two values and no contrasts, to weigh the pairs.
        span: the most that a score can change, 1 for placements. Used where no score moves in any row: then at most
            `-ln(1 - c) / n_units` of the rows move, each by no more than this. 0 trusts that nothing ever moves.
        contrasts: pairs (from, to) of values, weighted equally; empty for all pairs.

    Raises:
        ValueError: if there is no row, fewer than two values, or a number is missing.
    """
    found = np.asarray(scores, dtype=np.float64)
    if found.ndim != 3 or found.size == 0 or found.shape[2] < 2:
        raise ValueError(f"scores must have the shape (n_rows, n_draws, 2 values or more), not {found.shape}")
    if not np.isfinite(found).all():
        raise ValueError("scores must be finite: drop rows whose picture failed before estimating")
    n_rows, draws, n_values = found.shape
    per_draw, squares = np.zeros((n_rows, draws)), np.zeros(n_rows)
    pairs: list[PairResponse] = []
    for first, second, weight in declared_pairs(n_values, values, contrasts):
        change = found[:, :, second] - found[:, :, first]
        per_draw += weight * change
        squares += weight * product_of_draws(change)
        pairs.append(PairResponse(first, second, weight, mean_estimate(change.mean(axis=1), clusters, span)))
    per_row: Floats = per_draw.mean(axis=1)
    mean, square = mean_estimate(per_row, clusters, span), mean_estimate(squares, clusters, span**2)
    return Response(
        mean,
        per_row,
        root(square.value),
        square,
        n_rows,
        draws,
        noise_sd(per_draw),
        found.mean(axis=1),
        tuple(pairs),
    )


def product_of_draws(change: Floats) -> Floats:
    """Mean product of two different draws' changes, per row: `[(sum D)^2 - sum D^2] / (n_draws (n_draws - 1))`.

    Args:
        change: (n_rows, n_draws).

    Returns:
        (n_rows,); with one draw the square, whose mean the noise inflates.
    """
    draws = change.shape[1]
    squares: Floats = np.sum(change**2, axis=1)
    if draws < 2:
        return squares
    products: Floats = (change.sum(axis=1) ** 2 - squares) / (draws * (draws - 1))
    return products


def declared_pairs(
    n_values: int, values: Array | None, contrasts: Sequence[tuple[int, int]]
) -> tuple[tuple[int, int, float], ...]:
    """The declared contrasts with equal weights, or all pairs where none is declared.

    Raises:
        ValueError: if a contrast names a value that the scores do not hold, or one value twice.
    """
    for first, second in contrasts:
        if first == second or not (0 <= first < n_values and 0 <= second < n_values):
            raise ValueError(f"the contrast ({first}, {second}) needs two different values of 0 .. {n_values - 1}")
    if not contrasts:
        return value_pairs(n_values, values)
    return tuple((first, second, 1.0 / len(contrasts)) for first, second in contrasts)


def value_pairs(n_values: int, values: Array | None) -> tuple[tuple[int, int, float], ...]:
    """All pairs v < w of values, with weights in proportion to pi_v pi_w that add up to 1.

    Two values make one pair, whatever their shares; where one of more values alone occurs, its pairs weigh the same.

    Raises:
        ValueError: if there are more than two values and no own values to weigh by.
    """
    if n_values == 2:
        return ((0, 1, 1.0),)
    if values is None:
        raise ValueError(f"{n_values} values: give the rows' own values, by whose shares the pairs are weighted")
    counts = np.bincount(checked_values(values, n_values), minlength=n_values)
    weights = [(v, w, float(counts[v] * counts[w])) for v in range(n_values) for w in range(v + 1, n_values)]
    total = sum(weight for _, _, weight in weights)
    if total == 0.0:
        weights = [(v, w, float(counts[v] + counts[w])) for v, w, _ in weights]
        total = sum(weight for _, _, weight in weights)
    return tuple((v, w, weight / total) for v, w, weight in weights if weight > 0.0)
