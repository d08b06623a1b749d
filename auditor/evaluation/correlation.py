"""How far a method's importances go with an oracle's: Pearson and Spearman, in three readings.

DEPICT (section 4.1) correlates importances "across all 100 models" with the oracle's, and does not say whether
weights are made comparable between models. A drop in AUROC depends on a weight *relative to the model's others*, so
that even perfect importances correlate less with raw weights than with normalised ones; hence three readings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from auditor.evaluation.model_bootstrap import RESAMPLING, Resampling, bootstrap_interval
from auditor.evaluation.ranks import average_ranks
from auditor.statistics.arrays import Floats, Ints
from auditor.statistics.intervals import Interval

Measure = Literal["pearson", "spearman"]
Reading = Literal["pooled", "normalised", "within"]

MEASURES: Final[tuple[Measure, ...]] = ("pearson", "spearman")
READINGS: Final[tuple[Reading, ...]] = ("pooled", "normalised", "within")


@dataclass(frozen=True)
class Correlation:
    """A correlation of a method with an oracle.

    Attributes:
        measure: `pearson`, or `spearman`: the same of average ranks.
        reading: `pooled`: over all (model, concept) points as they are; `normalised`: the same with the oracle's
            importances scaled to unit length in each model; `within`: in each model by itself, then the mean.
        value: from -1 to 1; NaN where it does not exist, as where all importances are equal.
        interval: over models; None where there are too few of them.
        n_models: models that have a part in it; those with a missing importance have none, and in `within`
            those in which one side says the same of every concept.
    """

    measure: Measure
    reading: Reading
    value: float
    interval: Interval | None
    n_models: int


def correlation(
    method: Floats,
    oracle: Floats,
    measure: Measure,
    reading: Reading,
    resampling: Resampling = RESAMPLING,
) -> Correlation:
    """The correlation of a method's importances with an oracle's, with an interval over models.

    Args:
        method: (n_models, n_concepts); NaN where the method says nothing.
        oracle: (n_models, n_concepts).
        measure: Pearson's, or Spearman's of ranks.
        reading: see `Correlation`.
        resampling: of the bootstrap, which resamples whole models.

    Raises:
        ValueError: if shapes disagree.
    """
    points, truth = complete_models(method, oracle)
    if reading == "within":
        there = np.isfinite(_within(points, truth, measure))
        points, truth = points[there], truth[there]
    of = pooled_or_within(points, truth, measure, reading)
    interval = bootstrap_interval(of, len(points), resampling)
    return Correlation(measure, reading, of(np.arange(len(points))), interval, len(points))


def pooled_or_within(points: Floats, truth: Floats, measure: Measure, reading: Reading) -> Callable[[Ints], float]:
    """The correlation as a function of the models that a replicate holds; both arrays (n_models, n_concepts) whole."""
    if reading == "within":
        each = _within(points, truth, measure)

        def mean(models: Ints) -> float:
            there = each[models][np.isfinite(each[models])]
            return float(there.mean()) if there.size else float("nan")

        return mean
    scaled = unit_length(truth) if reading == "normalised" else truth

    def pooled(models: Ints) -> float:
        return _correlation(points[models].reshape(-1), scaled[models].reshape(-1), measure)

    return pooled


def _within(points: Floats, truth: Floats, measure: Measure) -> Floats:
    """The correlation in each model, (n_models,); NaN where one side says the same of every concept."""
    return np.array([_correlation(a, b, measure) for a, b in zip(points, truth, strict=True)])


def complete_models(method: Floats, oracle: Floats) -> tuple[Floats, Floats]:
    """Both arrays without the models of which either says nothing about some concept.

    Raises:
        ValueError: if shapes disagree.
    """
    points, truth = np.asarray(method, np.float64), np.asarray(oracle, np.float64)
    if points.ndim != 2 or points.shape != truth.shape:
        raise ValueError(f"importances are (n_models, n_concepts), and these are {points.shape} and {truth.shape}")
    whole = np.isfinite(points).all(axis=1) & np.isfinite(truth).all(axis=1)
    return points[whole], truth[whole]


def unit_length(importances: Floats) -> Floats:
    """Importances (n_models, n_concepts) scaled to length 1 in each model; a model of zeros stays as it is."""
    length = np.linalg.norm(importances, axis=1, keepdims=True)
    return np.asarray(importances / np.where(length > 0.0, length, 1.0))


def _correlation(a: Floats, b: Floats, measure: Measure) -> float:
    if a.size < 2:
        return float("nan")
    if measure == "spearman":
        a, b = average_ranks(a), average_ranks(b)
    a, b = a - a.mean(), b - b.mean()
    # Where all values are equal their mean may differ from them in the last bit, which is no variation.
    size = np.sqrt((a @ a) * (b @ b))
    if np.abs(a).max() <= 1e-15 or np.abs(b).max() <= 1e-15 or size == 0.0:
        return float("nan")
    return float(a @ b / size)
