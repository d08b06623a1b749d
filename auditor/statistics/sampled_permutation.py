"""Permutation importance as published: the mean over sampled permutations, from the same stored scores.

DEPICT (section 3.2) averages over a number of permutations. Nothing is generated here: a permutation only picks, for
each row, the stored score at the value that the row is dealt. Kept for fidelity, and for average precision, which has
no closed form (the plug-in of the mixture is biased by -0.014 at 50 rows and -0.002 at 200).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from auditor.statistics.arrays import Array, Floats, Rows, checked_rows
from auditor.statistics.exact_permutation import expectation
from auditor.statistics.importance import PermutationImportance, described
from auditor.statistics.intervals import from_influence
from auditor.statistics.metric_terms import row_terms, row_weights
from auditor.statistics.metrics import Metric, check_metric, sign_of
from auditor.statistics.orders import AT_ONCE, Deals
from auditor.statistics.pair_table import LARGEST_TABLE, pair_table
from auditor.statistics.permutation_law import permutation_law
from auditor.statistics.placements import aurocs, average_precisions, levels_of
from auditor.statistics.recomputed_swaps import LARGEST_HISTOGRAM, level_counts

TOLERANCE: Final = 5e-4
"""Monte-Carlo standard error at which sampling in place of a closed form stops, in the metric's unit (chosen)."""

MOST: Final = 20_480
"""Most permutations that are sampled to reach it: at 50 rows, where one has an SD of .066, 17,500 do (chosen)."""


def sampled_importance(
    scores: Array,
    values: Array,
    labels: Array,
    metric: Metric,
    permutations: int | None,
    seed: int,
    clusters: Array | None = None,
    threshold: float = 0.5,
    tolerance: float = TOLERANCE,
    deals: Deals | None = None,
) -> PermutationImportance:
    """Permutation importance from sampled permutations, with an interval that includes the sampling.

    Args:
        scores: (n_rows, n_draws, n_values), of a metric of classes (n_rows, n_draws, n_values, n_classes).
        values: (n_rows,), own values.
        labels: (n_rows,).
        metric: any.
        permutations: how many, at least 2; None for as many as the tolerance needs, at most 20,480.
        seed: of the permutations; the first k are the same for any larger number.
        clusters: (n_rows,) names of independent units, or None; values are permuted freely between rows.
        threshold: of decisions.
        tolerance: Monte-Carlo standard error at which sampling stops where `permutations` is None.
        deals: of these values and this seed, where several models share them; they are drawn once.

    Returns:
        Influence values are those of the closed form (for average precision of its mixture plug-in, whose *spread* is
        right although its value is biased); the squared standard error adds `sd_perm^2 / permutations`.

    Raises:
        ValueError: if fewer than 2 permutations are asked for, or the rows do not suit the metric.
    """
    if permutations is not None and permutations < 2:
        raise ValueError(f"at least 2 permutations are needed to state their error, not {permutations}")
    rows = checked_rows(scores, values, labels)
    check_metric(metric, rows.labels, rows.n_classes)
    law = permutation_law(rows.values, rows.scores.shape[2])
    found = expectation(rows, metric, threshold, law)
    base = described(rows, metric, threshold, law, found, clusters)
    of_deals = metric_of_deals(rows, metric, threshold)
    sampled = sampled_metrics(of_deals, deals or Deals(rows.values, seed), permutations, tolerance)
    expected = float(sampled.mean())
    monte_carlo_se = float(sampled.std(ddof=1)) / sampled.size**0.5
    importance = sign_of(metric) * (found.factual - expected)
    return replace(
        base,
        expected=expected,
        importance=importance,
        estimate=from_influence(
            importance,
            base.influence,
            base.cells,
            clusters,
            floor=base.estimate.floor,
            extra_variance=monte_carlo_se**2,
        ),
        expectation="sampled",
        permutations=sampled.size,
        monte_carlo_se=monte_carlo_se,
    )


def sampled_metrics(
    metric_of: Callable[[Array], Floats], deals: Deals, permutations: int | None, tolerance: float = TOLERANCE
) -> Floats:
    """The metric under each sampled permutation: so many, or as many as bring their mean's error to `tolerance`."""
    blocks: list[Floats] = []
    done, wanted = 0, AT_ONCE if permutations is None else permutations
    while done < wanted:
        dealt = deals.block(len(blocks))[:, : wanted - done]
        blocks.append(metric_of(dealt))
        done += dealt.shape[1]
        if permutations is None and done >= wanted:
            needed = (float(np.concatenate(blocks).std(ddof=1)) / tolerance) ** 2
            # In whole blocks, so that the first ones are never drawn in another shape.
            wanted = min(MOST, AT_ONCE * math.ceil(max(done, needed) / AT_ONCE))
    return np.concatenate(blocks)


def metric_of_deals(rows: Rows, metric: Metric, threshold: float) -> Callable[[Array], Floats]:
    """A function from dealt values, (n_rows, n_deals), to the metric under each deal, (n_deals,)."""
    if metric == "macro_auroc":
        parts = [metric_of_deals(rows.against_rest(c), "auroc", threshold) for c in np.unique(rows.labels)]
        return lambda dealt: np.asarray(np.mean([part(dealt) for part in parts], axis=0))
    everyone = np.arange(rows.values.shape[0])[:, None]
    if metric not in ("auroc", "average_precision"):
        terms = row_terms(metric, rows.labels, rows.scores, threshold).mean(axis=1)
        weights, offset = row_weights(metric, rows.labels), float(metric == "r2")
        return lambda dealt: np.asarray(offset + weights @ terms[everyone, dealt])
    positive = rows.labels == 1.0
    if metric == "auroc" and rows.scores.shape[2] == 2 and positive.sum() * (~positive).sum() <= LARGEST_TABLE:
        return pair_table(rows).aurocs
    levels = levels_of(rows.scores)
    of = aurocs if metric == "auroc" else average_precisions
    at_once = max(1, LARGEST_HISTOGRAM // levels.n_levels)

    def recomputed(dealt: Array) -> Floats:
        parts = []
        for start in range(0, dealt.shape[1], at_once):
            picked = levels.codes[everyone, :, dealt[:, start : start + at_once]].transpose(1, 0, 2)
            parts.append(of(*level_counts(picked, levels.n_levels, positive)))
        return np.concatenate(parts)

    return recomputed
