"""Does performance use the concept? The swap test of the exact importance, of one model or of many at once.

The null hypothesis, and what it does not say, is that of `hypothesis_tests`.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from auditor.statistics.arrays import Array, Floats, Rows, checked_rows, cluster_index
from auditor.statistics.hypothesis_tests import EXCHANGEABLE, TIE
from auditor.statistics.metrics import Metric, check_metric
from auditor.statistics.monte_carlo import Alternative, TestResult, check_replicates, count_many_tails
from auditor.statistics.orders import Orders, uniform_orders
from auditor.statistics.swap_statistic import swap_statistic

PAIRS_AT_ONCE: Final = 2**26
"""Most pairs of rows whose comparisons are held for several models together: 256 MiB."""

SIDES: Final[dict[str, tuple[int, ...]]] = {"two-sided": (1, -1), "greater": (1,), "less": (-1,)}


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
        scores: (n_rows, n_draws, n_values), of a metric of classes (n_rows, n_draws, n_values, n_classes).
        values: (n_rows,), own values.
        labels: (n_rows,).
        swaps: replicates m.
        seed: of the swaps.
        clusters: (n_rows,) names of independent units, or None.
        early_stop: exceedances at which a tail stops, or None to draw all.
        metric: any; of average precision the statistic is the plug-in of the mixture.
        alternative: "greater" for the upper tail alone.
        threshold: of decisions.

    Raises:
        ValueError: if the rows do not suit the metric, there is no replicate, or the alternative is unknown.
    """
    return importance_swap_tests(
        [scores], values, labels, swaps, seed, clusters, early_stop, metric, alternative, threshold
    )[0]


def importance_swap_tests(
    scores: Sequence[Array],
    values: Array,
    labels: Array,
    swaps: int,
    seed: int,
    clusters: Array | None = None,
    early_stop: int | None = 20,
    metric: Metric = "auroc",
    alternative: Alternative = "two-sided",
    threshold: float = 0.5,
) -> tuple[TestResult, ...]:
    """`importance_swap_test` of several models on the same rows and concept: the same results, from shared swaps.

    Args:
        scores: of each model, as `importance_swap_test`.
        values: (n_rows,), own values.
        labels: (n_rows,) for all models, or (n_models, n_rows).
        swaps: replicates m.
        seed: of the swaps, the same for all models.
        clusters: (n_rows,) names of independent units, or None.
        early_stop: exceedances at which a tail stops, or None to draw all.
        metric: any.
        alternative: "greater" for the upper tail alone.
        threshold: of decisions.

    Raises:
        ValueError: as `importance_swap_test`.
    """
    check_replicates(swaps, early_stop)
    if alternative not in SIDES:
        raise ValueError(f"unknown alternative {alternative!r} (known: greater, less, two-sided)")
    found: list[TestResult] = []
    at_once = max(1, PAIRS_AT_ONCE // max(1, np.asarray(values).size ** 2 // 4))
    for start in range(0, len(scores), at_once):
        group = [
            checked_rows(each, values, labels_of(labels, start + i))
            for i, each in enumerate(scores[start : start + at_once])
        ]
        for rows in group:
            check_metric(metric, rows.labels, rows.n_classes)
        found += _tested_together(group, swaps, seed, clusters, early_stop, metric, alternative, threshold)
    return tuple(found)


def labels_of(labels: Array, model: int) -> Array:
    """The labels of one model: its row of (n_models, n_rows), or the (n_rows,) that all models share."""
    truth = np.asarray(labels)
    own: Array = truth if truth.ndim == 1 else truth[model]
    return own


def _tested_together(
    group: Sequence[Rows],
    swaps: int,
    seed: int,
    clusters: Array | None,
    early_stop: int | None,
    metric: Metric,
    alternative: Alternative,
    threshold: float,
) -> list[TestResult]:
    n_rows, _, n_values = group[0].scores.shape[:3]
    statistics = [swap_statistic(rows, metric, threshold) for rows in group]
    unit_of = cluster_index(clusters, n_rows)
    n_units = int(unit_of.max()) + 1
    rng = np.random.default_rng([seed, zlib.crc32(b"importance-swap")])
    untouched = Orders(np.tile(np.arange(n_values)[:, None, None], (1, n_rows, 1)))
    observed = [float(statistic.of(untouched)[0]) for statistic in statistics]

    def draw(size: int, going: Sequence[int]) -> Sequence[Floats]:
        orders = uniform_orders(rng, size, n_units, n_values)
        if clusters is not None:
            orders = orders.of_rows(unit_of)
        return [statistics[i].of(orders) for i in going]

    ties = [TIE * statistic.scale for statistic in statistics]
    found = []
    for seen, tails in zip(
        observed, count_many_tails(observed, draw, swaps, ties, SIDES[alternative], early_stop), strict=True
    ):
        least = min(tails, key=lambda tail: tail.p_value)
        p_value = min(1.0, len(tails) * least.p_value)
        found.append(TestResult(p_value, seen, alternative, EXCHANGEABLE, least.replicates, least.exceedances, seed))
    return found
