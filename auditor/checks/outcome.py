"""What a check returns, and how a gate is judged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

from auditor.analyses import (
    AuditView,
    GradientEstimates,
    PermutationImportance,
    PropertyGradient,
    RelianceEstimates,
)
from auditor.checks.detected_changes import DetectedChanges
from auditor.judgement import CheckPart, CheckResult, IntervalResult, State
from auditor.models import ModelIdentity
from auditor.plan import Answers, Units
from auditor.statistics import Interval, RenoisingNull

MOST_LISTED = 2
"""How many parts of a gate its sentence names."""


class Bounded(Protocol):
    """An estimate with one-sided bounds."""

    @property
    def value(self) -> float: ...

    def interval(self, confidence: float) -> Interval: ...

    def lower(self, confidence: float) -> float: ...

    def upper(self, confidence: float) -> float: ...


@dataclass(frozen=True)
class Guarded:
    """The analysis that a check guards, and what it returned; estimates are None while planning."""

    analysis: PermutationImportance
    estimates: RelianceEstimates | None


@dataclass(frozen=True)
class GuardedSweeps:
    """The same of an analysis that follows gradual interventions."""

    analysis: PropertyGradient
    estimates: GradientEstimates | None


@dataclass(frozen=True)
class Tested:
    """One p-value of a test, as drawn and as adjusted over its family."""

    p_value: float
    p_adjusted: float
    alternative: str


@dataclass(frozen=True)
class ImageTest:
    """The test of one image alone: how it was made, and its p-value before adjusting."""

    test: Literal["rank among controls", "paired noise"]
    p_value: float


@dataclass(frozen=True)
class CheckOutcome:
    """What a check returns: its result, and what findings need of it.

    Attributes:
        result: what stands in the report.
        tests: p-values by (model, concept, quantity), of a check that tests.
        detected: what the detector saw change, of a check that asks it about pairs of pictures.
        renoised: the importance swap test on pictures that differ in noise alone, by (model, concept).
        images: tests of single images by (model, intervention), an entry for each valid image.
    """

    result: CheckResult
    tests: Mapping[tuple[str, str, str], Tested] = field(default_factory=dict)
    detected: DetectedChanges | None = None
    renoised: Mapping[tuple[str, str], RenoisingNull] = field(default_factory=dict)
    images: Mapping[tuple[str, str], tuple[ImageTest | None, ...]] = field(default_factory=dict)


def judged(estimate: Bounded, confidence: float, at_least: float | None, at_most: float | None) -> State:
    """`pass` when both one-sided limits lie inside, `fail` when one lies beyond, else `inconclusive`.

    >>> from auditor.statistics import Proportion
    >>> judged(Proportion(0.0, 500), 0.95, None, 0.05), judged(Proportion(0.5, 500), 0.95, None, 0.05)
    ('pass', 'fail')
    """
    low, high = estimate.lower(confidence), estimate.upper(confidence)
    if (at_least is not None and high < at_least) or (at_most is not None and low > at_most):
        return "fail"
    inside = (at_least is None or low >= at_least) and (at_most is None or high <= at_most)
    return "pass" if inside else "inconclusive"


def worst_state(parts: Sequence[CheckPart]) -> State:
    """The state of a gate: `fail` where a part fails, else `inconclusive` where one is, else `pass`."""
    states = {part.state for part in parts}
    if "fail" in states:
        return "fail"
    return "inconclusive" if "inconclusive" in states else "pass"


def judged_part(
    subject: str,
    quantity: str,
    found: Bounded | None,
    confidence: float,
    limits: tuple[float | None, float | None],
    sentence: str,
    *,
    model: str | None = None,
    concept: str | None = None,
) -> CheckPart:
    """One part of a gate, judged by `judged`; without an estimate it is inconclusive.

    Args:
        limits: at least, at most; the limit that is shown is the last that there is.
    """
    at_least, at_most = limits
    state: State = "inconclusive" if found is None else judged(found, confidence, at_least, at_most)
    if found is not None and state == "inconclusive":
        sentence += f"; {_undecided(found, confidence, at_least, at_most)}"
    return CheckPart(
        subject=subject,
        quantity=quantity,
        measured=None if found is None else found.value,
        interval=None if found is None else two_sided(found, confidence),
        threshold=at_most if at_most is not None else at_least,
        state=state,
        sentence=sentence,
        model=model,
        concept=concept,
    )


def _undecided(found: Bounded, confidence: float, at_least: float | None, at_most: float | None) -> str:
    """Why an estimate decides nothing: how far its limits go, and what was wanted."""
    low, high = found.lower(confidence), found.upper(confidence)
    if not (math.isfinite(low) and math.isfinite(high)):
        return "one unit alone says nothing of its error"
    above = at_most is not None and high > at_most
    beyond, limit, word = (high, at_most, "high") if above else (low, at_least, "low")
    return f"it may be as {word} as {beyond:.3f} (confidence {confidence:g}), and the limit is {limit:g}"


def listed_parts(what: str, parts: Sequence[CheckPart]) -> str:
    """What is wrong with a gate, with the parts that decide: of failed ones the furthest beyond their limit, of
    undecided ones the nearest to it. All of them stand in its table."""
    state = worst_state(parts)
    deciding = [part for part in parts if part.state == state]
    furthest = sorted(deciding, key=_excess, reverse=True)[:MOST_LISTED]
    rest = len(deciding) - len(furthest)
    return f"{what}: {'; '.join(part.sentence for part in furthest)}{f'; and {rest} more' if rest else ''}"


def _excess(part: CheckPart) -> float:
    """Order of parts of one state; those without a number come first."""
    if part.measured is None or part.threshold is None:
        return math.inf
    distance = abs(abs(part.measured) - part.threshold)
    return distance if part.state == "fail" else -distance


def two_sided(estimate: Bounded, one_sided: float) -> IntervalResult | None:
    """The interval whose ends are the one-sided bounds of this confidence: 0.95 gives 90 %.

    None where it has no ends: one row alone, or one cluster, tells nothing of its error."""
    found = estimate.interval(2 * one_sided - 1)
    if not (math.isfinite(found.low) and math.isfinite(found.high)):
        return None
    # As it was declared: 2 x 0.95 - 1 is 0.8999999999999999 in binary.
    return IntervalResult(low=found.low, high=found.high, confidence=round(found.confidence, 12), method=found.method)


def complete_rows(answers: Answers, *asked: Units) -> np.ndarray:
    """Rows (the first axis) all of whose units are valid, (n_rows,) bool."""
    whole = np.ones(asked[0].shape[0], bool)
    for units in asked:
        whole &= (answers.reasons(units).reshape(len(whole), -1) == "").all(axis=1)
    return whole


def detector_of(audit: AuditView, name: str | None) -> ModelIdentity:
    """The detector a check names, or the first declared one."""
    return audit.detectors[name] if name is not None else next(iter(audit.detectors.values()))
