"""Two tests that need no model of the scores: does the score respond, and does performance use it?

Null hypothesis of both: a row's scores are exchangeable over the concept's values. It holds for any number of rows,
any labels, prevalences and correlated concepts, and for common noise within a draw, since whole rows (or clusters)
are exchanged, all draws together. It is a statement about the *intervention*: a generator whose side effects have a
direction is rejected too, and only the gates make it a statement about the concept.
"""

from __future__ import annotations

import zlib
from typing import Final

import numpy as np

from auditor.statistics.arrays import Array, Floats, checked_rows, cluster_index
from auditor.statistics.metrics import Metric, check_metric
from auditor.statistics.monte_carlo import Alternative, TestResult, check_replicates, count_tails
from auditor.statistics.response import Response
from auditor.statistics.swap_statistic import swap_statistic

EXCHANGEABLE: Final = "each row's scores are exchangeable over the concept's values"
SYMMETRIC: Final = "each row's change of score is as likely as its opposite"
TIE: Final = 1e-9


def mean_response_test(
    per_row: Array, swaps: int, seed: int, clusters: Array | None = None, early_stop: int | None = None
) -> TestResult:
    """Sign-flip test of the mean response, two-sided: the default for "does the score respond".

    Statistic |mean over rows|; a replicate flips the sign of all rows of a cluster together. Exact for changes in the
    score's own unit. Rank placements refer to the factual scores, which a swap would change: the test is then a
    little conservative at few rows (size .039 at .05 with 10 rows, .052 with 200).

    Args:
        per_row: (n_rows,), the change of score, draws averaged.
        swaps: replicates m; m + 1 a multiple of 1 / alpha.
        seed: of the flips.
        clusters: (n_rows,) names of independent units, or None.
        early_stop: exceedances at which to stop, or None to draw all.

    Raises:
        ValueError: if there is no row or no replicate, or a change is missing.
    """
    check_replicates(swaps, early_stop)
    changes = np.asarray(per_row, dtype=np.float64)
    if changes.ndim != 1 or changes.size == 0 or not np.isfinite(changes).all():
        raise ValueError(f"one finite change a row is needed, for at least one row; found the shape {changes.shape}")
    sums = np.bincount(cluster_index(clusters, changes.shape[0]), weights=changes) / changes.shape[0]
    rng = np.random.default_rng([seed, zlib.crc32(b"mean-response")])

    def draw(size: int) -> Floats:
        signs = np.where(rng.random((size, sums.shape[0])) < 0.5, -1.0, 1.0)
        size_of: Floats = np.abs(signs @ sums)
        return size_of

    # Relative to the sum, which no replicate exceeds: the unit of the score must not decide what a tie is.
    (tail,) = count_tails(abs(float(sums.sum())), draw, swaps, TIE * float(np.abs(sums).sum()), (1,), early_stop)
    return TestResult(tail.p_value, float(sums.sum()), "two-sided", SYMMETRIC, tail.replicates, tail.exceedances, seed)


