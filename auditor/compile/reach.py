"""What the statistics of an audit can reach, said before anything is spent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auditor.analyses import PermutationImportance
from auditor.checks import Significance
from auditor.dataset import Rows
from auditor.spec.audit_spec import AuditSpec
from auditor.statistics import (
    ASSUMED_TAU,
    detectable_importance,
    detectable_response,
    largest_importance,
    null_se,
    smallest_cell_of_rows,
    smallest_passing_margin,
    smallest_passing_response,
)

POWER = 0.8
"""The chance with which an effect is found, or a margin passed; chosen."""

UNTESTED_ALPHA = 0.05
"""The level at which effects count as found where no significance check is declared."""


@dataclass(frozen=True)
class Reach:
    """What an analysis can find about one concept, whatever the model.

    Attributes:
        analysis: its name.
        concept: its name.
        smallest_p: smallest adjusted p-value that both tests can reach; None without a significance check.
        largest_importance: bound on the importance at these labels and values, in AUROC. Like the two that follow, None
            where labels are classes or numbers.
        detectable_importance: importance found with a chance of 80 % at the declared level.
        smallest_margin: smallest margin of importance that a model without importance stays below with 80 %.
        detectable_response: mean response found with a chance of 80 % at the declared level, in ranks.
        smallest_response: smallest margin of the systematic response that a model blind to the concept stays
            below with 80 %, in ranks.
        smallest_cell: least expected number of rows of one label with one value.

    What needs a spread of scores assumes `ASSUMED_TAU`: that changing the concept, or new noise alone, moves
    scores by a tenth of the ranks.
    """

    analysis: str
    concept: str
    smallest_p: float | None
    largest_importance: float | None
    detectable_importance: float | None
    smallest_margin: float | None
    detectable_response: float
    smallest_response: float
    smallest_cell: float


def test_of(spec: AuditSpec, analysis: str) -> Significance | None:
    """The significance check of an analysis; None where it has none."""
    return next((check for check in spec.checks if isinstance(check, Significance) and check.of == analysis), None)


def family_of(spec: AuditSpec, analysis: PermutationImportance, concepts: int) -> int:
    """By how many the smallest p-value of an analysis is multiplied; without a test, its concepts."""
    test = test_of(spec, analysis.name)
    return concepts if test is None else test.family_size(concepts, len(analysis.models or spec.models))


def reach_of(spec: AuditSpec, rows: Rows) -> tuple[Reach, ...]:
    """A line for each analysis and concept, in declared order."""
    names = [concept.name for concept in spec.concepts]
    units = len(rows) if rows.clusters is None else len(np.unique(rows.clusters))
    draws = {intervention.name: intervention.noise.draws for intervention in spec.captioning}
    told = {one.name: one.caption.told(rows, spec.concepts) for one in spec.captioning}
    found = []
    for analysis in spec.reliances:
        concepts = analysis.permuted(spec.concepts)
        test = test_of(spec, analysis.name)
        alpha, family = (test.alpha if test else UNTESTED_ALPHA), family_of(spec, analysis, len(concepts))
        confidence = analysis.intervals.confidence
        for concept in concepts:
            values = told[analysis.intervention].values[:, names.index(concept)]
            error = _null_se(rows, values)
            found.append(
                Reach(
                    analysis=analysis.name,
                    concept=concept,
                    smallest_p=test.smallest_p(len(concepts), len(analysis.models or spec.models), units)
                    if test
                    else None,
                    largest_importance=None if error is None else largest_importance(rows.labels, values),
                    detectable_importance=None if error is None else detectable_importance(error, alpha, family, POWER),
                    smallest_margin=None if error is None else smallest_passing_margin(error, confidence, POWER),
                    detectable_response=detectable_response(ASSUMED_TAU, units, alpha, family, POWER),
                    smallest_response=smallest_passing_response(
                        ASSUMED_TAU, units, draws[analysis.intervention], confidence, power=POWER
                    ),
                    smallest_cell=smallest_cell_of_rows(rows.labels, values, classes=rows.task != "numbers"),
                )
            )
    return tuple(found)


def _null_se(rows: Rows, values: np.ndarray) -> float | None:
    """Standard error of an AUROC importance under the null; None where labels are not two."""
    if rows.task != "binary":
        return None
    positives = int(rows.labels.sum())
    return null_se(positives, len(rows) - positives, np.bincount(values) / len(rows))
