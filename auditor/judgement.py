"""The vocabulary of judgements: intervals, states, and what a check has to say.

These are parts of `result.json`; checks make them, results collect them, reports draw them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

State = Literal["pass", "fail", "inconclusive", "invalid"]
"""The state of a gate or requirement; a gate is never `invalid`."""


class ResultNode(BaseModel):
    """A part of the result: frozen and closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class IntervalResult(ResultNode):
    """A two-sided interval."""

    low: float
    high: float
    confidence: float
    """Two-sided confidence: 0.95 is 95 %."""
    method: str
    """How it was made, such as `influence` or `wilson`."""


class CheckPart(ResultNode):
    """One judgement inside a check: a model, a concept, or a pair of concepts."""

    subject: str
    """Such as `outcome`, `red circle`, or `red circle -> blue circle`."""
    quantity: str
    """What was measured, such as `AUROC real - generated`."""
    measured: float | None
    interval: IntervalResult | None
    threshold: float | None
    state: State | None
    """Null where the number is shown and not judged."""
    sentence: str = ""
    model: str | None = None
    """The audited model whose findings the part guards; null for all."""
    concept: str | None = None
    """The concept whose findings the part guards; null for all."""


class Matrix(ResultNode):
    """A table of numbers with named rows and columns, drawn as a heat map and as a table."""

    title: str
    unit: str
    row_title: str
    column_title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    limit: float | None = None
    """The limit that values off the diagonal must keep, where there is one."""


class CheckResult(ResultNode):
    """A check, its state, and the judgements that made it."""

    kind: str
    of: str
    state: State | None
    """Null for checks that inform and do not gate."""
    measured: float | None
    """The worst measured value, or null where the check has no single number."""
    threshold: float | None
    sentence: str
    parts: tuple[CheckPart, ...] = ()
    matrices: tuple[Matrix, ...] = ()
