"""Requirements: what the author promised, judged by one-sided bounds against declared margins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from auditor.judgement import CheckResult, State
from auditor.results.audit_result import Quantity, RequirementResult, Subject
from auditor.results.findings import Judged
from auditor.results.gating import gate_over
from auditor.spec.audit_spec import Requirement
from auditor.statistics import Estimate, Proportion, Response, holm, rows_for_decision

FLAGGED_ROWS: Final = 20.0
"""Below so many expected rows in a cell, one-sided bounds are wrong more often than stated."""

Relation = Literal["at_most", "within", "at_least"]


@dataclass(frozen=True)
class _Bound:
    """A requirement as a bound on one number.

    `lower` and `upper` are one-sided bounds at the declared confidence; `p_failed` is the
    one-sided p-value of the null hypothesis that the promise holds.
    """

    quantity: Quantity
    relation: Relation
    threshold: float
    estimate: float
    lower: float
    upper: float
    p_failed: float
    rows_needed: int | None

    @property
    def holds(self) -> bool:
        if self.relation == "at_least":
            return self.lower >= self.threshold
        return self.upper <= self.threshold and (self.relation == "at_most" or self.lower >= -self.threshold)


def requirement_results(
    requirements: Sequence[Requirement], judged: Sequence[Judged], checks: Sequence[CheckResult]
) -> tuple[RequirementResult, ...]:
    """Every requirement about every model it names, in declared order.

    `fail` is Holm-adjusted over all of them, since any one fails the audit; `pass` needs no
    correction: that all hold is claimed only where each bound holds.
    """
    about = [
        (requirement, one)
        for requirement in requirements
        for one in judged
        if requirement.analysis == one.analysis.name
        and requirement.concept == one.concept
        and requirement.model in (None, one.model)
    ]
    bounds = [_bound(requirement, one) for requirement, one in about]
    adjusted = holm(np.array([bound.p_failed for bound in bounds])) if bounds else np.empty(0)
    results = []
    for (requirement, one), bound, p_adjusted in zip(about, bounds, adjusted, strict=True):
        state, sentence = _judge(requirement, one, bound, float(p_adjusted), checks)
        results.append(
            RequirementResult(
                name=requirement.name,
                analysis=requirement.analysis,
                model=one.model,
                subject=Subject(kind="concept", name=one.concept),
                quantity=bound.quantity,
                relation=bound.relation,
                threshold=bound.threshold,
                confidence=requirement.confidence,
                estimate=bound.estimate,
                lower=bound.lower if math.isfinite(bound.lower) else None,
                upper=bound.upper if math.isfinite(bound.upper) else None,
                p_failed=bound.p_failed,
                p_adjusted=float(p_adjusted),
                state=state,
                sentence=sentence,
            )
        )
    return tuple(results)


def _judge(
    requirement: Requirement, one: Judged, bound: _Bound, p_adjusted: float, checks: Sequence[CheckResult]
) -> tuple[State, str]:
    gate = gate_over(checks, requirement.analysis, one.model, one.concept)
    if gate.state == "fail":
        return "invalid", f"nothing can be said: a gate failed: {gate.reasons[0]}"
    if gate.state == "inconclusive":
        return "inconclusive", f"a gate is undecided: {gate.reasons[0]}"
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
        if bound.relation == "at_most" and bound.quantity == "importance" and bound.upper < 0:
            warning = "; performance *rises* without the association: prefer `within`"
        return "pass", f"{word} {bound.threshold:g}, with confidence {shown} (bound {limit:.4f}){flag}{warning}"
    if p_adjusted <= 1 - requirement.confidence:
        if bound.relation == "at_least":
            return "fail", f"less than {bound.threshold:g}, with confidence {shown} (bound {bound.upper:.4f})"
        limit = bound.lower if bound.lower > bound.threshold else bound.upper
        return "fail", f"more than {bound.threshold:g}, with confidence {shown} (bound {limit:.4f})"
    needed = f"; about {bound.rows_needed:,} rows would decide with a chance of 80 %" if bound.rows_needed else ""
    return "inconclusive", (
        f"the rows allow {bound.lower:.4f} to {bound.upper:.4f}, and the bound is {bound.threshold:g}{needed}"
    )


def _bound(requirement: Requirement, one: Judged) -> _Bound:
    confidence, reliance = requirement.confidence, one.reliance
    if requirement.response is not None:
        if requirement.response.of == "systematic":
            return _systematic(reliance.response, requirement.response.at_most, confidence)
        return _two_sided_bound("response", reliance.response.mean, requirement.response.at_most, confidence)
    if requirement.flips is not None:
        return _share(reliance.flips.share, requirement.flips.at_most, confidence)
    estimate, wanted = reliance.importance.estimate, requirement.importance
    if wanted is not None and wanted.within is not None:
        return _two_sided_bound("importance", estimate, wanted.within, confidence)
    if wanted is not None and wanted.at_least is not None:
        return _importance(estimate, "at_least", wanted.at_least, confidence)
    margin = wanted.at_most if wanted is not None and wanted.at_most is not None else 0.0
    return _importance(estimate, "at_most", margin, confidence)


def _systematic(response: Response, margin: float, confidence: float) -> _Bound:
    # With one draw the square holds the noise too, so it can bound from above but accuse nobody.
    p_failed = _p_above(response.square, margin**2) if response.draws > 1 else 1.0
    return _Bound(
        "systematic_response",
        "at_most",
        margin,
        response.systematic,
        response.systematic_lower(confidence),
        response.systematic_upper(confidence),
        p_failed,
        rows_for_decision(response.square, margin**2, confidence),
    )


def _two_sided_bound(quantity: Quantity, estimate: Estimate, margin: float, confidence: float) -> _Bound:
    return _Bound(
        quantity,
        "within",
        margin,
        estimate.value,
        estimate.lower(confidence),
        estimate.upper(confidence),
        min(_p_above(estimate, margin), _p_below(estimate, -margin)),
        rows_for_decision(estimate, math.copysign(margin, estimate.value), confidence),
    )


def _importance(estimate: Estimate, relation: Relation, margin: float, confidence: float) -> _Bound:
    p_failed = _p_below(estimate, margin) if relation == "at_least" else _p_above(estimate, margin)
    return _Bound(
        "importance",
        relation,
        margin,
        estimate.value,
        estimate.lower(confidence),
        estimate.upper(confidence),
        p_failed,
        rows_for_decision(estimate, margin, confidence),
    )


def _share(share: Proportion, margin: float, confidence: float) -> _Bound:
    from scipy.special import ndtr

    # The Wilson bound inverts this score test, so p and bound agree.
    spread = math.sqrt(margin * (1 - margin) / share.n) if 0 < margin < 1 else 0.0
    p_failed = float(ndtr(-(share.value - margin) / spread)) if spread else float(share.value <= margin)
    return _Bound(
        "flips", "at_most", margin, share.value, share.lower(confidence), share.upper(confidence), p_failed, None
    )


def _p_above(estimate: Estimate, threshold: float) -> float:
    """One-sided p of the null hypothesis that the truth is at most `threshold`."""
    from scipy.special import stdtr

    distance = estimate.value - threshold
    if estimate.standard_error == 0.0:
        # Nothing moved in any row: the floor bounds the truth, and zero events reject nothing above it.
        return 1.0 if distance <= 0 or not estimate.floor else math.exp(-distance / estimate.floor)
    if math.isinf(estimate.standard_error):
        return 1.0
    return float(stdtr(estimate.df, -distance / estimate.standard_error))


def _p_below(estimate: Estimate, threshold: float) -> float:
    """One-sided p of the null hypothesis that the truth is at least `threshold`."""
    return _p_above(replace(estimate, value=-estimate.value), -threshold)
