"""Does a method find the concepts that matter: AUROC over importance thresholds, and agreement of the top k.

DEPICT (section 4.1, figure 4): every threshold calls the concepts above it important, and a method's importances are
taken as predictions of that; the top k concepts of a method are compared with the oracle's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auditor.evaluation.correlation import complete_models
from auditor.evaluation.model_bootstrap import (
    FEWEST,
    RESAMPLING,
    Resampling,
    bootstrap_interval,
    interval_of,
    resampled_models,
)
from auditor.evaluation.ranks import average_ranks
from auditor.statistics.arrays import Flags, Floats, Ints
from auditor.statistics.intervals import Interval

SHARES = tuple(round(0.05 * k, 2) for k in range(1, 20))
"""Thresholds lie where these shares of the oracle's importances are below."""


@dataclass(frozen=True)
class AtThreshold:
    """How well a method tells concepts above a threshold from those below.

    Attributes:
        share: share of all (model, concept) points below the threshold.
        threshold: in the oracle's own unit; a concept at it is important.
        value: AUROC; NaN where no or every concept is important.
        interval: over models.
        n_important: how many points are important.
    """

    share: float
    threshold: float
    value: float
    interval: Interval | None
    n_important: int


@dataclass(frozen=True)
class TopK:
    """Of the oracle's k most important concepts, the share that is among the method's: the mean over models.

    Attributes:
        k: from 1 to the number of concepts.
        value: from 0 to 1; concepts that tie for the last places share them.
        interval: over models.
        chance: what a method that guesses would have.
    """

    k: int
    value: float
    interval: Interval | None
    chance: float


def auroc_over_thresholds(
    method: Floats,
    oracle: Floats,
    resampling: Resampling = RESAMPLING,
    shares: tuple[float, ...] = SHARES,
) -> tuple[AtThreshold, ...]:
    """AUROC of a method at thresholds of the oracle's importances, over all models together.

    Args: as in `correlation`; `shares` are where thresholds lie, among all importances that the oracle has.
    """
    points, truth = complete_models(method, oracle)
    known = np.asarray(oracle, np.float64)
    known = known[np.isfinite(known)]
    thresholds = np.quantile(known, shares) if known.size else np.full(len(shares), np.nan)
    important = truth[None] >= thresholds[:, None, None]
    every = np.arange(len(points))
    values = _aurocs(points, important, every)
    drawn = (
        resampled_models(len(points), resampling.replicates, resampling.seed)
        if len(points) >= FEWEST
        else np.zeros((0, 0), np.int64)
    )
    found = np.array([_aurocs(points, important, models) for models in drawn]).reshape(-1, len(shares))
    return tuple(
        AtThreshold(
            share,
            float(thresholds[i]),
            float(values[i]),
            interval_of(found[:, i], resampling.confidence) if len(found) else None,
            int(important[i].sum()),
        )
        for i, share in enumerate(shares)
    )


def top_k_agreement(
    method: Floats,
    oracle: Floats,
    resampling: Resampling = RESAMPLING,
) -> tuple[TopK, ...]:
    """Agreement of the k most important concepts, for every k. Args: as in `correlation`."""
    points, truth = complete_models(method, oracle)
    n_concepts = points.shape[1]
    found = []
    for k in range(1, n_concepts + 1):
        each = (_places(points, k) * _places(truth, k)).sum(axis=1) / k

        def mean(models: Ints, each: Floats = each) -> float:
            return float(each[models].mean())

        value = float(each.mean()) if each.size else float("nan")
        interval = bootstrap_interval(mean, len(each), resampling)
        found.append(TopK(k, value, interval, k / n_concepts))
    return tuple(found)


def _aurocs(points: Floats, important: Flags, models: Ints) -> Floats:
    """AUROC at each threshold, (n_thresholds,), of the models given; NaN where one class is missing."""
    ranks = average_ranks(points[models].reshape(-1))
    flags = important[:, models].reshape(len(important), -1)
    hits = flags.sum(axis=1).astype(np.float64)
    misses = flags.shape[1] - hits
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((flags @ ranks - hits * (hits + 1.0) / 2.0) / (hits * misses))


def _places(importances: Floats, k: int) -> Floats:
    """The share of a place among the top k that each concept has, (n_models, n_concepts); each row sums to k."""
    above = (importances[:, None, :] > importances[:, :, None]).sum(axis=2)
    equal = (importances[:, None, :] == importances[:, :, None]).sum(axis=2)
    return np.asarray(np.clip((k - above) / equal, 0.0, 1.0))
