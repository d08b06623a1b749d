"""A requirement as a bound on one number, with the p-value that it is broken."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from auditor.results.audit_result import Quantity
from auditor.results.judged import Judged
from auditor.spec.requirement import Requirement
from auditor.statistics import Estimate, Proportion, Response, rows_for_decision

Relation = Literal["at_most", "within", "at_least"]


@dataclass(frozen=True)
class Bound:
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

    def taken_back(self, p_adjusted: float, confidence: float) -> str:
        """Why a promise that is broken on its own is not called so beside all others; empty where it is not broken."""
        level = 1 - confidence
        if self.p_failed > level or p_adjusted <= level:
            return ""
        word = "less" if self.relation == "at_least" else "more"
        limit = self.lower if word == "more" and self.lower > self.threshold else self.upper
        return (
            f"{word} than {self.threshold:g} (bound {limit:.4f}), but not where all requirements are judged together: "
            f"adjusted p {p_adjusted:.2g}, and {level:.2g} is the level"
        )


def bound_of(requirement: Requirement, one: Judged) -> Bound:
    """The bound that a requirement puts on one model and one concept."""
    confidence, reliance = requirement.confidence, one.reliance
    if requirement.response is not None:
        if requirement.response.of == "systematic":
            return _systematic(reliance.response, requirement.response.at_most, confidence)
        return two_sided_bound("response", reliance.response.mean, requirement.response.at_most, confidence)
    if requirement.flips is not None and reliance.flips is not None:
        return share_bound(reliance.flips.share, requirement.flips.at_most, confidence)
    estimate, wanted = reliance.importance.estimate, requirement.importance
    if wanted is not None and wanted.within is not None:
        return two_sided_bound("importance", estimate, wanted.within, confidence)
    if wanted is not None and wanted.at_least is not None:
        return one_sided_bound("importance", estimate, "at_least", wanted.at_least, confidence)
    margin = wanted.at_most if wanted is not None and wanted.at_most is not None else 0.0
    return one_sided_bound("importance", estimate, "at_most", margin, confidence)


def _systematic(response: Response, margin: float, confidence: float) -> Bound:
    # With one draw the square holds the noise too, so it can bound from above but accuse nobody.
    p_failed = p_above(response.square, margin**2) if response.draws > 1 else 1.0
    return Bound(
        "systematic_response",
        "at_most",
        margin,
        response.systematic,
        response.systematic_lower(confidence),
        response.systematic_upper(confidence),
        p_failed,
        rows_for_decision(response.square, margin**2, confidence),
    )


def two_sided_bound(quantity: Quantity, estimate: Estimate, margin: float, confidence: float) -> Bound:
    return Bound(
        quantity,
        "within",
        margin,
        estimate.value,
        estimate.lower(confidence),
        estimate.upper(confidence),
        min(p_above(estimate, margin), p_below(estimate, -margin)),
        rows_for_decision(estimate, math.copysign(margin, estimate.value), confidence),
    )


def one_sided_bound(
    quantity: Quantity, estimate: Estimate, relation: Relation, margin: float, confidence: float
) -> Bound:
    """The bound of a number that is to lie above or below a margin."""
    p_failed = p_below(estimate, margin) if relation == "at_least" else p_above(estimate, margin)
    return Bound(
        quantity,
        relation,
        margin,
        estimate.value,
        estimate.lower(confidence),
        estimate.upper(confidence),
        p_failed,
        rows_for_decision(estimate, margin, confidence),
    )


def share_bound(share: Proportion, margin: float, confidence: float) -> Bound:
    from scipy.special import ndtr

    # The Wilson bound inverts this score test, so p and bound agree.
    spread = math.sqrt(margin * (1 - margin) / share.n) if 0 < margin < 1 else 0.0
    p_failed = float(ndtr(-(share.value - margin) / spread)) if spread else float(share.value <= margin)
    return Bound(
        "flips", "at_most", margin, share.value, share.lower(confidence), share.upper(confidence), p_failed, None,
    )  # fmt: skip


def p_above(estimate: Estimate, threshold: float) -> float:
    """One-sided p of the null hypothesis that the truth is at most `threshold`."""
    from scipy.special import stdtr

    distance = estimate.value - threshold
    if estimate.standard_error == 0.0:
        # Nothing moved in any row: the floor bounds the truth, and zero events reject nothing above it.
        return 1.0 if distance <= 0 or not estimate.floor else math.exp(-distance / estimate.floor)
    if math.isinf(estimate.standard_error):
        return 1.0
    return float(stdtr(estimate.df, -distance / estimate.standard_error))


def p_below(estimate: Estimate, threshold: float) -> float:
    """One-sided p of the null hypothesis that the truth is at least `threshold`."""
    return p_above(replace(estimate, value=-estimate.value), -threshold)
