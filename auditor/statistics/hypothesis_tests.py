"""Does the score respond to the concept? Sign flips for two values, orders of values for more.

Null hypothesis: a row's scores are exchangeable over the concept's values. It holds for any number of rows, any
labels, prevalences and correlated concepts, and for common noise within a draw, since whole rows (or clusters) are
exchanged, all draws together. It is a statement about the *intervention*: a generator whose side effects have a
direction is rejected too, and only the gates make it a statement about the concept.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from auditor.statistics.arrays import Array, Floats, cluster_index
from auditor.statistics.monte_carlo import TestResult, check_replicates, count_many_tails, count_tails
from auditor.statistics.orders import uniform_orders
from auditor.statistics.response import Response

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
    changes = np.asarray(per_row, dtype=np.float64)
    if changes.ndim != 1:
        raise ValueError(f"one finite change a row is needed, for at least one row; found the shape {changes.shape}")
    return mean_response_tests(changes[None], swaps, seed, clusters, early_stop)[0]


def mean_response_tests(
    per_row: Array, swaps: int, seed: int, clusters: Array | None = None, early_stop: int | None = None
) -> tuple[TestResult, ...]:
    """`mean_response_test` of several models on the same rows: the same results, from one product with all signs.

    Args:
        per_row: (n_models, n_rows).
        swaps: replicates m.
        seed: of the flips, the same for all models.
        clusters: (n_rows,) names of independent units, or None.
        early_stop: exceedances at which to stop, or None to draw all.

    Raises:
        ValueError: as `mean_response_test`.
    """
    check_replicates(swaps, early_stop)
    changes = np.asarray(per_row, dtype=np.float64)
    if changes.ndim != 2 or changes.size == 0 or not np.isfinite(changes).all():
        raise ValueError(f"one finite change a row is needed, for at least one row; found the shape {changes.shape}")
    n_rows = changes.shape[1]
    unit_of = cluster_index(clusters, n_rows)
    sums = np.stack([np.bincount(unit_of, weights=row) for row in changes], axis=1) / n_rows
    rng = np.random.default_rng([seed, zlib.crc32(b"mean-response")])

    def draw(size: int, going: Sequence[int]) -> Sequence[Floats]:
        signs = np.where(rng.random((size, sums.shape[0])) < 0.5, -1.0, 1.0)
        return list(np.abs(signs @ sums[:, going]).T)

    # Relative to the sum, which no replicate exceeds: the unit of the score must not decide what a tie is.
    ties = TIE * np.abs(sums).sum(axis=0)
    observed = sums.sum(axis=0)
    tails = count_many_tails(list(np.abs(observed)), draw, swaps, list(ties), (1,), early_stop)
    return tuple(
        TestResult(tail.p_value, float(seen), "two-sided", SYMMETRIC, tail.replicates, tail.exceedances, seed)
        for (tail,), seen in zip(tails, observed, strict=True)
    )


def response_test(
    found: Response, swaps: int, seed: int, clusters: Array | None = None, early_stop: int | None = None
) -> TestResult:
    """The test of the mean response, for any number of values.

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
    n_rows = found.per_value.shape[0]
    unit_of = cluster_index(clusters, n_rows)
    # What is common to all values of a row no order moves: without it, only movement decides what a tie is.
    moves = found.per_value - found.per_value.mean(axis=1, keepdims=True)
    sums = np.stack([np.bincount(unit_of, column) for column in moves.T], axis=1) / n_rows
    rng = np.random.default_rng([seed, zlib.crc32(b"response-over-values")])

    def spread(means: Floats) -> Floats:
        squares = sum(pair.weight * (means[pair.second] - means[pair.first]) ** 2 for pair in found.pairs)
        return np.sqrt(np.asarray(squares, dtype=np.float64))

    def draw(size: int) -> Floats:
        places = uniform_orders(rng, size, *sums.shape).places
        rows = np.arange(sums.shape[0])[:, None]
        return spread(np.stack([sums[rows, place].sum(axis=0) for place in places]))

    observed = float(spread(sums.sum(axis=0)[:, None])[0])
    (tail,) = count_tails(observed, draw, swaps, TIE * float(np.abs(sums).sum()), (1,), early_stop)
    return TestResult(tail.p_value, observed, "two-sided", EXCHANGEABLE, tail.replicates, tail.exceedances, seed)


def response_tests(
    found: Sequence[Response], swaps: int, seed: int, clusters: Array | None = None, early_stop: int | None = None
) -> tuple[TestResult, ...]:
    """`response_test` of several models to one concept on the same rows; the same results, in less time."""
    if found and all(len(each.pairs) == 1 for each in found):
        return mean_response_tests(np.stack([each.per_row for each in found]), swaps, seed, clusters, early_stop)
    return tuple(response_test(each, swaps, seed, clusters, early_stop) for each in found)
