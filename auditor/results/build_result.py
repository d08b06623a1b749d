"""From a completed audit to its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from auditor import __version__
from auditor.analyses import AnyAnalysis, AuditView, RelianceEstimates
from auditor.checks import AnyCheck, CheckOutcome, Significance, Tested
from auditor.compile import OpRow
from auditor.digest import digest_bytes, digest_value
from auditor.execute import Numerics, StoredAnswers
from auditor.judgement import CheckResult
from auditor.plan import Plan
from auditor.results.audit_result import (
    AuditResult,
    FidelityRow,
    Finding,
    HeaderResult,
    Identity,
    ModelPerformance,
    OpCount,
    PairPicture,
    PlanSummary,
    RequirementResult,
    SampleResult,
)
from auditor.results.findings import Judged, findings_of, judged_of
from auditor.results.pairs import choose_pairs
from auditor.results.requirements import requirement_results
from auditor.results.units import units_jsonl
from auditor.spec import LoadedSpec, choices, resolved_text
from auditor.spec.audit_spec import AuditSpec

VERSIONED = ("torch", "diffusers", "transformers", "numpy", "scipy", "pillow", "pydantic", "safetensors", "tokenizers")


@dataclass(frozen=True)
class Finished:
    """What a completed audit hands over to be written.

    Attributes:
        result: the result.
        units: the bytes of `units.jsonl`.
        images: PNG files by their name below the run folder.
    """

    result: AuditResult
    units: bytes
    images: Mapping[str, bytes]


def build_result(
    loaded: LoadedSpec,
    view: AuditView,
    estimates: Mapping[str, RelianceEstimates],
    outcomes: Sequence[tuple[AnyCheck, CheckOutcome]],
    plan: Plan,
    answers: StoredAnswers,
    op_rows: Sequence[OpRow],
    numerics: Numerics,
) -> Finished:
    """Judge what was measured, and put together all that a reviewer needs."""
    spec = loaded.spec
    checks = tuple(outcome.result for _, outcome in outcomes)
    judged = _judged(spec, estimates, outcomes)
    findings = tuple(finding for one in judged for finding in findings_of(one, checks))
    requirements = requirement_results(spec.requirements, judged, checks)
    pairs: list[PairPicture] = []
    images: dict[str, bytes] = {}
    analyses = [(analysis, estimates[analysis.name]) for analysis in spec.analyses]
    for analysis, found in analyses:
        chosen, files = choose_pairs(spec.report.gallery, analysis, view, found, answers)
        pairs += chosen
        images |= files
    units = units_jsonl(view, analyses, plan, answers)
    result = AuditResult(
        tool_version=__version__,
        audit=HeaderResult(**spec.audit.model_dump()),
        outcome=_outcome(requirements, checks),
        summary=_summary(requirements, checks, findings),
        sample=_sample(spec, view, estimates),
        performance=_performance(analyses),
        requirements=requirements,
        checks=checks,
        findings=findings,
        pairs=tuple(pairs),
        not_measured=_not_measured(spec, view),
        plan=PlanSummary(
            ops=tuple(
                OpCount(
                    op=row.op,
                    as_published=row.as_published if row.as_published is not None else row.distinct,
                    asked=row.asked,
                    distinct=row.distinct,
                )
                for row in op_rows
            )
        ),
        fidelity=tuple(
            FidelityRow(field=choice.field, value=choice.value, chosen_by=choice.chosen_by) for choice in choices(spec)
        )
        + _departures(spec),
        identities=_identities(loaded, view, numerics),
        spec_text=loaded.text,
        resolved_text=resolved_text(spec),
        units_digest=digest_bytes(units),
    )
    return Finished(result, units, images)


def _judged(
    spec: AuditSpec, estimates: Mapping[str, RelianceEstimates], outcomes: Sequence[tuple[AnyCheck, CheckOutcome]]
) -> tuple[Judged, ...]:
    found: list[Judged] = []
    for analysis in spec.analyses:
        alpha: float | None = None
        tests: Mapping[tuple[str, str, str], Tested] = {}
        for check, outcome in outcomes:
            if isinstance(check, Significance) and check.of == analysis.name:
                alpha, tests = check.alpha, outcome.tests
        found += judged_of(analysis, estimates[analysis.name], tests, alpha)
    return tuple(found)


def _outcome(
    requirements: Sequence[RequirementResult], checks: Sequence[CheckResult]
) -> Literal["pass", "fail", "inconclusive"]:
    """`fail` where a requirement failed; `pass` where every requirement and every gate holds."""
    if any(requirement.state == "fail" for requirement in requirements):
        return "fail"
    states = [one.state for one in requirements] + [check.state for check in checks if check.state is not None]
    return "pass" if all(state == "pass" for state in states) else "inconclusive"


def _summary(
    requirements: Sequence[RequirementResult], checks: Sequence[CheckResult], findings: Sequence[Finding]
) -> tuple[str, ...]:
    sentences = [
        f"{requirement.name} ({requirement.model}): {requirement.state}. {_sentence(requirement.sentence)}"
        for requirement in requirements
    ]
    for model in dict.fromkeys(finding.model for finding in findings):
        words: dict[str, list[str]] = {}
        responses = [finding for finding in findings if finding.model == model and finding.quantity == "response"]
        for finding in sorted(responses, key=lambda one: -abs(one.estimate or 0.0)):
            words.setdefault(str(finding.verdict), []).append(finding.subject.name)
        said = {
            "relies": "{model} relies on {names}.",
            "does_not_rely": "{model} does not rely on {names}, within the declared margin.",
            "inconclusive": "For {names}, the evidence about {model} is inconclusive.",
            "invalid": "For {names}, a failed gate means that nothing can be said about {model}.",
        }
        sentences += [
            sentence.format(model=model, names=_listed(words[word])) for word, sentence in said.items() if word in words
        ]
    blocked = [check for check in checks if check.state in ("fail", "inconclusive")]
    sentences += [f"The gate {check.kind.replace('_', ' ')} is {check.state}: {check.sentence}." for check in blocked]
    if not blocked and any(check.state == "pass" for check in checks):
        sentences.append("All gates pass: the pictures are good enough for these claims.")
    return tuple(sentences)


def _sample(spec: AuditSpec, view: AuditView, estimates: Mapping[str, RelianceEstimates]) -> SampleResult:
    rows = view.rows
    return SampleResult(
        source=spec.dataset.source,
        rows=len(rows),
        positives=int(rows.labels.sum()),
        label=spec.dataset.label,
        clusters=None if rows.clusters is None else len(set(rows.clusters.tolist())),
        concepts={concept.name: int(rows.values[:, i].sum()) for i, concept in enumerate(spec.concepts)},
        invalid_rows=max((int((~found.valid).sum()) for found in estimates.values()), default=0),
    )


def _performance(analyses: Sequence[tuple[AnyAnalysis, RelianceEstimates]]) -> tuple[ModelPerformance, ...]:
    return tuple(
        ModelPerformance(
            analysis=analysis.name,
            model=name,
            metric=analysis.metric,
            real=estimates.real[name].value,
            generated=factual.value,
        )
        for analysis, estimates in analyses
        for name, factual in estimates.factual.items()
    )


def _not_measured(spec: AuditSpec, view: AuditView) -> tuple[str, ...]:
    gates = {check.kind for check in spec.checks}
    said = [
        "Whether concepts that are not declared matter to the models.",
        f"Pictures other than those of {spec.dataset.source}: the numbers speak of these {len(view.rows)} rows and of "
        "rows drawn like them.",
        "Whether the detector is right about generated pictures; it is trusted where the gates pass.",
        "How much of a response the generator's side effects on other concepts explain; the gate on independent "
        "permutation bounds them, and nothing is subtracted.",
    ]
    if "effective_generation" not in gates:
        said.append("Whether models see generated pictures as they see real ones: no such check is declared.")
    if "independent_permutation" not in gates:
        said.append("Whether changing one concept leaves the others alone: no such check is declared.")
    if "significance" not in gates:
        said.append("Whether responses are more than chance: no significance check is declared.")
    if any(intervention.noise.draws < 2 for intervention in spec.interventions):
        said.append("What the generator's noise contributes: that takes two draws or more.")
    return tuple(said)


def _departures(spec: AuditSpec) -> tuple[FidelityRow, ...]:
    """What DEPICT does otherwise, and is no field of the document."""
    return (
        FidelityRow(
            field="sign of importance",
            value="signed",
            chosen_by="auditor",
            note="The released code takes absolute changes, which turns noise into importance.",
        ),
        FidelityRow(
            field="noise",
            value="a row keeps its noise across captions",
            chosen_by="auditor",
            note="The paper does not say; common noise compares pictures that differ by the caption alone.",
        ),
        FidelityRow(
            field="response",
            value="reported beside importance",
            chosen_by="auditor",
            note="Importance is zero for any model where a concept is independent of the label; the paper has no response.",
        ),
        FidelityRow(
            field="safety checker",
            value="not loaded",
            chosen_by="auditor",
            note="It would replace pictures by black ones, which are no answer.",
        ),
    )


def _identities(loaded: LoadedSpec, view: AuditView, numerics: Numerics) -> tuple[Identity, ...]:
    spec = loaded.spec
    promised = [requirement.model_dump(mode="json") for requirement in spec.requirements]
    sources = {model.name: model.source for model in (*spec.models, *spec.detectors)}
    return (
        Identity(role="spec", name=spec.audit.id, digest=digest_bytes(loaded.text.encode()), detail="as written"),
        Identity(role="requirements", name=spec.audit.id, digest=digest_value(promised), detail="as declared"),
        Identity(role="dataset", name=spec.dataset.source, digest=view.rows.table_digest, detail="its table"),
        *(
            Identity(role="model", name=model.name, digest=model.digest, detail=sources[model.name])
            for model in view.models.values()
        ),
        *(
            Identity(role="detector", name=model.name, digest=model.digest, detail=sources[model.name])
            for model in view.detectors.values()
        ),
        *(
            Identity(
                role="pipeline",
                name=intervention.name,
                digest=view.pipelines[intervention.name].digest,
                detail=f"{intervention.source}, {view.pipelines[intervention.name].class_name}",
            )
            for intervention in spec.interventions
        ),
        Identity(
            role="numerics",
            name=numerics.profile,
            digest=numerics.digest,
            detail=f"{numerics.device} ({numerics.processor}), {numerics.dtype}, {numerics.threads} thread a worker, batches "
            + ", ".join(f"{kind} {size}" for kind, size in numerics.batch),
        ),
        *(Identity(role="package", name=name, digest=None, detail=_version(name)) for name in VERSIONED),
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
