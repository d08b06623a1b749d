"""The bootstrap over models: which models a replicate holds, and the interval of what was found in each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from auditor.statistics.arrays import Floats, Ints
from auditor.statistics.intervals import Interval

METHOD = "percentiles of a bootstrap over models"
FEWEST = 3
"""Fewer models than this have no interval: hardly any resample differs from another."""


@dataclass(frozen=True)
class Resampling:
    """How intervals over models are made: `replicates` of the bootstrap, its `seed`, two-sided `confidence`."""

    replicates: int = 2_000
    seed: int = 0
    confidence: float = 0.95


RESAMPLING = Resampling()


def resampled_models(n_models: int, replicates: int, seed: int) -> Ints:
    """Models drawn with replacement, (replicates, n_models).

    A model's concepts stay together, since they share its weights and its labels: resampling (model, concept) points
    would take 600 for as many independent ones. The first k replicates stay the same when more are asked for.
    """
    stream = np.random.default_rng([seed, 0x6D6F64656C73])  # "models"
    return stream.integers(n_models, size=(replicates, n_models))


def bootstrap_interval(statistic: Callable[[Ints], float], n_models: int, resampling: Resampling) -> Interval | None:
    """The percentile interval of `statistic`, a function of the models that a replicate holds, (n_models,).

    None with fewer than three models, and where the statistic does not exist in most replicates.
    """
    if n_models < FEWEST:
        return None
    drawn = resampled_models(n_models, resampling.replicates, resampling.seed)
    return interval_of(np.array([statistic(models) for models in drawn]), resampling.confidence)


def interval_of(found: Floats, confidence: float) -> Interval | None:
    """The percentile interval of replicates, (replicates,), of which those that do not exist are NaN."""
    there = found[np.isfinite(found)]
    if there.size < 0.5 * found.size or there.size < 2:
        return None
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(there, (tail, 1.0 - tail))
    return Interval(float(low), float(high), confidence, METHOD)
