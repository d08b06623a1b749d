"""What the statistics of an audit can reach, said before anything is spent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from auditor.analyses import PermutationImportance
from auditor.checks import Significance
from auditor.dataset import Rows
from auditor.models import ModelNode
from auditor.spec.audit_spec import AuditSpec
from auditor.statistics import (
    ASSUMED_TAU,
    detectable_importance,
    detectable_response,
    largest_of_metric,
    null_se_of_metric,
    smallest_cell_of_rows,
    smallest_passing_margin,
    smallest_passing_response,
)

POWER = 0.8
"""The chance with which an effect is found, or a margin passed; chosen."""

NO_FORECAST: Final = (
    "importances in {metric} have no forecast, since how far ranks move does not say how far it does: the report tells "
    "what could have been found, from the spread that the run measures"
)

UNTESTED_ALPHA = 0.05
"""The level at which effects count as found where no significance check is declared."""


@dataclass(frozen=True)
class Reach:
    """What an analysis can find about one concept, in models of one label.

    Attributes:
        analysis: its name.
        label: the column of the label that these models predict.
        models: their names, in declared order.
        concept: its name.
        metric: of the analysis, in which importances are.
        smallest_p: smallest adjusted p-value that both tests can reach; None without a significance check.
        largest_importance: bound on the importance at these labels and values; None where the metric has none.
        detectable_importance: importance found with a chance of 80 % at the declared level; None like what follows
            where `no_forecast` says why.
        smallest_margin: smallest margin of importance that a model without importance stays below with 80 %.
        detectable_response: mean response found with a chance of 80 % at the declared level, in ranks.
        smallest_response: smallest margin of the systematic response that a model blind to the concept stays
            below with 80 %, in ranks.
        smallest_cell: least expected number of rows of one label with one value.
        no_forecast: why importances have no forecast; empty where they have one.

    What needs a spread of scores assumes `ASSUMED_TAU`: that changing the concept, or new noise alone, moves
    scores by a tenth of the ranks.
    """

    analysis: str
    label: str
    models: tuple[str, ...]
    concept: str
    metric: str
    smallest_p: float | None
    largest_importance: float | None
    detectable_importance: float | None
    smallest_margin: float | None
    detectable_response: float
    smallest_response: float
    smallest_cell: float
    no_forecast: str = ""


def test_of(spec: AuditSpec, analysis: str) -> Significance | None:
    """The significance check of an analysis; None where it has none."""
    return next((check for check in spec.checks if isinstance(check, Significance) and check.of == analysis), None)


def family_of(spec: AuditSpec, analysis: PermutationImportance, concepts: int) -> int:
    """By how many the smallest p-value of an analysis is multiplied; without a test, its concepts."""
    test = test_of(spec, analysis.name)
    return concepts if test is None else test.family_size(concepts, len(analysis.models or spec.models))


def reach_of(spec: AuditSpec, rows: Rows) -> tuple[Reach, ...]:
    """A line for each analysis, label and concept, in declared order; models of one label share it."""
    told = {one.name: one.caption.told(rows, spec.concepts) for one in spec.captioning}
    names = [concept.name for concept in spec.concepts]
    return tuple(
        _reach(spec, rows, analysis, models, concept, told[analysis.intervention].values[:, names.index(concept)])
        for analysis in spec.reliances
        for models in _models_by_label(spec, analysis).values()
        for concept in analysis.permuted(spec.concepts)
    )


def _models_by_label(spec: AuditSpec, analysis: PermutationImportance) -> dict[str, list[str]]:
    """The models of an analysis by the column of their label."""
    found: dict[str, list[str]] = {}
    for model in spec.models:
        if analysis.models is None or model.name in analysis.models:
            found.setdefault(_label_of(spec, model), []).append(model.name)
    return found


def _label_of(spec: AuditSpec, model: ModelNode) -> str:
    """The column of the label that a model predicts."""
    return model.label or (spec.dataset.label if spec.dataset is not None else None) or ""


def _reach(
    spec: AuditSpec,
    rows: Rows,
    analysis: PermutationImportance,
    models: Sequence[str],
    concept: str,
    values: np.ndarray,
) -> Reach:
    concepts, of_all = len(analysis.permuted(spec.concepts)), len(analysis.models or spec.models)
    units = len(rows) if rows.clusters is None else len(np.unique(rows.clusters))
    draws = {intervention.name: intervention.noise.draws for intervention in spec.captioning}
    test, confidence = test_of(spec, analysis.name), analysis.intervals.confidence
    alpha, family = (test.alpha if test else UNTESTED_ALPHA), family_of(spec, analysis, concepts)
    labels, metric = rows.labels_of(models[0]), analysis.metric
    error = null_se_of_metric(metric, labels, values, ASSUMED_TAU)
    declared = {model.name: _label_of(spec, model) for model in spec.models}
    return Reach(
        analysis=analysis.name,
        label=declared[models[0]],
        models=tuple(models),
        concept=concept,
        metric=metric,
        smallest_p=test.smallest_p(concepts, of_all, units) if test else None,
        largest_importance=largest_of_metric(metric, labels, values),
        detectable_importance=None if error is None else detectable_importance(error, alpha, family, POWER),
        smallest_margin=None if error is None else smallest_passing_margin(error, confidence, POWER),
        detectable_response=detectable_response(ASSUMED_TAU, units, alpha, family, POWER),
        smallest_response=smallest_passing_response(
            ASSUMED_TAU, units, draws[analysis.intervention], confidence, power=POWER
        ),
        smallest_cell=smallest_cell_of_rows(labels, values, classes=rows.task != "numbers"),
        no_forecast="" if error is not None else NO_FORECAST.format(metric=metric),
    )
