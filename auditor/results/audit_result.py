"""The result of an audit as a value: what `result.json` holds, and all that a report needs.

Strict JSON: a number that does not exist is null and has a reason beside it, never NaN. No
clock, host, path or count that a resumed run would change stands in it; those are in `run.json`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from auditor.judgement import CheckPart, CheckResult, IntervalResult, Matrix, ResultNode, State
from auditor.results.claims import Finding, Quantity, RequirementResult, Subgroup, Subject, Verdict
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
