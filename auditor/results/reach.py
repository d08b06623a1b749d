"""What the audit could have found, from the spread that it measured."""

from __future__ import annotations

import math
from collections.abc import Sequence

from auditor.compile.reach import POWER, UNTESTED_ALPHA, family_of, test_of
from auditor.results.judged import Judged
from auditor.results.sensitivity import ReachResult
from auditor.spec.audit_spec import AuditSpec
from auditor.statistics import (
    Estimate,
    detectable_importance,
    detectable_response,
    smallest_passing_margin,
    smallest_passing_response,
)


def reach_results(spec: AuditSpec, judged: Sequence[Judged]) -> tuple[ReachResult, ...]:
    """A line for each model and concept; errors are those of this run, taken to hold where there is no effect."""
    return tuple(_reach(spec, one, judged) for one in judged)


def _reach(spec: AuditSpec, one: Judged, judged: Sequence[Judged]) -> ReachResult:
    analysis, importance, response = one.analysis, one.reliance.importance, one.reliance.response
    mine = [other for other in judged if other.analysis.name == analysis.name]
    concepts, models = len({other.concept for other in mine}), len({other.model for other in mine})
    test = test_of(spec, analysis.name)
    alpha, family = (test.alpha if test else UNTESTED_ALPHA), family_of(spec, analysis, concepts)
    confidence, units = analysis.intervals.confidence, response.mean.units
    error = _known(importance.estimate)
    moved = _known(response.mean)
    # Of one draw's change by noise alone; with one draw the spread over rows, which holds the response too.
    alone = response.noise_sd
    noise = None if alone is None else alone * math.sqrt(response.draws * response.n)
    noise = noise if noise is not None else None if moved is None else moved * math.sqrt(units)
    return ReachResult(
        analysis=analysis.name,
        model=one.model,
        concept=one.concept,
        alpha=alpha,
        family=family,
        power=POWER,
        confidence=confidence,
        smallest_p=test.smallest_p(concepts, models, units) if test else None,
        largest_importance=importance.largest_possible,
        detectable_importance=None if error is None else detectable_importance(error, alpha, family, POWER),
        smallest_margin=None if error is None else smallest_passing_margin(error, confidence, POWER),
        detectable_response=None
        if moved is None
        else detectable_response(moved * math.sqrt(units), units, alpha, family, POWER),
        smallest_response=None
        if not noise
        else smallest_passing_response(noise, units, response.draws, confidence, power=POWER),
        smallest_cell=importance.smallest_cell,
    )


def _known(estimate: Estimate) -> float | None:
    """The standard error; None where nothing moved, or one unit alone was seen."""
    error = estimate.standard_error
    return error if math.isfinite(error) and error > 0.0 else None
