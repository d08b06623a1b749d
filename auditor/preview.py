"""A preview: the pictures of a few rows on one sheet, and what the gates look like so far."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from auditor.analyses import AuditView, GradientEstimates, PropertyGradient
from auditor.audit import guarding, plan_audit, resources_of, view_of
from auditor.checks import CheckOutcome
from auditor.checks.control_dose import control_dose
from auditor.compile import compile_plan
from auditor.dataset import Rows
from auditor.errors import InternalError, UsageError
from auditor.execute import Executor, Journal, Progress, Store, StoredAnswers, default_workers, numerics_of
from auditor.interventions import BlendFiles, CapturedFrames
from auditor.judgement import CheckResult
from auditor.plan import Rounds
from auditor.preview_sheet import concept_lines, draw_sheet, sweep_lines
from auditor.run import OneWriter, Options, default_folder, default_store
from auditor.run.looking import looking
from auditor.run.model_faults import model_faults
from auditor.spec import LoadedSpec
from auditor.spec.materials import require


@dataclass(frozen=True)
class Preview:
    """What a preview came to.

    Attributes:
        sheet: the contact sheet, a PNG file.
        rows: how many rows, or photographed objects, it shows.
        computed: pictures and scores computed; the run that follows finds them stored.
        gates: checks on these rows, how strong controls are among them; those that need more rows are left out.
        too_few: kinds of checks that need more rows.
    """

    sheet: Path
    rows: int
    computed: int
    gates: tuple[CheckResult, ...]
    too_few: tuple[str, ...]


def preview(loaded: LoadedSpec, options: Options, rows: int, progress: Progress) -> Preview:
    """Make the pictures of the first rows of an audit, and lay them out.

    The rows are the first that the run uses, so the run that follows makes none of them again.

    Raises:
        SpecError, ExecutionError, Interrupted: as `run`.
        UsageError: fewer than one row is asked for.
    """
    if rows < 1:
        raise UsageError("a preview shows at least one row: --rows 1")
    materials = require(loaded, allow_python=options.allow_python, decode=True, looked=looking(progress))
    folder = options.out or default_folder(loaded).parent / "preview"
    numerics = numerics_of(loaded.spec.numerics)
    if numerics.compile != "never":
        # As the whole audit decides it, or its run could not use these pictures.
        numerics = numerics.for_plan(plan_audit(loaded.spec, materials)[1])
    materials = replace(materials, rows=first_rows(materials.rows, rows), files=first_objects(materials.files, rows))
    where = options.store or default_store(loaded)
    with OneWriter(folder), Journal(folder / "journal.jsonl") as journal, closing(Store(where)) as store:
        workers = options.workers or default_workers(numerics)
        executor = Executor(store, journal, resources_of(materials), numerics, workers, progress)
        view = view_of(loaded.spec, materials)
        analysis = loaded.spec.analyses[0]
        try:
            if not isinstance(analysis, PropertyGradient):
                next(analysis.rounds(view))
            gradients = [(each, each.rounds(view)) for each in loaded.spec.gradients]
            for _, rounds in gradients:
                next(rounds)
            with model_faults(loaded, materials):
                executor.open(plan_audit(loaded.spec, materials)[1])
                gates, too_few = _gates(loaded, view, executor)
                answers = executor.run(compile_plan(view.ask.builder.plan()))
            doses = [_dose(each, rounds, answers) for each, rounds in gradients]
        finally:
            executor.close()
        sheet, shown = folder / "preview.png", len(materials.rows)
        if isinstance(analysis, PropertyGradient):
            shown = len(view.sweep(analysis.sweeps[0]).images)
            draw_sheet(*sweep_lines(view, analysis, answers), sheet)
        else:
            draw_sheet(*concept_lines(view, analysis.pictures(view), answers), sheet)
    return Preview(sheet, shown, sum(executor.ran.values()), (*filter(None, doses), *gates), too_few)


def first_rows(rows: Rows, count: int) -> Rows:
    """The first `count` rows."""
    clusters = None if rows.clusters is None else rows.clusters[:count]
    return replace(
        rows,
        names=rows.names[:count],
        paths=rows.paths[:count],
        image_digests=rows.image_digests[:count],
        labels=rows.labels[:count],
        values=rows.values[:count],
        own_labels={name: labels[:count] for name, labels in rows.own_labels.items()},
        clusters=clusters,
        columns={name: column[:count] for name, column in rows.columns.items()},
    )


def first_objects(
    files: Mapping[str, BlendFiles | CapturedFrames], count: int
) -> dict[str, BlendFiles | CapturedFrames]:
    """What composites blend in, and the photographs of the first `count` objects."""
    return {name: found.first(count) if isinstance(found, CapturedFrames) else found for name, found in files.items()}


def _gates(loaded: LoadedSpec, view: AuditView, executor: Executor) -> tuple[tuple[CheckResult, ...], tuple[str, ...]]:
    analysis = loaded.spec.analyses[0]
    found, too_few = [], []
    for check in loaded.spec.checks:
        if check.of != analysis.name or check.kind == "significance":
            continue
        rounds = guarding(check, view, analysis, None)
        next(rounds)
        answers = executor.run(compile_plan(view.ask.builder.plan()))
        try:
            rounds.send(answers)
        except StopIteration as stopped:
            outcome: CheckOutcome = stopped.value
            found.append(outcome.result)
        except ValueError:
            # One label or one value among so few rows: AUROC does not exist.
            too_few.append(check.kind)
    return tuple(found), tuple(too_few)


def _dose(analysis: PropertyGradient, rounds: Rounds[GradientEstimates], answers: StoredAnswers) -> CheckResult | None:
    """How strong controls are beside their property in these rows; None without controls."""
    try:
        rounds.send(answers)
    except StopIteration as stopped:
        return control_dose(analysis, stopped.value)
    raise InternalError("a property gradient asked for a second round")
