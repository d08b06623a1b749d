"""What permutation importance found: estimates of each model and concept, with the raw scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from auditor.concepts import PRESENCE, Level
from auditor.interventions import CounterfactualSet
from auditor.statistics import Flips, MetricEstimate, Response
from auditor.statistics import PermutationImportance as ImportanceEstimate


@dataclass(frozen=True)
class ConceptReliance:
    """One model and one concept.

    Attributes:
        importance: lost performance.
        response: move of the score's rank; `.mean` signed, `.systematic` its root mean square.
        flips: share of changed decisions; None of a model that predicts a number, and decides nothing.
        scores: what the metric was taken of, with the concept set to each value, (n_valid, n_draws, n_values) with
            the concept's own number of values, and one axis more for metrics of classes: rankable scores,
            probabilities, or numbers, as the metric needs.
        placements: rank of the audited output among the factual scores, with the concept set to each value, (n_valid,
            n_draws, n_values), 0 to 1: what the response is taken of.
        kind: what values of the concept are: `presence`, `count` or `category`.
        levels: what the value indices stand for.
    """

    importance: ImportanceEstimate
    response: Response
    flips: Flips | None
    scores: np.ndarray
    placements: np.ndarray
    kind: str = "presence"
    levels: tuple[Level, ...] = PRESENCE


@dataclass(frozen=True)
class RelianceEstimates:
    """What the analysis returns.

    Attributes:
        pictures: the pictures that were scored.
        valid: rows whose every picture and score is there, (n_rows,) bool; all statistics are over these.
        reasons: why rows are invalid, (n_rows,) of str.
        concepts: of each (model, concept) by their names.
        factual: each model's metric on generated pictures, over valid rows.
        real: each model's metric on the real pictures of the same rows.
        factual_scores: rankable factual scores of each model, (n_rows, n_draws), NaN where invalid.
        swapped_scores: rankable scores of each model at each value, (n_rows, n_concepts, n_draws, n_values).
    """

    pictures: CounterfactualSet
    valid: np.ndarray
    reasons: np.ndarray
    concepts: Mapping[tuple[str, str], ConceptReliance]
    factual: Mapping[str, MetricEstimate]
    real: Mapping[str, MetricEstimate]
    factual_scores: Mapping[str, np.ndarray]
    swapped_scores: Mapping[str, np.ndarray]
