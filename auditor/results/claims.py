"""What a result claims: findings, each a number with its interval, and what became of the author's requirements."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from auditor.judgement import IntervalResult, ResultNode, State

Verdict = Literal["relies", "does_not_rely", "inconclusive", "invalid", "descriptive"]
"""`descriptive` is said of sweeps that are compared with nothing: their numbers stand, and nothing is claimed."""

Quantity = Literal[
    "importance", "response", "systematic_response", "flips", "unmixed_response", "spilled_importance",
    "range", "net_change", "gradient", "gradient_per_unit", "ratio", "ratio_in_general",
]  # fmt: skip


class Subject(ResultNode):
    """What a finding is about."""

    kind: Literal["concept", "property", "edit", "method"]
    name: str


class Subgroup(ResultNode):
    """Rows that have one value in a column of the data set's table."""

    column: str
    value: str


class Finding(ResultNode):
    """One number about one subject and one model, with its interval and what it means."""

    analysis: str
    model: str
    subject: Subject
    quantity: Quantity
    """`importance` is lost performance, `response` the signed mean move of the score's rank,
    `systematic_response` its root mean square, `flips` the share of changed decisions,
    `unmixed_response` the mean move less what side effects on other concepts bring,
    `spilled_importance` the importance that such side effects may bring. Of gradual interventions: `range`
    (largest less smallest score), `net_change` (last less first), `gradient` (E|grad| per step, as published),
    `gradient_per_unit` (of the property), `ratio` (E|grad| over that of the declared controls), and
    `ratio_in_general` (over that of irrelevant changes like them); means over images."""
    unit: str
    """`auroc`, `rank`, `share`, .."""
    image: str | None = None
    """The picture the number is about; null for the aggregate over all."""
    subgroup: Subgroup | None = None
    """The rows that the number is about; null for all of them."""
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
    noise_sd: float | None = None
    """How far the number moves when the same rows are generated with other noise; null with one draw, and for
    quantities of which it is not measured."""
    stability: float | None = None
    """Where there is a verdict: distance of what decides it from its limit, in noise SDs. Below 2 another seed may
    change it. Null where noise was not measured, or moves nothing."""
    verdict: Verdict | None = None
    """On `response` and `range` findings: what may be said of the model and the concept or property."""
    sentence: str = ""
    """The finding in words."""
    details: dict[str, float | int | str | None] = Field({})
    """Further numbers a reviewer needs: metric on factual pictures, share of rows changed, .."""


class RequirementResult(ResultNode):
    """A promise of the author, and whether it holds."""

    name: str
    analysis: str
    model: str
    subject: Subject
    subgroup: Subgroup | None = None
    """The rows that the promise is about; null for all of them."""
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
    noise_sd: float | None = None
    """How far the estimate moves when the same rows are generated with other noise; null where not measured."""
    stability: float | None = None
    """Least distance of a bound from the threshold, in noise SDs; below 2 another seed may change the state."""
    rows_needed: int | None = None
    """Rows that would decide with a chance of 80 %, were the estimate the truth; null where none would."""
    state: State
    sentence: str
