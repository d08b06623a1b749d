"""Promises that are judged up to one number: the p-value that is adjusted over all of them together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from auditor.results.audit_result import RequirementResult
from auditor.statistics import holm


@dataclass(frozen=True)
class Pending:
    """One promise about one model and one subject.

    Attributes:
        place: where the promise is declared.
        p_failed: one-sided p that it holds; None where the data give no number.
        finish: the result, from the adjusted p-value.
    """

    place: int
    p_failed: float | None
    finish: Callable[[float], RequirementResult]


def finished(pending: Sequence[Pending]) -> tuple[RequirementResult, ...]:
    """Every result in declared order; failures are Holm-adjusted over all of them, since any one fails the audit."""
    ordered = sorted(pending, key=lambda one: one.place)
    adjusted = np.ones(len(ordered))
    told = np.array([one.p_failed is not None for one in ordered], bool)
    adjusted[told] = holm(np.array([one.p_failed for one in ordered if one.p_failed is not None]))
    return tuple(one.finish(float(p_adjusted)) for one, p_adjusted in zip(ordered, adjusted, strict=True))
