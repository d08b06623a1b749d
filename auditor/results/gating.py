"""Which gates stand over a finding, and what they leave of it."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Literal

from auditor.judgement import CheckPart, CheckResult


@dataclass(frozen=True)
class Gate:
    """The gates over one model and one concept, taken together.

    Attributes:
        state: `fail` where one of their parts fails, else `inconclusive` where one is, else `pass`.
        reasons: the sentences of the parts that decide, for `fail` and `inconclusive`.
    """

    state: Literal["pass", "fail", "inconclusive"]
    reasons: tuple[str, ...]


def gate_over(
    checks: Sequence[CheckResult], analysis: str, model: str, concept: str, without: Container[str] = ()
) -> Gate:
    """The gate over the findings about `concept` of `model`.

    A part speaks about a finding where its model and its concept are the finding's, or null.
    Without gates the state is `pass`: nothing was declared that could block.

    Args:
        without: kinds of gates that do not bear on the claim.
    """
    parts = [
        part
        for check in checks
        if check.of == analysis and check.state is not None and check.kind not in without
        for part in check.parts
        if part.model in (None, model) and part.concept in (None, concept)
    ]
    for state in ("fail", "inconclusive"):
        deciding: list[CheckPart] = [part for part in parts if part.state == state]
        if deciding:
            return Gate(state, tuple(part.sentence for part in deciding))
    return Gate("pass", ())
