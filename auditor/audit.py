"""The one loop: collect asks, compile, execute, send answers, until everything has returned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from auditor.analyses import (
    AnyAnalysis,
    AuditView,
    GradientEstimates,
    PermutationImportance,
    PropertyGradient,
    RelianceEstimates,
)
from auditor.checks import AnyCheck, CheckOutcome, Guarded, GuardedSweeps
from auditor.compile import OpRow, WhyOp, compile_plan, explain, why
from auditor.execute import Executor, Numerics, Resources, Reuse, ScheduledTable, Store, StoredAnswers, schedule
from auditor.interventions import Compositing, ImageEdit, TextToImage
from auditor.plan import Ask, Plan, PlanBuilder, Rounds, noise_seeds
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.materials import Materials

T = TypeVar("T")

Estimates = RelianceEstimates | GradientEstimates
"""What analyses return."""


@dataclass(frozen=True)
class Completed:
    """An audit whose analyses and checks have all returned.

    Attributes:
        view: the audit as its parts saw it.
        estimates: what each analysis returned, by its name.
        checks: what each check returned, in declared order.
        plan: everything that was asked for, compiled.
        answers: the stored outputs, by the handles that were asked for.
    """

    view: AuditView
    estimates: Mapping[str, Estimates]
    checks: tuple[tuple[AnyCheck, CheckOutcome], ...]
    plan: Plan
    answers: StoredAnswers


def view_of(spec: AuditSpec, materials: Materials) -> AuditView:
    """The audit as analyses and checks see it, with an empty plan."""
    return AuditView(
        rows=materials.rows,
        concepts=spec.concepts,
        models={model.name: model for model in materials.models},
        detectors={detector.name: detector for detector in materials.detectors},
        interventions={intervention.name: intervention for intervention in spec.interventions},
        pipelines=materials.pipelines,
        ask=Ask(PlanBuilder()),
        captions=materials.captions,
        properties=spec.properties,
        files=materials.files,
    )


def resources_of(materials: Materials) -> Resources:
    """Models and pipelines by digest."""
    return Resources(
        models={model.digest: model for model in (*materials.models, *materials.detectors)},
        pipelines={pipeline.digest: pipeline for pipeline in materials.pipelines.values()},
    )


def plan_audit(spec: AuditSpec, materials: Materials) -> tuple[AuditView, Plan]:
    """Everything that is asked for before any answer is known, checks included; nothing runs.

    What an analysis asks in later rounds depends on answers and is not in it.
    """
    view = view_of(spec, materials)
    for analysis in spec.analyses:
        next(analysis.rounds(view))
    for check in spec.checks:
        next(guarding(check, view, _analysis(spec, check.of), None))
    return view, compile_plan(view.ask.builder.plan())


def explain_plan(
    spec: AuditSpec, view: AuditView, plan: Plan, store: Store | None, numerics: Numerics, reuse: Reuse = "exact"
) -> tuple[OpRow, ...]:
    """What the plan costs, op by op, beside the paper's way."""
    return explain_tables(spec, view, schedule(plan, store, numerics, reuse))


def explain_tables(spec: AuditSpec, view: AuditView, tables: Sequence[ScheduledTable]) -> tuple[OpRow, ...]:
    """The same for a plan that is scheduled already."""
    published: dict[tuple[str, str], int] = {}
    for analysis in spec.analyses:
        counts = analysis.as_published(view)
        models = [view.models[name].digest for name in analysis.model_names(view)]
        if isinstance(analysis, PermutationImportance):
            _add(published, ("generate", view.pipelines[analysis.intervention].digest), counts["generate"])
        else:
            for name, frames in counts.items():
                if name in view.pipelines:
                    _add(published, ("edit", view.pipelines[name].digest), frames)
        for model in models:
            _add(published, ("predict", model), counts["predict"] // len(models))
    return explain(tables, _names(view), published)


def explain_work(
    view: AuditView, plan: Plan, tables: Sequence[ScheduledTable], store: Store | None
) -> tuple[WhyOp, ...]:
    """Why there is something to run: the reasons of each op, for the plan as it is scheduled on this store."""
    noise = {
        int(seed): (row, draw)
        for intervention in view.interventions.values()
        if isinstance(intervention, TextToImage | ImageEdit)
        for row, seeds in zip(
            view.rows.names,
            noise_seeds(intervention.noise.seed, view.rows.names, intervention.noise.draws),
            strict=True,
        )
        for draw, seed in enumerate(seeds)
    }
    return why(tables, store, _names(view), plan.payloads, noise)


def _names(view: AuditView) -> dict[str, str]:
    """Names of models and pipelines by digest, and of composites by that of their op; of all that share a digest."""
    names = {model.digest: model.name for model in (*view.models.values(), *view.detectors.values())}
    for intervention in view.interventions.values():
        if isinstance(intervention, Compositing):
            digest = intervention.op().digest
            names[digest] = f"{names[digest]}, {intervention.name}" if digest in names else intervention.name
    pipelines: dict[str, list[str]] = {}
    for name, pipeline in view.pipelines.items():
        pipelines.setdefault(pipeline.digest, []).append(name)
    return names | {digest: ", ".join(each) for digest, each in pipelines.items()}


def run_audit(spec: AuditSpec, materials: Materials, executor: Executor) -> Completed:
    """Run every analysis, then every check, each round compiled together with all that is open.

    Raises:
        Interrupted, ExecutionError: see `Executor.run`; what was finished is kept.
    """
    view = view_of(spec, materials)

    def answer() -> StoredAnswers:
        return executor.run(compile_plan(view.ask.builder.plan()))

    estimates: dict[str, Estimates] = dict(
        zip(
            [analysis.name for analysis in spec.analyses],
            _in_rounds(_analyses(spec, view), answer),
            strict=True,
        )
    )
    outcomes = _in_rounds(
        [guarding(check, view, _analysis(spec, check.of), estimates[check.of]) for check in spec.checks],
        answer,
    )
    plan = compile_plan(view.ask.builder.plan())
    return Completed(view, estimates, tuple(zip(spec.checks, outcomes, strict=True)), plan, executor.run(plan))


def _analyses(spec: AuditSpec, view: AuditView) -> list[Rounds[Estimates]]:
    return [analysis.rounds(view) for analysis in spec.analyses]


def guarding(check: Any, view: AuditView, analysis: AnyAnalysis, estimates: Any) -> Rounds[CheckOutcome]:
    """A check beside its analysis; rules of the document refuse one that does not fit."""
    guarded = (GuardedSweeps if isinstance(analysis, PropertyGradient) else Guarded)(analysis, estimates)  # type: ignore[arg-type]
    found: Rounds[CheckOutcome] = check.rounds(view, guarded)
    return found


def _in_rounds(coroutines: Iterable[Rounds[T]], answer: Callable[[], StoredAnswers]) -> list[T]:
    """Drive coroutines together: what is open at one time shares one plan."""
    waiting = list(enumerate(coroutines))
    returned: dict[int, T] = {}
    for _, coroutine in waiting:
        next(coroutine)
    while waiting:
        answers = answer()
        still = []
        for number, coroutine in waiting:
            try:
                coroutine.send(answers)
                still.append((number, coroutine))
            except StopIteration as stopped:
                returned[number] = stopped.value
        waiting = still
    return [returned[number] for number in sorted(returned)]


def _analysis(spec: AuditSpec, name: str) -> AnyAnalysis:
    return next(analysis for analysis in spec.analyses if analysis.name == name)


def _add(counts: dict[tuple[str, str], int], key: tuple[str, str], more: int) -> None:
    counts[key] = counts.get(key, 0) + more
