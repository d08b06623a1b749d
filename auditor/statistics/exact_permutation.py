"""Permutation importance, averaged over all permutations in closed form.

DEPICT (Jabbour et al. 2024, section 3.2) permutes a concept between the captions of a data set and reads the drop
in performance. As a row's score depends only on (row, value), the mean over *all* permutations needs no permutation:

- AUROC, a mean over pairs of rows: `E = (N A_mix - sum_v pi_v A_v) / (N - 1)`; A_mix pools every value of every row,
  weighted by the value's share, and A_v sets every row to v.
- Additive metrics `sum_i a_i L(y_i, s_i) + b` with a, b functions of labels alone:
  `E = sum_i a_i sum_v pi_v L(y_i, s_i(v)) + b`.

Departures from the paper: no Monte-Carlo error; every draw of noise counts; an interval, over rows; importance is
signed, and positive means that *performance falls* when the concept's values are dealt out at random. For
losses (log loss, Brier, absolute and squared error) it is therefore expected minus factual.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from auditor.statistics.arrays import Array, Floats, Ints, Rows, checked_rows, own_value
from auditor.statistics.importance import Expectation, PermutationImportance, described
from auditor.statistics.metric_influence import ranking_terms, weighted_terms
from auditor.statistics.metrics import Metric, check_metric
from auditor.statistics.permutation_law import PermutationLaw, permutation_law
from auditor.statistics.placements import Levels, levels_of, mass_of, weighted_auroc


def exact_importance(
    scores: Array,
    values: Array,
    labels: Array,
    metric: Metric,
    clusters: Array | None = None,
    threshold: float = 0.5,
    within: Array | None = None,
    blocks: Array | None = None,
) -> PermutationImportance:
    """Permutation importance of one concept with its interval, without a Monte-Carlo error.

    Args:
        scores: (n_rows, n_draws, n_values), scores with the value set to v; one noise for all values of a draw. For
            metrics of classes (n_rows, n_draws, n_values, n_classes).
        values: (n_rows,), the row's own value, 0 .. n_values - 1.
        labels: (n_rows,), 0 or 1, a class 0 .. n_classes - 1, or a number.
        metric: any but average precision.
        clusters: (n_rows,) names of independent units (pictures of one patient), or None.
        threshold: of decisions in accuracy and balanced accuracy.
        within: (n_rows,) strata inside which values are permuted (conditional importance), or None.
        blocks: (n_rows,) names of units whose value moves as a block; also the clusters unless those are given.

    Raises:
        ValueError: if shapes disagree, numbers are not finite, labels do not suit the metric, or it has no closed form.
    """
    if metric == "average_precision":
        raise ValueError("average_precision has no closed form: use sampled_importance on the same scores")
    rows = checked_rows(scores, values, labels)
    check_metric(metric, rows.labels, rows.n_classes)
    law = permutation_law(rows.values, rows.scores.shape[2], within, blocks)
    found = expectation(rows, metric, threshold, law)
    return described(rows, metric, threshold, law, found, blocks if clusters is None else clusters)


def expectation(rows: Rows, metric: Metric, threshold: float, law: PermutationLaw) -> Expectation:
    """Factual metric, its expectation and the influence values of their difference.

    A row moves the importance through its factual score, through its scores at all values in the expectation, and
    through the distribution of values that it helps to make up:
    `IF_i = F_i - sum_v pi_v M_i(v) - (G_{c_i} - sum_v pi_v G_v)`, F and M being influences on the factual metric and on
    the metric of the mixture, and G_v the mean of M_i(v). The finite-N term of AUROC, of order 1/N, has no part in it.
    """
    if metric == "macro_auroc":
        return mean_expectation(
            [expectation(rows.against_rest(c), "auroc", threshold, law) for c in np.unique(rows.labels)]
        )
    n_rows, n_draws, n_values = rows.scores.shape[:3]
    flat = rows.scores.reshape(n_rows, n_draws * n_values, *rows.scores.shape[3:])
    even = np.full((n_rows, n_draws), 1.0 / n_draws)
    dealt = np.repeat(law.shares[:, None, :] / n_draws, n_draws, axis=1).reshape(n_rows, -1)
    if metric in ("auroc", "average_precision"):
        levels = levels_of(rows.scores)
        own = Levels(own_value(levels.codes, rows.values), levels.n_levels)
        factual = ranking_terms(metric, rows.labels, own, even)
        mixture = ranking_terms(metric, rows.labels, Levels(levels.codes.reshape(n_rows, -1), levels.n_levels), dealt)
        expected = mixture.value
        if metric == "auroc":
            expected += auroc_excess(levels, rows.labels, law)
    else:
        factual = weighted_terms(metric, rows.labels, rows.own_scores, even, threshold)
        mixture = weighted_terms(metric, rows.labels, flat, dealt, threshold)
        expected = mixture.value
    dealt_influence = mixture.influence.reshape(n_rows, n_draws, n_values)
    noise = factual.influence - np.einsum("idv,iv->id", dealt_influence, law.shares)
    influence = noise.mean(axis=1) - law.share_effect(rows.values, dealt_influence.mean(axis=1))
    return Expectation(factual.value, expected, influence, noise)


def mean_expectation(parts: Sequence[Expectation]) -> Expectation:
    """The mean of expectations about the same rows: macro means are linear, and so are their influence values."""
    return Expectation(
        float(np.mean([part.factual for part in parts])),
        float(np.mean([part.expected for part in parts])),
        np.mean([part.influence for part in parts], axis=0),
        np.mean([part.noise for part in parts], axis=0),
    )


def auroc_excess(levels: Levels, labels: Floats, law: PermutationLaw) -> float:
    """What E[AUROC] adds to the AUROC of the mixture, as two rows are not dealt values independently.

    `sum over groups of (share of pairs inside the group) x excess x (A_mix - sum_v pi_v A_v)`; for one group of
    all rows this is the finite-N term of `(N A_mix - sum_v pi_v A_v) / (N - 1)`.
    """
    n_pairs = float(labels.sum()) * float(np.sum(labels == 0.0))
    total = 0.0
    for group in law.groups:
        positive = group.rows[labels[group.rows] == 1.0]
        negative = group.rows[labels[group.rows] == 0.0]
        if positive.size and negative.size:
            gap = mixed_less_same(levels, positive, negative, law.shares[group.rows[0]])
            total += positive.size * negative.size / n_pairs * group.excess * gap
    return float(total)


def mixed_less_same(levels: Levels, positive: Ints, negative: Ints, shares: Floats) -> float:
    """`A_mix - sum_v pi_v A_v` of some rows: AUROC with values dealt independently less that with one value for all."""
    n_levels, same = levels.n_levels, 0.0
    hits, misses = np.zeros(n_levels), np.zeros(n_levels)
    for value in np.flatnonzero(shares > 0.0):
        of_value = levels.codes[:, :, value]
        hit, miss = mass_of(of_value[positive], None, n_levels), mass_of(of_value[negative], None, n_levels)
        same += shares[value] * weighted_auroc(hit, miss)
        hits += shares[value] * hit
        misses += shares[value] * miss
    return float(weighted_auroc(hits, misses) - same)
