"""Requirements about properties: bounds on range, ratio and flips, each judged by one-sided limits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from auditor.judgement import CheckResult, State
from auditor.results.audit_result import Quantity, RequirementResult, Subject
from auditor.results.bounds import Bound, one_sided_bound, share_bound
from auditor.results.gating import gate_over
from auditor.results.pending import Pending
from auditor.results.sweeps.property_judged import JudgedProperty
from auditor.results.sweeps.property_verdict import OF_COMPARISONS
from auditor.results.told_requirement import About, told
from auditor.spec.requirement import Requirement


def about_properties(
    requirements: Sequence[Requirement], judged: Sequence[JudgedProperty], checks: Sequence[CheckResult]
) -> list[Pending]:
    """Every requirement about a property, of every model it names."""
    pending = []
    for place, requirement in enumerate(requirements):
        for one in judged:
            if (requirement.analysis, requirement.property) != (one.analysis.name, one.property):
                continue
            if requirement.model not in (None, one.model):
                continue
            bound = _bound_of(requirement, one)
            p_failed = None if bound is None else bound.p_failed
            pending.append(Pending(place, p_failed, partial(_result, requirement, one, bound, checks)))
    return pending


def _bound_of(requirement: Requirement, one: JudgedProperty) -> Bound | None:
    """The bound on one model and one property; None where there is no number to bound."""
    confidence = requirement.confidence
    if one.n == 0:
        return None
    if requirement.range is not None:
        return one_sided_bound("range", one.mean("span"), "at_most", requirement.range.at_most, confidence)
    if requirement.flips is not None:
        return None if one.flips is None else share_bound(one.flips, requirement.flips.at_most, confidence)
    if requirement.ratio is None or one.ratio is None:
        return None
    # Bounded on the scale of logs, where ratios are averaged, and told as a ratio.
    log = one_sided_bound("ratio", one.ratio.mean_log, "at_most", math.log(requirement.ratio.at_most), confidence)
    low, high = (math.exp(min(each, 700.0)) for each in (log.lower, log.upper))
    return Bound(
        "ratio", "at_most", requirement.ratio.at_most, math.exp(log.estimate), low, high, log.p_failed, log.rows_needed
    )


def _result(
    requirement: Requirement,
    one: JudgedProperty,
    bound: Bound | None,
    checks: Sequence[CheckResult],
    p_adjusted: float,
) -> RequirementResult:
    threshold, quantity = _threshold(requirement)
    subject = Subject(kind="property", name=one.property)
    about = About(requirement, one.model, subject, quantity, "at_most", threshold)
    return told(about, *_judge(requirement, one, bound, p_adjusted, checks), bound, p_adjusted)


def _threshold(requirement: Requirement) -> tuple[float, Quantity]:
    if requirement.range is not None:
        return requirement.range.at_most, "range"
    if requirement.ratio is not None:
        return requirement.ratio.at_most, "ratio"
    assert requirement.flips is not None, "a rule of the document refuses other bounds"
    return requirement.flips.at_most, "flips"


def _judge(
    requirement: Requirement,
    one: JudgedProperty,
    bound: Bound | None,
    p_adjusted: float,
    checks: Sequence[CheckResult],
) -> tuple[State, str]:
    without = () if requirement.ratio is not None else OF_COMPARISONS
    gate = gate_over(checks, requirement.analysis, one.model, one.property, without)
    if gate.state == "fail":
        return "invalid", f"nothing can be said: a gate failed: {gate.reasons[0]}"
    if bound is None:
        return "inconclusive", _no_number(requirement, one)
    if gate.state == "inconclusive":
        return "inconclusive", f"a gate is undecided: {gate.reasons[0]}"
    shown = f"{requirement.confidence:g}"
    if bound.holds:
        if one.too_few is not None:
            return "inconclusive", f"the bound holds, but {one.too_few}"
        return "pass", f"at most {bound.threshold:g}, with confidence {shown} (bound {bound.upper:.4f})"
    if p_adjusted <= 1 - requirement.confidence:
        return "fail", f"more than {bound.threshold:g}, with confidence {shown} (bound {bound.lower:.4f})"
    if taken_back := bound.taken_back(p_adjusted, requirement.confidence):
        return "inconclusive", taken_back
    least, most = max(0.0, bound.lower), bound.upper
    if requirement.flips is not None or (requirement.range is not None and one.score_unit == "probability"):
        most = min(1.0, most)
    needed = f"; about {bound.rows_needed:,} images would decide with a chance of 80 %" if bound.rows_needed else ""
    return "inconclusive", (f"the images allow {least:.4f} to {most:.4f}, and the bound is {bound.threshold:g}{needed}")


def _no_number(requirement: Requirement, one: JudgedProperty) -> str:
    if one.n == 0:
        return "the intervention changes no pixel of any image"
    if requirement.flips is not None:
        return "a model that predicts a number decides nothing"
    return "no controls are declared, so that there is no ratio"
