"""The result of an audit as a value: what `result.json` holds, and all that a report needs.

Strict JSON: a number that does not exist is null and has a reason beside it, never NaN. No
clock, host, path or count that a resumed run would change stands in it; those are in `run.json`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

RESULT_VERSION = 1

State = Literal["pass", "fail", "inconclusive", "invalid"]
"""The state of a gate or requirement; a gate is never `invalid`."""

Verdict = Literal["relies", "does_not_rely", "inconclusive", "invalid"]

Quantity = Literal["importance", "response", "systematic_response", "flips"]


class ResultNode(BaseModel):
    """A part of the result: frozen and closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


class IntervalResult(ResultNode):
    """A two-sided interval."""

    low: float
    high: float
    confidence: float
    """Two-sided confidence: 0.95 is 95 %."""
    method: str
    """How it was made, such as `influence` or `wilson`."""


class Subject(ResultNode):
    """What a finding is about."""

    kind: Literal["concept", "property", "edit", "method"]
    name: str


class Finding(ResultNode):
    """One number about one subject and one model, with its interval and what it means."""

    analysis: str
    model: str
    subject: Subject
    quantity: Quantity
    """`importance` is lost performance, `response` the signed mean move of the score's rank,
    `systematic_response` its root mean square, `flips` the share of changed decisions."""
    unit: str
    """`auroc`, `rank`, `share`, .."""
    image: str | None = None
    """The picture the number is about; null for the aggregate over all."""
    estimate: float | None
    interval: IntervalResult | None
    p_value: float | None = None
    alternative: str | None = None
    p_adjusted: float | None = None
    margin: float | None = None
    """The declared margin within which the number counts as none; null where none was declared."""
    n: int
    """Rows in the estimate."""
    n_invalid: int = 0
    """Rows left out because a picture or score of theirs is invalid."""
    verdict: Verdict | None = None
    """On `response` findings: what may be said of the model and the concept."""
    sentence: str = ""
    """The finding in words."""
    details: dict[str, float | int | str | None] = {}
    """Further numbers a reviewer needs: metric on factual pictures, share of rows changed, .."""


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


class RequirementResult(ResultNode):
    """A promise of the author, and whether it holds."""

    name: str
    analysis: str
    model: str
    subject: Subject
    quantity: Quantity
    relation: Literal["at_most", "within", "at_least"]
    threshold: float
    confidence: float
    """One-sided confidence of the bounds."""
    estimate: float | None
    lower: float | None
    upper: float | None
    """One-sided bounds at `confidence`."""
    p_failed: float | None
    """One-sided p of the null hypothesis that the promise holds."""
    p_adjusted: float | None
    """`p_failed` after Holm over the declared requirements; decides `fail`."""
    state: State
    sentence: str


class OpCount(ResultNode):
    """How much work one op of the plan is."""

    op: str
    as_published: int
    """What the paper's way would make."""
    asked: int
    """What the analyses and checks asked for, before sharing."""
    distinct: int
    """What remains when equal units are made once."""


class PlanSummary(ResultNode):
    ops: tuple[OpCount, ...]


class FidelityRow(ResultNode):
    """One choice that shapes the numbers: what it is, and who made it."""

    field: str
    """Where it stands in the document, such as `analyses[0].permutations`."""
    value: str
    chosen_by: Literal["document", "paper", "code", "auditor"]
    note: str = ""


class Identity(ResultNode):
    """A thing the numbers depend on, by digest."""

    role: Literal["model", "detector", "pipeline", "dataset", "spec", "requirements", "package", "numerics"]
    name: str
    digest: str | None
    detail: str = ""


class PairPicture(ResultNode):
    """One factual picture and its counterfactual, chosen by rule."""

    rule: Literal["random", "most_changed", "least_changed", "failed"]
    analysis: str
    concept: str
    row: str
    draw: int
    factual_image: str | None
    """File below the run folder, such as `images/ab12.png`."""
    counterfactual_image: str | None
    factual_caption: str
    counterfactual_caption: str
    change: str
    """`added` or `removed`."""
    scores: dict[str, tuple[float | None, float | None]]
    """Per audited model: score of the factual and of the counterfactual picture."""
    reason: str = ""
    """For failed pictures: why."""


class ModelPerformance(ResultNode):
    """How an audited model does on real and on generated pictures."""

    analysis: str
    model: str
    metric: str
    real: float | None
    generated: float | None


class HeaderResult(ResultNode):
    """The audit as declared."""

    id: str
    title: str
    revision: str
    owner: str
    intended_use: str


class SampleResult(ResultNode):
    """The rows behind the numbers."""

    source: str
    rows: int
    positives: int
    label: str
    clusters: int | None
    concepts: dict[str, int]
    """How many rows show each concept."""
    invalid_rows: int = 0


class AuditResult(ResultNode):
    """Everything an audit found, and everything it takes to check it."""

    schema_version: Literal[1] = 1
    tool_version: str
    audit: HeaderResult
    outcome: Literal["pass", "fail", "inconclusive"]
    """`fail`: a requirement failed. `inconclusive`: none failed, but a gate or requirement is
    inconclusive, invalid or (a gate) failed. `pass`: all hold."""
    summary: tuple[str, ...]
    """The answer in a few sentences, the most important first."""
    sample: SampleResult
    performance: tuple[ModelPerformance, ...]
    requirements: tuple[RequirementResult, ...]
    checks: tuple[CheckResult, ...]
    findings: tuple[Finding, ...]
    pairs: tuple[PairPicture, ...]
    not_measured: tuple[str, ...]
    """What this audit does not say."""
    plan: PlanSummary
    fidelity: tuple[FidelityRow, ...]
    identities: tuple[Identity, ...]
    spec_text: str
    """The document as written."""
    resolved_text: str
    """The document with every default written out."""
    units_digest: str
    """SHA-256 of `units.jsonl`."""
