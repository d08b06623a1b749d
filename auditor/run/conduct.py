"""A run from document to report: gather, compute, judge, write."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from auditor.audit import Completed, explain_plan, explain_tables, resources_of, run_audit
from auditor.compile import OpRow
from auditor.errors import Exit
from auditor.execute import Executor, Journal, Numerics, Progress, Store, default_workers, schedule
from auditor.report import render_run_record
from auditor.results.audit_result import AuditResult
from auditor.results.build_result import build_result
from auditor.run.cost import Work, keep_timings, least_bytes, refuse_full_disk
from auditor.run.folder import OneWriter, RunFolder, default_folder, default_store
from auditor.run.forecast import Forecaster
from auditor.run.options import Options
from auditor.run.prepare import prepare
from auditor.run.record import earlier_results, record_of
from auditor.run.reporting import write_report
from auditor.spec import LoadedSpec, resolved_text


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        folder: where everything was written.
        result: the result.
        status: the exit status.
        ran: units computed, by op.
        files: files written or found current, by what they are.
        unwritten: report formats that could not be made, with the reason.
    """

    folder: RunFolder
    result: AuditResult
    status: Exit
    ran: Mapping[str, int]
    files: Mapping[str, Path]
    unwritten: Mapping[str, str] = field(default_factory=dict)


def run(loaded: LoadedSpec, options: Options, progress: Progress) -> Outcome:
    """Run an audit to its report. What the store has is not computed again.

    Raises:
        SpecError: the document, or something it names, is wrong; nothing was computed.
        UsageError: the folder belongs to another audit, or to a run that is going on; or a lock or a plan file
            fixes something that is otherwise now.
        ExecutionError, Interrupted: what was finished is kept.
    """
    start = time.time()
    folder = RunFolder(options.out or default_folder(loaded, options.limit))
    folder.refuse_other_audit(loaded, options.limit)
    prepared = prepare(loaded, options)
    materials, numerics = prepared.materials, prepared.numerics
    workers = options.workers or default_workers()
    where = options.store or default_store(loaded)
    with OneWriter(folder.path), Journal(folder.journal) as journal, closing(Store(where)) as store:
        folder.refuse_other_audit(loaded, options.limit)  # Again: another audit may have had the folder until now.
        work = Work(prepared.plan, schedule(prepared.plan, store, numerics), numerics, workers, where)
        before = explain_tables(loaded.spec, prepared.view, work.tables)
        counts = {"schema_version": 1, "limit": options.limit, "ops": [_counts(row) for row in before]}
        folder.write("plan.json", _json(counts))  # First: it says whose rows these are.
        folder.write("spec.yaml", loaded.text.encode())
        for number, file in enumerate(loaded.files[1:], 1):
            folder.write(f"extended/{number}-{Path(file.name).name}", file.text.encode())
        folder.write("resolved.yaml", resolved_text(loaded.spec).encode())
        earlier = earlier_results(folder)
        refuse_full_disk(least_bytes(work), where)
        forecaster = Forecaster(progress, work)
        executor = Executor(store, journal, resources_of(materials), numerics, workers, forecaster)
        forecaster.follow(executor.watch)
        try:
            completed = run_audit(loaded.spec, materials, executor)
        finally:
            executor.close()
            keep_timings(work, executor.watch)
        computed = time.time()
        after = explain_plan(loaded.spec, completed.view, completed.plan, store, numerics)
        result, changed = _write_result(loaded, folder, completed, after, numerics)
        files, unwritten = write_report(folder, result, options.formats or loaded.spec.report.formats, changed)
        status = Exit.INCOMPLETE if unwritten else exit_status(result)
        record = record_of(
            folder, numerics, before, executor, forecaster.forecasts, journal, (start, computed), workers, earlier,
            status, unwritten,
        )  # fmt: skip
        folder.write("run.json", record.model_dump_json(indent=1).encode() + b"\n")
        folder.write("run-record.html", render_run_record(loaded.spec.audit.title, record).encode())
    return Outcome(folder, result, status, executor.ran, files, unwritten)


def exit_status(result: AuditResult) -> Exit:
    """1 where a requirement failed, 7 where none failed but not all is decided, else 0."""
    return {"pass": Exit.PASS, "fail": Exit.FAIL, "inconclusive": Exit.INCONCLUSIVE}[result.outcome]


def _write_result(
    loaded: LoadedSpec, folder: RunFolder, completed: Completed, rows: tuple[OpRow, ...], numerics: Numerics
) -> tuple[AuditResult, bool]:
    """Judge, and write what was found; whether the result is another than the folder held."""
    finished = build_result(
        loaded, completed.view, completed.estimates, completed.checks, completed.plan, completed.answers, rows, numerics
    )
    for name, data in finished.images.items():
        folder.write(name, data)
    folder.write("units.jsonl", finished.units)
    data = finished.result.model_dump_json(indent=1).encode() + b"\n"
    return finished.result, folder.write("result.json", data)


def _counts(row: OpRow) -> dict[str, object]:
    return {"op": row.op, "as_published": row.as_published, "asked": row.asked, "distinct": row.distinct}


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"
