"""From a completed audit to its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from auditor import __version__
from auditor.analyses import AuditView, GradientEstimates, PermutationImportance, RelianceEstimates
from auditor.checks import AnyCheck, CheckOutcome, Significance, Tested
from auditor.checks.control_dose import control_dose
from auditor.compile import OpRow
from auditor.digest import Digest, digest_bytes
from auditor.execute import Numerics, StoredAnswers, Verdict
from auditor.plan import Plan
from auditor.results.audit_result import (
    AuditResult,
    EarlierResult,
    FidelityRow,
    HeaderResult,
    OpCount,
    PairPicture,
    PartialResult,
    PlanSummary,
    RenoisedResult,
)
from auditor.results.doubtful_scores import doubtful_scores
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
from auditor.results.sampled import performance_of, sample_of
from auditor.results.side_effects import side_effects_of
from auditor.results.subgroups import all_subgroups
from auditor.results.summary import not_measured, outcome_of, summary_of
from auditor.results.sweeps.build_sweeps import sweeps_of
from auditor.results.sweeps.property_findings import property_findings
from auditor.results.sweeps.property_summary import images_left_out
from auditor.results.sweeps.sweep_result import CheckpointResult
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
    estimates: Mapping[str, RelianceEstimates | GradientEstimates],
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
    reliances = [(one, found) for one in spec.reliances if isinstance(found := estimates[one.name], RelianceEstimates)]
    gradients = [(one, found) for one in spec.gradients if isinstance(found := estimates[one.name], GradientEstimates)]
    gates = [gate for each in gradients if (gate := control_dose(*each)) is not None]
    checks = (*(outcome.result for _, outcome in outcomes), *gates)
    judged = _judged(view, reliances, outcomes)
    subgroups = all_subgroups(view, reliances, judged)
    swept = sweeps_of(spec, view, gradients, outcomes, answers)
    findings = tuple(finding for one in judged for finding in findings_of(one, checks))
    findings += tuple(finding for within in subgroups for finding in findings_within(within, checks))
    findings += tuple(finding for one in swept.judged for finding in property_findings(one, checks))
    requirements = requirement_results(spec.requirements, judged, checks, subgroups, swept.judged)
    pairs: list[PairPicture] = []
    images = dict(swept.images)
    for analysis, found in reliances:
        chosen, files = choose_pairs(spec.report.gallery, analysis, view, found, answers)
        pairs += chosen
        images |= files
    units = units_jsonl(view, reliances, gradients, plan, answers)
    rows, left_out = len(view.rows), view.rows.left_out
    partial = PartialResult(rows=rows, of=rows + left_out) if left_out else None
    result = AuditResult(
        tool_version=__version__,
        audit=HeaderResult(**spec.audit.model_dump()),
        partial=partial,
        outcome=outcome_of(requirements, checks, partial),
        summary=summary_of(requirements, checks, findings, partial)
        + images_left_out(gradients)
        + doubtful_scores(view, plan, answers),
        sample=sample_of(spec, view, [found for _, found in reliances]),
        performance=performance_of(reliances),
        requirements=requirements,
        checks=checks,
        findings=findings,
        reach=reach_results(spec, judged),
        sweep_samples=swept.samples,
        image_sweeps=swept.image_sweeps,
        sweeps=swept.shown,
        checkpoints=_checkpoints(spec),
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
        + departures(spec),
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
    view: AuditView,
    analyses: Sequence[tuple[PermutationImportance, RelianceEstimates]],
    outcomes: Sequence[tuple[AnyCheck, CheckOutcome]],
) -> tuple[Judged, ...]:
    found: list[Judged] = []
    for analysis, of_all in analyses:
        alpha: float | None = None
        tests: Mapping[tuple[str, str, str], Tested] = {}
        for check, outcome in outcomes:
            if isinstance(check, Significance) and check.of == analysis.name:
                alpha, tests = check.alpha, outcome.tests
        # Of several checks that see changes, the first declared one.
        seen = next((one.detected for check, one in outcomes if check.of == analysis.name and one.detected), None)
        side_effects = {} if seen is None else side_effects_of(seen, of_all, view.rows.clusters)
        found += judged_of(analysis, of_all, tests, alpha, side_effects)
    return tuple(found)


def _checkpoints(spec: AuditSpec) -> tuple[CheckpointResult, ...]:
    return tuple(
        CheckpointResult(series=model.series, model=model.name, order=model.epoch)
        for model in spec.models
        if model.series is not None and model.epoch is not None
    )


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
