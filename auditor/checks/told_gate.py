"""A gate of several parts, told in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from auditor.checks.outcome import listed_parts, worst_state
from auditor.judgement import CheckPart, CheckResult, Matrix


class Declared(Protocol):
    """A check as the document declares it."""

    @property
    def kind(self) -> str: ...

    @property
    def of(self) -> str: ...


def told_gate(
    check: Declared,
    parts: Sequence[CheckPart],
    measured: float | None,
    threshold: float | None,
    *,
    holds: str,
    fails: str,
    undecided: str,
    matrices: tuple[Matrix, ...] = (),
) -> CheckResult:
    """The result of a check from its parts, whose worst state is its own.

    Args:
        measured: the worst number among the parts, or None where they have no common scale.
        threshold: the limit it is held against.
        holds: what is said where every part passes.
        fails, undecided: what is said before the parts that decide, where one fails, or none does and one is undecided.
    """
    state = worst_state(parts)
    return CheckResult(
        kind=check.kind,
        of=check.of,
        state=state,
        measured=measured,
        threshold=threshold,
        sentence=holds if state == "pass" else listed_parts(fails if state == "fail" else undecided, parts),
        parts=tuple(parts),
        matrices=matrices,
    )