def response_test(
    found: Response, swaps: int, seed: int, clusters: Array | None = None, early_stop: int | None = None
) -> TestResult:
    """Does the score respond to the concept? The mean-response test, for any number of values.

    Two values (or one contrast): the sign-flip test. More: the statistic is the root of the weighted mean over pairs of
    the squared mean change, so that pairs of opposite sign cannot cancel; a replicate deals each row's (or whole
    cluster's) scores out anew among its values. With two values this is |mean response|, and swaps are sign flips.

    Args:
        found: of the model and concept.
        swaps: replicates m.
        seed: of the replicates.
        clusters: (n_rows,) names of independent units, or None.
        early_stop: exceedances at which to stop, or None to draw all.

    Raises:
        ValueError: if there is no replicate.
    """
    if len(found.pairs) == 1:
        return mean_response_test(found.per_row, swaps, seed, clusters, early_stop)
    check_replicates(swaps, early_stop)
    n_rows, n_values = found.per_value.shape
    unit_of = cluster_index(clusters, n_rows)
    # What is common to all values of a row no order moves: without it, only movement decides what a tie is.
    moves = found.per_value - found.per_value.mean(axis=1, keepdims=True)
    sums = np.stack([np.bincount(unit_of, column) for column in moves.T], axis=1) / n_rows
    rng = np.random.default_rng([seed, zlib.crc32(b"response-over-values")])

    def spread(means: Floats) -> Floats:
        squares = sum(pair.weight * (means[:, pair.second] - means[:, pair.first]) ** 2 for pair in found.pairs)
        return np.sqrt(np.asarray(squares, dtype=np.float64))

    def draw(size: int) -> Floats:
        orders = uniform_orders(rng, size, sums.shape[0], n_values).astype(np.int64)
        return spread(np.take_along_axis(sums[None], orders, axis=2).sum(axis=1))

    observed = float(spread(sums.sum(axis=0)[None])[0])
    (tail,) = count_tails(observed, draw, swaps, TIE * float(np.abs(sums).sum()), (1,), early_stop)
    return TestResult(tail.p_value, observed, "two-sided", EXCHANGEABLE, tail.replicates, tail.exceedances, seed)


def importance_swap_test(
    scores: Array,
    values: Array,
    labels: Array,
    swaps: int,
    seed: int,
    clusters: Array | None = None,
    early_stop: int | None = 20,
    metric: Metric = "auroc",
    alternative: Alternative = "two-sided",
    threshold: float = 0.5,
) -> TestResult:
    """Swap test of the exact importance: the default for "does performance use it".

    A replicate exchanges the score vectors of a row's values (all draws, whole clusters); labels and own values stay.
    Two-sided by doubling the smaller tail, so that the least p is 2 / (m + 1).

    Args:
        scores: (n_rows, n_draws, n_values).
        values: (n_rows,), own values.
        labels: (n_rows,).
        swaps: replicates m.
        seed: of the swaps.
        clusters: (n_rows,) names of independent units, or None.
        early_stop: exceedances at which a tail stops, or None to draw all.
        metric: any but average precision.
        alternative: "greater" for the upper tail alone.
        threshold: of decisions.

    Raises:
        ValueError: if the rows do not suit the metric, there is no replicate, or the alternative is unknown.
    """
    check_replicates(swaps, early_stop)
    sides = {"two-sided": (1, -1), "greater": (1,), "less": (-1,)}.get(alternative)
    if sides is None:
        raise ValueError(f"unknown alternative {alternative!r} (known: greater, less, two-sided)")
    rows = checked_rows(scores, values, labels)
    check_metric(metric, rows.labels)
    statistic = swap_statistic(rows, metric, threshold)
    n_rows, _, n_values = rows.scores.shape
    unit_of = cluster_index(clusters, n_rows)
    n_units = int(unit_of.max()) + 1
    rng = np.random.default_rng([seed, zlib.crc32(b"importance-swap")])
    observed = float(statistic.of(np.tile(np.arange(n_values), (1, n_rows, 1)))[0])

    def draw(size: int) -> Floats:
        return statistic.of(uniform_orders(rng, size, n_units, n_values)[:, unit_of])

    tails = count_tails(observed, draw, swaps, TIE * statistic.scale, sides, early_stop)
    least = min(tails, key=lambda tail: tail.p_value)
    p_value = min(1.0, len(sides) * least.p_value)
    return TestResult(p_value, observed, alternative, EXCHANGEABLE, least.replicates, least.exceedances, seed)


def uniform_orders(rng: np.random.Generator, size: int, n_units: int, n_values: int) -> Array:
    """Uniform orders of the values, (size, n_units, n_values); the stream is the same however it is cut."""
    if n_values == 2:
        swapped = (rng.random((size, n_units)) < 0.5).astype(np.int8)
        return np.stack([swapped, 1 - swapped], axis=2)
    return np.argsort(rng.random((size, n_units, n_values)), axis=2).astype(np.int8)
