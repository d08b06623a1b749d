"""A metric of weighted scores, and the influence value of every score in it.

A row may hold several weighted scores (draws of noise, or all values of a concept). They are pooled, so that the metric
is that of one draw of the generator, not of an ensemble that nobody deploys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from auditor.statistics.arrays import Array, Floats, Ints
from auditor.statistics.metric_terms import row_terms, row_weights
from auditor.statistics.metrics import BALANCED, RANKING, Metric
from auditor.statistics.placements import Levels, levels_of, mass_of, share_below


@dataclass(frozen=True)
class MetricTerms:
    """Value of a metric and the influence of each of its scores.

    Attributes:
        value: the metric.
        influence: (n_rows, n_scores); the influence of a row is the weighted sum over its scores.
    """

    value: float
    influence: Floats


def weighted_terms(metric: Metric, labels: Floats, scores: Floats, weights: Floats, threshold: float) -> MetricTerms:
    """A metric of weighted scores, and the influence of each score.

    Args:
        metric: any.
        labels: (n_rows,), checked.
        scores: (n_rows, n_scores), of a metric of classes (n_rows, n_scores, n_classes).
        weights: (n_rows, n_scores), 1 in total within each row.
        threshold: of the decision.
    """
    if metric == "macro_auroc":
        return mean_terms(
            [
                ranking_terms("auroc", (labels == c).astype(np.float64), levels_of(scores[..., int(c)]), weights)
                for c in np.unique(labels)
            ]
        )
    if metric in RANKING:
        return ranking_terms(metric, labels, levels_of(scores), weights)
    terms = row_terms(metric, labels, scores, threshold)
    per_row = np.sum(weights * terms, axis=1)
    row_weight = row_weights(metric, labels)
    value = float(row_weight @ per_row)
    scaled = labels.shape[0] * row_weight
    centre = np.full(labels.shape[0], per_row.mean())
    if metric in BALANCED:
        for c in np.unique(labels):
            centre[labels == c] = per_row[labels == c].mean()
    influence = scaled[:, None] * (terms - centre[:, None])
    if metric == "r2":
        # SST is estimated too: a row far from the mean label makes every error look smaller.
        squares = (labels - labels.mean()) ** 2
        influence = influence - value * (squares / squares.mean() - 1.0)[:, None]
        value = 1.0 + value
    return MetricTerms(value, influence)


def mean_terms(parts: Sequence[MetricTerms]) -> MetricTerms:
    """The mean of several metrics of the same scores, such as one class against the rest for each class."""
    influence: Floats = np.mean([part.influence for part in parts], axis=0)
    return MetricTerms(float(np.mean([part.value for part in parts])), influence)


def ranking_terms(metric: Metric, labels: Floats, levels: Levels, weights: Floats) -> MetricTerms:
    """AUROC or average precision of weighted scores given as levels, and the influence of each.

    AUROC: `(placement - AUROC) / share of the row's class`, the placement being the share of the other class on the
    right side (DeLong, DeLong and Clarke-Pearson 1988). Average precision: the derivative of
    `sum_l t_l T_l / (T_l + F_l) / sum_l t_l` in the mass of the score's own level, t and f being the mass of positives
    and negatives at a level, T and F at it or above; the mean of these derivatives is 0, since scaling all
    masses changes nothing.
    """
    positive = labels == 1.0
    codes, n_levels = levels.codes, levels.n_levels
    hits = mass_of(codes[positive], weights[positive], n_levels)
    misses = mass_of(codes[~positive], weights[~positive], n_levels)
    if metric == "auroc":
        return auroc_terms(positive, codes, hits, misses)
    n_rows, n_positive = labels.shape[0], float(positive.sum())
    above_hits, above_misses = np.cumsum(hits[::-1])[::-1], np.cumsum(misses[::-1])[::-1]
    above = above_hits + above_misses
    above[above == 0.0] = 1.0
    precision = above_hits / above
    value = float(hits @ precision / n_positive)
    gain = precision - value + np.cumsum(hits * above_misses / above**2)
    loss = -np.cumsum(hits * above_hits / above**2)
    influence = n_rows / n_positive * np.where(positive[:, None], gain[codes], loss[codes])
    return MetricTerms(value, influence)


def auroc_terms(positive: Array, codes: Ints, hits: Floats, misses: Floats) -> MetricTerms:
    """AUROC and influences from the mass of positives (`hits`) and negatives (`misses`) at each level."""
    below, above = share_below(misses), 1.0 - share_below(hits)
    value = float(hits @ below / hits.sum())
    share = float(positive.mean())
    influence = np.where(positive[:, None], (below[codes] - value) / share, (above[codes] - value) / (1.0 - share))
    return MetricTerms(value, influence)
