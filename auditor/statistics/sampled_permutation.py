"""Permutation importance as published: the mean over sampled permutations, from the same stored scores.

DEPICT (section 3.2) averages over a number of permutations. Nothing is generated here: a permutation only picks, for
each row, the stored score at the value that the row is dealt. Kept for fidelity, and for average precision, which has
no closed form (the plug-in of the mixture is biased by -0.014 at 50 rows and -0.002 at 200).
"""

from __future__ import annotations

import zlib
from dataclasses import replace

import numpy as np

from auditor.statistics.arrays import Array, Floats, Rows, checked_rows, own_value
from auditor.statistics.exact_permutation import PermutationImportance, described, expectation
from auditor.statistics.intervals import from_influence
from auditor.statistics.metrics import (
    RANKING,
    Metric,
    check_metric,
    metric_floor,
    row_terms,
    row_weights,
    sign_of,
)
from auditor.statistics.permutation_law import permutation_law
from auditor.statistics.placements import levels_of, mass_of, weighted_auroc


def sampled_importance(
    scores: Array,
    values: Array,
    labels: Array,
    metric: Metric,
    permutations: int,
    seed: int,
    clusters: Array | None = None,
    threshold: float = 0.5,
) -> PermutationImportance:
    """Permutation importance from sampled permutations, with an interval that includes the sampling.

    Args:
        scores: (n_rows, n_draws, n_values).
        values: (n_rows,), own values.
        labels: (n_rows,).
        metric: any.
        permutations: how many, at least 2.
        seed: of the permutations; the first k are the same for any larger number.
        clusters: (n_rows,) names of independent units, or None; values are permuted freely between rows.
        threshold: of decisions.

    Returns:
        Influence values are those of the closed form (for average precision of its mixture plug-in, whose *spread* is
        right although its value is biased); the squared standard error adds `sd_perm^2 / permutations`.

    Raises:
        ValueError: if fewer than 2 permutations are asked for, or the rows do not suit the metric.
    """
    if permutations < 2:
        raise ValueError(f"at least 2 permutations are needed to state their error, not {permutations}")
    rows = checked_rows(scores, values, labels)
    check_metric(metric, rows.labels)
    law = permutation_law(rows.values, rows.scores.shape[2])
    found = expectation(rows, metric, threshold, law)
    base = described(rows, metric, threshold, law, found, clusters)
    sampled = permuted_metrics(rows, metric, permutations, seed, threshold)
    expected = float(sampled.mean())
    monte_carlo_se = float(sampled.std(ddof=1)) / permutations**0.5
    importance = sign_of(metric) * (found.factual - expected)
    floor = metric_floor(metric, rows.labels, rows.scores, clusters, threshold) * float(
        1.0 - law.shares[0][rows.values].min()
    )
    return replace(
        base,
        expected=expected,
        importance=importance,
        estimate=from_influence(
            importance, base.influence, base.cells, clusters, floor=floor, extra_variance=monte_carlo_se**2
        ),
        expectation="sampled",
        permutations=permutations,
        monte_carlo_se=monte_carlo_se,
    )


def permuted_metrics(rows: Rows, metric: Metric, permutations: int, seed: int, threshold: float) -> Floats:
    """The metric under each sampled permutation, (permutations,)."""
    rng = np.random.default_rng([seed, zlib.crc32(b"sampled-permutation")])
    positive = rows.labels == 1.0
    found = np.empty(permutations)
    if metric in RANKING:
        levels = levels_of(rows.scores)
        for i in range(permutations):
            codes = own_value(levels.codes, rng.permutation(rows.values))
            hits = mass_of(codes[positive], None, levels.n_levels)
            misses = mass_of(codes[~positive], None, levels.n_levels)
            found[i] = weighted_auroc(hits, misses) if metric == "auroc" else average_precision(hits, misses)
        return found
    terms = row_terms(metric, rows.labels, rows.scores, threshold).mean(axis=1)
    weights, offset = row_weights(metric, rows.labels), float(metric == "r2")
    everyone = np.arange(rows.values.shape[0])
    for i in range(permutations):
        found[i] = offset + weights @ terms[everyone, rng.permutation(rows.values)]
    return found


def average_precision(hits: Floats, misses: Floats) -> float:
    """Average precision from the mass of positives and negatives at each level: mean precision over positives."""
    above_hits, above_all = np.cumsum(hits[::-1]), np.cumsum((hits + misses)[::-1])
    above_all[above_all == 0.0] = 1.0
    return float(hits[::-1] @ (above_hits / above_all) / hits.sum())
