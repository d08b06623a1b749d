"""The whole evaluation: every method against every oracle, and how far each method is from the ceiling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from auditor.evaluation.correlation import (
    MEASURES,
    READINGS,
    Correlation,
    Measure,
    Reading,
    complete_models,
    correlation,
    pooled_or_within,
)
from auditor.evaluation.important_concepts import AtThreshold, TopK, auroc_over_thresholds, top_k_agreement
from auditor.evaluation.model_bootstrap import FEWEST, RESAMPLING, Resampling, interval_of, resampled_models
from auditor.statistics.arrays import Floats
from auditor.statistics.intervals import Interval


@dataclass(frozen=True)
class Ranking:
    """What a method, or an oracle, says of every model and concept.

    Attributes:
        name: as tables call it.
        importances: (n_models, n_concepts); NaN where it says nothing.
        about: one sentence on how it was made.
    """

    name: str
    importances: Floats
    about: str


@dataclass(frozen=True)
class Agreement:
    """A method against an oracle.

    Attributes:
        method, oracle: their names.
        correlations: every measure in every reading.
        thresholds: AUROC at each threshold of the oracle's importances.
        top_k: agreement of the k most important concepts, for every k.
    """

    method: str
    oracle: str
    correlations: tuple[Correlation, ...]
    thresholds: tuple[AtThreshold, ...]
    top_k: tuple[TopK, ...]

    def correlation(self, measure: Measure, reading: Reading) -> Correlation:
        """One of the correlations."""
        return next(one for one in self.correlations if (one.measure, one.reading) == (measure, reading))


@dataclass(frozen=True)
class Shortfall:
    """How much less a method goes with an oracle than the ceiling does: ceiling minus method, on the same resamples.

    Attributes:
        method, ceiling, oracle: their names.
        measure, reading: of the correlation.
        value: positive where the ceiling is higher.
        interval: paired over models; None where there are too few of them.
        n_models: models of which all three say something.
    """

    method: str
    ceiling: str
    oracle: str
    measure: Measure
    reading: Reading
    value: float
    interval: Interval | None
    n_models: int


@dataclass(frozen=True)
class Evaluation:
    """Methods against oracles, over the same models and concepts.

    Attributes:
        models: their names, (n_models,).
        concepts: their names, (n_concepts,).
        methods, oracles: what was compared.
        agreements: of every method with every other oracle.
        shortfalls: of every other method from the ceiling; empty where there is none.
        resampling: of the bootstrap over models.
    """

    models: tuple[str, ...]
    concepts: tuple[str, ...]
    methods: tuple[Ranking, ...]
    oracles: tuple[Ranking, ...]
    agreements: tuple[Agreement, ...]
    shortfalls: tuple[Shortfall, ...]
    resampling: Resampling

    def agreement(self, method: str, oracle: str) -> Agreement:
        """A method against an oracle, by their names."""
        return next(one for one in self.agreements if (one.method, one.oracle) == (method, oracle))


def evaluate(
    models: Sequence[str],
    concepts: Sequence[str],
    methods: Sequence[Ranking],
    oracles: Sequence[Ranking],
    *,
    ceiling: str | None = None,
    resampling: Resampling = RESAMPLING,
) -> Evaluation:
    """Compare every method with every oracle.

    Args:
        models, concepts: names, in the order of the importances' axes.
        methods: what is judged.
        oracles: what is held to be true.
        ceiling: the method from which the others' shortfall is told: one that sees the concepts themselves.
        resampling: of the bootstrap, which resamples models.

    Raises:
        ValueError: if importances are not (n_models, n_concepts).
    """
    for ranking in (*methods, *oracles):
        if np.shape(ranking.importances) != (len(models), len(concepts)):
            raise ValueError(f"the importances of {ranking.name} are {np.shape(ranking.importances)}")

    def against(method: Ranking, oracle: Ranking) -> Agreement:
        pair = (method.importances, oracle.importances)
        return Agreement(
            method.name,
            oracle.name,
            tuple(correlation(*pair, measure, reading, resampling) for measure in MEASURES for reading in READINGS),
            auroc_over_thresholds(*pair, resampling),
            top_k_agreement(*pair, resampling),
        )

    highest = next((method for method in methods if method.name == ceiling), None)
    return Evaluation(
        tuple(models),
        tuple(concepts),
        tuple(methods),
        tuple(oracles),
        tuple(against(method, oracle) for oracle in oracles for method in methods if method.name != oracle.name),
        tuple(
            _shortfall(method, highest, oracle, measure, reading, resampling)
            for oracle in oracles
            for method in methods
            if highest is not None and method is not highest and oracle.name not in (method.name, highest.name)
            for measure in MEASURES
            for reading in READINGS
        ),
        resampling,
    )


def _shortfall(
    method: Ranking,
    ceiling: Ranking,
    oracle: Ranking,
    measure: Measure,
    reading: Reading,
    resampling: Resampling,
) -> Shortfall:
    whole = np.isfinite(ceiling.importances).all(axis=1, keepdims=True)
    points, truth = complete_models(np.where(whole, method.importances, np.nan), oracle.importances)
    highest, _ = complete_models(
        np.where(np.isfinite(method.importances).all(axis=1, keepdims=True), ceiling.importances, np.nan),
        oracle.importances,
    )
    of_method, of_ceiling = (pooled_or_within(each, truth, measure, reading) for each in (points, highest))
    every = np.arange(len(points))
    value = of_ceiling(every) - of_method(every)
    interval = None
    if len(points) >= FEWEST:
        drawn = resampled_models(len(points), resampling.replicates, resampling.seed)
        interval = interval_of(np.array([of_ceiling(one) - of_method(one) for one in drawn]), resampling.confidence)
    return Shortfall(method.name, ceiling.name, oracle.name, measure, reading, value, interval, len(points))
