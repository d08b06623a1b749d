"""Requirements: what the author promised, judged by one-sided bounds against declared margins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Final

from auditor.judgement import CheckResult, State
from auditor.results.audit_result import RequirementResult, Subject
from auditor.results.bounds import Bound, bound_of
from auditor.results.gating import gate_over
from auditor.results.judged import Judged
from auditor.results.one_finding import subgroup_of
from auditor.results.pending import Pending, finished
from auditor.results.seed_stability import bound_stability, finite, may_change
from auditor.results.subgroups import TOO_FEW, Within
from auditor.results.sweeps.property_judged import JudgedProperty
from auditor.results.sweeps.property_requirements import about_properties
from auditor.results.told_requirement import About, told
from auditor.results.verdict import EXPLAINED, explained_sentence, not_told_apart_sentence
from auditor.spec.requirement import Requirement

FLAGGED_ROWS: Final = 20.0
"""Below so many expected rows in a cell, one-sided bounds are wrong more often than stated."""


def requirement_results(
    requirements: Sequence[Requirement],
    judged: Sequence[Judged],
    checks: Sequence[CheckResult],
    subgroups: Sequence[Within] = (),
    properties: Sequence[JudgedProperty] = (),
) -> tuple[RequirementResult, ...]:
    """Every requirement about every model it names, in declared order.

    `fail` is Holm-adjusted over all of them, since any one fails the audit; `pass` needs no
    correction: that all hold is claimed only where each bound holds.
    """
    of_concepts = _about_concepts(requirements, judged, checks, subgroups)
    return finished((*of_concepts, *about_properties(requirements, properties, checks)))


def _about_concepts(
    requirements: Sequence[Requirement],
    judged: Sequence[Judged],
    checks: Sequence[CheckResult],
    subgroups: Sequence[Within],
) -> list[Pending]:
    of_group = {
        (within.whole.analysis.name, within.whole.model, within.whole.concept, within.subgroup): within.judged
        for within in subgroups
    }
    pending = []
    for place, requirement in enumerate(requirements):
        for whole in judged:
            if (requirement.analysis, requirement.concept) != (whole.analysis.name, whole.concept):
                continue
            if requirement.model not in (None, whole.model):
                continue
            rows = whole if requirement.subgroup is None else of_group.get((*_key(whole), requirement.subgroup))
            bound = bound_of(requirement, rows or whole)
            about = About(
                requirement, whole.model, Subject(kind="concept", name=whole.concept), bound.quantity, bound.relation,
                bound.threshold, subgroup_of(whole, requirement.subgroup),
            )  # fmt: skip
            if rows is None:
                pending.append(Pending(place, None, partial(_without_number, about)))
            else:
                pending.append(Pending(place, bound.p_failed, partial(_result, about, rows, bound, checks)))
    return pending


def _without_number(about: About, _: float) -> RequirementResult:
    """A promise about a subgroup whose rows give no number: never kept, and never broken."""
    return told(about, "inconclusive", TOO_FEW)


def _result(
    about: About, one: Judged, bound: Bound, checks: Sequence[CheckResult], p_adjusted: float
) -> RequirementResult:
    state, sentence = _judge(about.requirement, one, bound, p_adjusted, checks)
    noise, stable = bound_stability(one, bound, about.requirement.confidence)
    if state != "invalid":
        sentence += may_change(stable)
    return told(about, state, sentence, bound, p_adjusted, noise_sd=noise, stability=finite(stable))


def _key(one: Judged) -> tuple[str, str, str]:
    return one.analysis.name, one.model, one.concept


def _judge(
    requirement: Requirement, one: Judged, bound: Bound, p_adjusted: float, checks: Sequence[CheckResult]
) -> tuple[State, str]:
    gate = gate_over(checks, requirement.analysis, one.model, one.concept)
    if gate.state == "fail":
        return "invalid", f"nothing can be said: a gate failed: {gate.reasons[0]}"
    state, sentence = _by_bounds(requirement, one, bound, p_adjusted)
    explained = _explained(one, bound, state)
    if explained:
        return "invalid", explained
    if gate.state == "inconclusive":
        return "inconclusive", f"a gate is undecided: {gate.reasons[0]}"
    side = one.side_effects
    if state == "fail" and bound.quantity != "importance" and side is not None and not side.told_apart:
        return "inconclusive", not_told_apart_sentence(side)
    return state, sentence


def _explained(one: Judged, bound: Bound, state: State) -> str:
    """Why side effects leave nothing to say; empty where they do not.

    A bound on importance below what side effects may spill decides nothing, whatever the state. Another broken bound
    is put down to side effects where the mean response leaves out 0 and the unmixed one does not. Where the raw mean
    holds 0 itself, as with reactions of changing sign, there is nothing for side effects to explain.
    """
    side, confidence = one.side_effects, one.analysis.intervals.confidence
    if side is None:
        return ""
    if bound.quantity == "importance":
        if side.spill is None or side.spill <= bound.threshold:
            return ""
        if math.isinf(side.spill):
            return f"{EXPLAINED}: they may bring any importance, since a detector does not see its own concept change"
        return (
            f"{EXPLAINED}: they alone may bring an importance of {side.spill:.4f}, and the bound is {bound.threshold:g}"
        )
    if state != "fail" or not side.explains(confidence):
        return ""
    raw = one.reliance.response.mean.interval(confidence)
    if raw.low <= 0.0 <= raw.high:
        return ""
    return explained_sentence(side, confidence)


def _by_bounds(requirement: Requirement, one: Judged, bound: Bound, p_adjusted: float) -> tuple[State, str]:
    """The state that the bounds alone allow."""
    cell = one.reliance.importance.smallest_cell
    flag = f"; only {cell:.1f} expected rows in the smallest cell" if cell < FLAGGED_ROWS else ""
    shown = f"{requirement.confidence:g}"
    if bound.holds:
        if one.too_few is not None:
            return "inconclusive", f"the bound holds, but {one.too_few}"
        if bound.relation == "at_least":
            return "pass", f"at least {bound.threshold:g}, with confidence {shown} (bound {bound.lower:.4f}){flag}"
        limit = bound.upper if bound.relation == "at_most" else max(abs(bound.lower), abs(bound.upper))
        word = "at most" if bound.relation == "at_most" else "within"
        warning = ""
        if (
            bound.relation == "at_most"
            and bound.quantity == "importance"
            and (bound.upper < 0 or bound.estimate < -bound.threshold)
        ):
            warning = "; performance *rises* without the association: prefer `within`"
        return "pass", f"{word} {bound.threshold:g}, with confidence {shown} (bound {limit:.4f}){flag}{warning}"
    if p_adjusted <= 1 - requirement.confidence:
        if bound.relation == "at_least":
            return "fail", f"less than {bound.threshold:g}, with confidence {shown} (bound {bound.upper:.4f})"
        limit = bound.lower if bound.lower > bound.threshold else bound.upper
        return "fail", f"more than {bound.threshold:g}, with confidence {shown} (bound {limit:.4f})"
    if taken_back := bound.taken_back(p_adjusted, requirement.confidence):
        return "inconclusive", taken_back
    needed = f"; about {bound.rows_needed:,} rows would decide with a chance of 80 %" if bound.rows_needed else ""
    return "inconclusive", (
        f"the rows allow {bound.lower:.4f} to {bound.upper:.4f}, and the bound is {bound.threshold:g}{needed}"
    )
