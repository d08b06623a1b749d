"""What a check returns, and how a gate is judged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from auditor.analyses import AuditView, PermutationImportance, RelianceEstimates
from auditor.judgement import CheckPart, CheckResult, IntervalResult, State
from auditor.models import ModelIdentity
from auditor.plan import Answers, Units
from auditor.statistics import Interval


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
class Tested:
    """One p-value of a test, as drawn and as adjusted over its family."""

    p_value: float
    p_adjusted: float
    alternative: str


@dataclass(frozen=True)
class CheckOutcome:
    """What a check returns: its result, and p-values by (model, concept, quantity)."""

    result: CheckResult
    tests: Mapping[tuple[str, str, str], Tested] = field(default_factory=dict)


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


def two_sided(estimate: Bounded, one_sided: float) -> IntervalResult | None:
    """The interval whose ends are the one-sided bounds of this confidence: 0.95 gives 90 %.

    None where it has no ends: one row alone, or one cluster, tells nothing of its error."""
    found = estimate.interval(2 * one_sided - 1)
    if not (math.isfinite(found.low) and math.isfinite(found.high)):
        return None
    return IntervalResult(low=found.low, high=found.high, confidence=found.confidence, method=found.method)


def complete_rows(answers: Answers, *asked: Units) -> np.ndarray:
    """Rows (the first axis) all of whose units are valid, (n_rows,) bool."""
    whole = np.ones(asked[0].shape[0], bool)
    for units in asked:
        whole &= (answers.reasons(units).reshape(len(whole), -1) == "").all(axis=1)
    return whole


def detector_of(audit: AuditView, name: str | None) -> ModelIdentity:
    """The detector a check names, or the first declared one."""
    return audit.detectors[name] if name is not None else next(iter(audit.detectors.values()))
