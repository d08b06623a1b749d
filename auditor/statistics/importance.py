"""Permutation importance as a result: with its interval, and the bounds that labels and values set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from auditor.metric_names import BALANCED, task_of
from auditor.statistics.arrays import Array, Floats, Ints, Rows
from auditor.statistics.intervals import Estimate, from_influence
from auditor.statistics.metric_terms import metric_floor
from auditor.statistics.metrics import Metric, label_cells, sign_of
from auditor.statistics.noise import noise_sd
from auditor.statistics.permutation_law import PermutationLaw


@dataclass(frozen=True)
class PermutationImportance:
    """What performance loses when a concept's values are dealt out again among the rows.

    Attributes:
        factual: the metric of the factual scores.
        expected: its mean over all permutations.
        importance: factual minus expected; for losses expected minus factual.
        influence: (n_rows,), influence of each row on the importance, for differences and bands.
        cells: (n_rows,), label x value cell (value alone in regression).
        share_changed: share of rows whose value a permutation changes on average, `1 - sum pi_v^2`.
        largest_possible: bound on |importance| at these labels and values; None where the metric has no bound.
        smallest_cell: least expected number of rows of one class with one value, over the values that occur.
        estimate: importance with its error over rows or clusters.
        expectation: whether `expected` is exact or the mean of sampled permutations.
        permutations: number sampled; None where exact.
        monte_carlo_se: of `expected`, from sampling permutations; 0 where exact.
        noise_sd: how far the importance would move if the same rows were generated again; None with one draw.
    """

    factual: float
    expected: float
    importance: float
    influence: Floats
    cells: Ints
    share_changed: float
    largest_possible: float | None
    smallest_cell: float
    estimate: Estimate
    expectation: Literal["exact", "sampled"]
    permutations: int | None
    monte_carlo_se: float
    noise_sd: float | None


@dataclass(frozen=True)
class Expectation:
    """A metric of factual scores and its value under the permutation law.

    Attributes:
        factual: the metric.
        expected: its mean over permutations; for average precision the biased plug-in, to be replaced by sampling.
        influence: (n_rows,), of factual minus expected.
        noise: (n_rows, n_draws), the same per draw, without what does not depend on noise.
    """

    factual: float
    expected: float
    influence: Floats
    noise: Floats


def described(
    rows: Rows, metric: Metric, threshold: float, law: PermutationLaw, found: Expectation, clusters: Array | None
) -> PermutationImportance:
    """The expectation as a result, with its interval and the bounds that labels and values set."""
    sign = sign_of(metric)
    influence = sign * found.influence
    occurring = law.shares.max(axis=0) > 0.0
    # Where no score differs, rounding would leave a standard error of 1e-17 in place of "nothing moved".
    if np.abs(influence).max() <= 1e-12 * max(1.0, abs(found.factual)):
        influence = np.zeros_like(influence)
    still = bool(np.all(rows.scores[:, :, occurring] == rows.own_scores[:, :, None]))
    expected = found.factual if still else found.expected
    importance = sign * (found.factual - expected)
    n_values = rows.scores.shape[2]
    cells = label_cells(metric, rows.labels) * n_values + rows.values
    changes = 1.0 - law.kept(rows.values)
    floor = metric_floor(metric, rows.labels, rows.scores, clusters, threshold) * float(changes.max())
    return PermutationImportance(
        factual=found.factual,
        expected=expected,
        importance=importance,
        influence=influence,
        cells=cells,
        share_changed=float(changes.mean()),
        largest_possible=largest_possible(metric, rows.labels, changes),
        smallest_cell=smallest_cell(metric, rows.labels, law.shares[:, occurring]),
        estimate=from_influence(importance, influence, cells, clusters, floor=floor),
        expectation="exact",
        permutations=None,
        monte_carlo_se=0.0,
        noise_sd=noise_sd(found.noise),
    )


def largest_possible(metric: str, labels: Floats, changes: Floats) -> float | None:
    """Bound on |importance|: no more can change than the pairs or rows whose value changes.

    With kappa of a class the mean chance of its rows to change value: AUROC kappa+ + kappa- (at most 1), macro AUROC
    the mean of that over classes, balanced accuracy the mean kappa, accuracy and Brier the mean over all rows. None
    for metrics without a bound.
    """
    if metric in ("accuracy", "multiclass_accuracy", "brier"):
        return float(changes.mean())
    if task_of(metric) == "numbers" or metric in ("log_loss", "multiclass_log_loss", "multiclass_brier"):
        return None
    classes = np.unique(labels)
    if metric in BALANCED:
        return float(np.mean([changes[labels == c].mean() for c in classes]))
    against_rest = [
        min(1.0, float(changes[labels == c].mean() + changes[labels != c].mean()))
        for c in (classes if metric == "macro_auroc" else (1.0,))
    ]
    return float(np.mean(against_rest))


def smallest_cell(metric: str, labels: Floats, shares: Floats) -> float:
    """Least expected number of rows in a label x value cell: `min n_y n_v / N` (in regression `min n_v`)."""
    classes = label_cells(metric, labels)
    return float(min(shares[classes == c].sum(axis=0).min() for c in np.unique(classes)))
