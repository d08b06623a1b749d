"""A requirement with what became of it, as `result.json` holds it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from auditor.judgement import State
from auditor.results.audit_result import Quantity, RequirementResult, Subgroup, Subject
from auditor.results.bounds import Bound, Relation
from auditor.spec.requirement import Requirement


@dataclass(frozen=True)
class About:
    """What is promised of one model.

    Attributes:
        requirement: as declared.
        model: the model.
        subject: the concept or property.
        quantity, relation, threshold: the bound as declared.
        subgroup: the rows it is about; None for all.
    """

    requirement: Requirement
    model: str
    subject: Subject
    quantity: Quantity
    relation: Relation
    threshold: float
    subgroup: Subgroup | None = None


def told(
    about: About,
    state: State,
    sentence: str,
    bound: Bound | None = None,
    p_adjusted: float | None = None,
    noise_sd: float | None = None,
    stability: float | None = None,
) -> RequirementResult:
    """The result of a promise; without a bound there is no number, and nothing but state and sentence is told."""
    return RequirementResult(
        name=about.requirement.name,
        analysis=about.requirement.analysis,
        model=about.model,
        subject=about.subject,
        subgroup=about.subgroup,
        quantity=about.quantity,
        relation=about.relation,
        threshold=about.threshold,
        confidence=about.requirement.confidence,
        estimate=None if bound is None else bound.estimate,
        lower=bound.lower if bound is not None and math.isfinite(bound.lower) else None,
        upper=bound.upper if bound is not None and math.isfinite(bound.upper) else None,
        p_failed=None if bound is None else bound.p_failed,
        p_adjusted=None if bound is None else p_adjusted,
        noise_sd=noise_sd,
        stability=stability,
        rows_needed=None if bound is None else bound.rows_needed,
        state=state,
        sentence=sentence,
    )
