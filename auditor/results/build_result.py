"""From a completed audit to its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from auditor import __version__
from auditor.analyses import AnyAnalysis, AuditView, RelianceEstimates
from auditor.analyses.metric_scores import labels_of_model
from auditor.checks import AnyCheck, CheckOutcome, Significance, Tested
from auditor.compile import OpRow
from auditor.digest import Digest, digest_bytes
from auditor.execute import Numerics, StoredAnswers, Verdict
from auditor.plan import Plan
from auditor.results.audit_result import (
    AuditResult,
    EarlierResult,
    FidelityRow,
    HeaderResult,
    ModelPerformance,
    OpCount,
    PairPicture,
    PartialResult,
    PlanSummary,
    RenoisedResult,
    SampleResult,
)
from auditor.results.earlier import changed_requirements
from auditor.results.findings import findings_of, findings_within
from auditor.results.judged import Judged, judged_of
from auditor.results.pairs import choose_pairs
from auditor.results.provenance import (
    departures,
    identities_of,
    lowered_of,
    probed_of,
    requirements_digest,
    reused_of,
)
from auditor.results.reach import reach_results
from auditor.results.requirements import requirement_results
from auditor.results.side_effects import side_effects_of
from auditor.results.subgroups import Within, subgroups_of, within_subgroups
from auditor.results.summary import not_measured, outcome_of, summary_of
from auditor.results.units import units_jsonl
from auditor.spec import LoadedSpec, choices, resolved_text
from auditor.spec.audit_spec import AuditSpec


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
    verdicts: Mapping[Digest, Verdict] = MappingProxyType({}),
    earlier: tuple[EarlierResult, ...] = (),
) -> Finished:
    """Judge what was measured, and put together all that a reviewer needs.

    `numerics` is the class in force when all was computed; `verdicts` what probes found, by the op's digest; `earlier`
    the results that this audit id had before.
    """
    spec = loaded.spec
    checks = tuple(outcome.result for _, outcome in outcomes)
    judged = _judged(spec, view, estimates, outcomes)
    subgroups = _subgroups(spec, view, estimates, judged)
    findings = tuple(finding for one in judged for finding in findings_of(one, checks))
    findings += tuple(finding for within in subgroups for finding in findings_within(within, checks))
    requirements = requirement_results(spec.requirements, judged, checks, subgroups)
    pairs: list[PairPicture] = []
    images: dict[str, bytes] = {}
    analyses = [(analysis, estimates[analysis.name]) for analysis in spec.analyses]
    for analysis, found in analyses:
        chosen, files = choose_pairs(spec.report.gallery, analysis, view, found, answers)
        pairs += chosen
        images |= files
    units = units_jsonl(view, analyses, plan, answers)
    rows, left_out = len(view.rows), view.rows.left_out
    partial = PartialResult(rows=rows, of=rows + left_out) if left_out else None
    result = AuditResult(
        tool_version=__version__,
        audit=HeaderResult(**spec.audit.model_dump()),
        partial=partial,
        outcome=outcome_of(requirements, checks, partial),
        summary=summary_of(requirements, checks, findings, partial),
        sample=_sample(spec, view, estimates),
        performance=_performance(analyses),
        requirements=requirements,
        checks=checks,
        findings=findings,
        reach=reach_results(spec, judged),
        renoised=_renoised(outcomes),
        pairs=tuple(pairs),
        not_measured=not_measured(spec, view, sum(row.reused for row in op_rows)),
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
        + departures(),
        earlier=earlier,
        requirements_changed=changed_requirements(earlier, requirements_digest(spec)),
        identities=identities_of(loaded, view, numerics)
        + probed_of(op_rows, verdicts)
        + lowered_of(op_rows, numerics)
        + reused_of(op_rows, answers),
        spec_text=loaded.whole_text,
        resolved_text=resolved_text(spec),
        units_digest=digest_bytes(units),
    )
    return Finished(result, units, images)


def _judged(
    spec: AuditSpec,
    view: AuditView,
    estimates: Mapping[str, RelianceEstimates],
    outcomes: Sequence[tuple[AnyCheck, CheckOutcome]],
) -> tuple[Judged, ...]:
    found: list[Judged] = []
    for analysis in spec.analyses:
        alpha: float | None = None
        tests: Mapping[tuple[str, str, str], Tested] = {}
        for check, outcome in outcomes:
            if isinstance(check, Significance) and check.of == analysis.name:
                alpha, tests = check.alpha, outcome.tests
        # Of several checks that see changes, the first declared one.
        seen = next((one.detected for check, one in outcomes if check.of == analysis.name and one.detected), None)
        of_all = estimates[analysis.name]
        side_effects = {} if seen is None else side_effects_of(seen, of_all, view.rows.clusters)
        found += judged_of(analysis, of_all, tests, alpha, side_effects)
    return tuple(found)


def _subgroups(
    spec: AuditSpec, view: AuditView, estimates: Mapping[str, RelianceEstimates], judged: Sequence[Judged]
) -> tuple[Within, ...]:
    """Every model and concept in every subgroup of the analyses that name a column."""
    found: list[Within] = []
    for analysis in spec.analyses:
        if analysis.by is None:
            continue
        valid = estimates[analysis.name].valid
        groups = {name: rows[valid] for name, rows in subgroups_of(view.rows.columns[analysis.by]).items()}
        clusters = None if view.rows.clusters is None else view.rows.clusters[valid]
        for one in judged:
            if one.analysis.name == analysis.name:
                labels = labels_of_model(view.models[one.model], view.rows)[valid]
                found += within_subgroups(one, groups, labels, clusters)
    return tuple(found)


def _renoised(outcomes: Sequence[tuple[AnyCheck, CheckOutcome]]) -> tuple[RenoisedResult, ...]:
    return tuple(
        RenoisedResult(
            analysis=check.of,
            model=model,
            concept=concept,
            importance=found.importance,
            p_value=found.p_value,
            quantile=found.quantile,
            swaps=found.swaps,
            seed=found.seed,
        )
        for check, outcome in outcomes
        for (model, concept), found in outcome.renoised.items()
    )


def _sample(spec: AuditSpec, view: AuditView, estimates: Mapping[str, RelianceEstimates]) -> SampleResult:
    rows = view.rows
    counted = {
        concept.name: (
            concept.kind,
            {level: int((rows.values[:, i] == value).sum()) for value, level in enumerate(rows.levels_of(i))},
        )
        for i, concept in enumerate(spec.concepts)
        if concept.permutable
    }
    return SampleResult(
        source=spec.dataset.source,
        rows=len(rows),
        positives=int(rows.labels.sum()) if rows.task == "binary" else None,
        classes={name: int((rows.labels == place).sum()) for place, name in enumerate(rows.classes)},
        label_range=(float(rows.labels.min()), float(rows.labels.max())) if rows.task == "numbers" else None,
        label=spec.dataset.label,
        clusters=None if rows.clusters is None else len(set(rows.clusters.tolist())),
        concepts={
            name: sum(count for level, count in rows_of.items() if level)
            for name, (kind, rows_of) in counted.items()
            if kind != "category"
        },
        values={
            name: {str(level): count for level, count in rows_of.items()}
            for name, (kind, rows_of) in counted.items()
            if kind != "presence"
        },
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
