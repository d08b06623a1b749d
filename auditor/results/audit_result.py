"""The result of an audit as a value: what `result.json` holds, and all that a report needs.

Strict JSON: a number that does not exist is null and has a reason beside it, never NaN. No
clock, host, path or count that a resumed run would change stands in it; those are in `run.json`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from auditor.judgement import CheckPart, CheckResult, IntervalResult, Matrix, ResultNode, State
from auditor.results.earlier import EarlierResult
from auditor.results.sensitivity import ReachResult, RenoisedResult
from auditor.results.sweeps.sweep_result import CheckpointResult, ImageSweep, SweepSample, SweepShown

__all__ = [
    "RESULT_VERSION",
    "AuditResult",
    "CheckPart",
    "CheckResult",
    "EarlierResult",
    "FidelityRow",
    "Finding",
    "HeaderResult",
    "Identity",
    "IntervalResult",
    "Matrix",
    "ModelPerformance",
    "OpCount",
    "PairPicture",
    "PartialResult",
    "PlanSummary",
    "Quantity",
    "ReachResult",
    "RenoisedResult",
    "RequirementResult",
    "ResultNode",
    "SampleResult",
    "State",
    "Subgroup",
    "Subject",
    "Verdict",
]

RESULT_VERSION = 1

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
    """`added`, `removed`, or `from 2 to 0` where a concept has other values than present and absent."""
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
    positives: int | None
    """Rows with the label 1; null where labels are classes or numbers."""
    label: str
    classes: dict[str, int] = Field({})
    """How many rows are of each class, where labels are classes."""
    label_range: tuple[float, float] | None = None
    """Least and largest label, where labels are numbers."""
    clusters: int | None
    concepts: dict[str, int]
    """How many rows show each presence, or at least one of each count."""
    values: dict[str, dict[str, int]] = Field({})
    """Of counts and categories: how many rows have each value."""
    invalid_rows: int = 0


class PartialResult(ResultNode):
    """How much of the audit was run, where it was not the whole."""

    rows: int
    """Rows that were run: the first of those that the document draws."""
    of: int
    """Rows that the document draws."""


class AuditResult(ResultNode):
    """Everything an audit found, and everything it takes to check it."""

    schema_version: Literal[1] = 1
    tool_version: str
    audit: HeaderResult
    partial: PartialResult | None = None
    """Null for the whole audit; else no claim about the models may rest on this result."""
    outcome: Literal["pass", "fail", "inconclusive"]
    """`fail`: a requirement failed. `inconclusive`: none failed, but a gate or requirement is
    inconclusive, invalid or (a gate) failed, or the result is partial. `pass`: all hold."""
    summary: tuple[str, ...]
    """The answer in a few sentences, the most important first."""
    sample: SampleResult
    performance: tuple[ModelPerformance, ...]
    requirements: tuple[RequirementResult, ...]
    checks: tuple[CheckResult, ...]
    findings: tuple[Finding, ...]
    reach: tuple[ReachResult, ...] = ()
    """What could have been found, by model and concept."""
    sweep_samples: tuple[SweepSample, ...] = ()
    """How many images each analysis of gradual interventions is about."""
    image_sweeps: tuple[ImageSweep, ...] = ()
    """Of gradual interventions: every model, property and image."""
    sweeps: tuple[SweepShown, ...] = ()
    """The sweeps that the report draws, chosen by rule."""
    checkpoints: tuple[CheckpointResult, ...] = ()
    """Models that are checkpoints of one training, in order."""
    renoised: tuple[RenoisedResult, ...] = ()
    """Self-tests on pictures that differ in noise alone; empty with one draw, or where nothing is tested."""
    pairs: tuple[PairPicture, ...]
    not_measured: tuple[str, ...]
    """What this audit does not say."""
    plan: PlanSummary
    fidelity: tuple[FidelityRow, ...]
    earlier: tuple[EarlierResult, ...] = ()
    """Results of other documents with the same audit id that stood here before."""
    requirements_changed: bool = False
    """Whether an earlier result was judged by other requirements: these were changed after scores existed."""
    identities: tuple[Identity, ...]
    spec_text: str
    """The document as written; the files that it extends follow, each under a line with its name."""
    resolved_text: str
    """The document with every default written out."""
    units_digest: str
    """SHA-256 of `units.jsonl`."""
