"""A run from document to report: gather, compute, judge, write."""

from __future__ import annotations

import json
import time
from contextlib import closing
from pathlib import Path

from auditor.audit import explain_tables
from auditor.compile import OpRow
from auditor.digest import digest_bytes
from auditor.errors import Exit
from auditor.execute import Journal, Progress, Store
from auditor.report import render_run_record
from auditor.results.audit_result import AuditResult, EarlierResult
from auditor.results.build_result import build_result
from auditor.run.compute import Computed, compute, rows_of, work_of
from auditor.run.current import BLOCKS, current_outcome, files_of, inputs_of
from auditor.run.earlier import earlier_of_audit
from auditor.run.folder import OneWriter, RunFolder, default_folder, default_store
from auditor.run.options import Options, formats_of
from auditor.run.outcome import Outcome, exit_status
from auditor.run.prepare import prepare
from auditor.run.record import earlier_results, journal_end, read_record, record_of
from auditor.run.reporting import write_report
from auditor.spec import LoadedSpec, resolved_text


def run(loaded: LoadedSpec, options: Options, progress: Progress) -> Outcome:
    """Run an audit to its report. What the store has is not computed again; a result that is current is left.

    Raises:
        SpecError: the document, or something it names, is wrong; nothing was computed.
        UsageError: the folder belongs to another audit, or to a run that is going on; or a lock or a plan file
            fixes something that is otherwise now.
        ExecutionError, TimeUp, Interrupted: what was finished is kept.
    """
    start, began = time.time(), time.monotonic() if options.began is None else options.began
    folder = RunFolder(options.out or default_folder(loaded, options.limit))
    folder.refuse_other_audit(loaded, options.limit)
    where = options.store or default_store(loaded)
    if (current := current_outcome(loaded, options, folder, where)) is not None:
        return current
    prepared = prepare(loaded, options, progress=progress)
    deadline = None if options.max_time is None else began + options.max_time
    with (
        OneWriter(folder.path),
        Journal(folder.journal, journal_end(folder)) as journal,
        closing(Store(where)) as store,
    ):
        folder.refuse_other_audit(loaded, options.limit)  # Again: another audit may have had the folder until now.
        work = work_of(prepared, options, store, journal, where)
        before = rows_of(loaded, prepared, work)
        names = _write_document(loaded, options, folder, before)
        earlier, standing = earlier_results(folder), _standing(folder)
        of_audit = earlier_of_audit(loaded, folder)
        done = compute(loaded, options, prepared, work, store, journal, progress, deadline)
        result, changed = _write_result(loaded, folder, done, of_audit)
        files, unwritten = write_report(folder, result, formats_of(loaded, options), () if changed else standing)
        status = Exit.INCOMPLETE if unwritten else exit_status(result)
        record = record_of(folder, before, done, journal, start, earlier, status, unwritten)
        page = render_run_record(loaded.spec.audit.title, record).encode()
        names += [folder.journal.name, *(path.name for path in files.values()), BLOCKS]
        left = files_of(folder, result, names) | {"run-record.html": digest_bytes(page)}
        sealed = record.model_copy(update={"inputs": inputs_of(loaded, options, prepared), "files": left})
        folder.write("run-record.html", page)
        folder.write("run.json", sealed.model_dump_json(indent=1).encode() + b"\n")
    reused = sum(done.executor.reused.values())
    return Outcome(folder, result, status, done.executor.ran, files, unwritten, reused=reused)


def _write_document(loaded: LoadedSpec, options: Options, folder: RunFolder, rows: tuple[OpRow, ...]) -> list[str]:
    """Write what is run, before it is run; the names of the files."""
    counts = {"schema_version": 1, "limit": options.limit, "ops": [_counts(row) for row in rows]}
    written = {
        "plan.json": _json(counts),  # First: it says whose rows these are.
        "spec.yaml": loaded.text.encode(),
        **{f"extended/{i}-{Path(file.name).name}": file.text.encode() for i, file in enumerate(loaded.files[1:], 1)},
        "resolved.yaml": resolved_text(loaded.spec).encode(),
    }
    for name, data in written.items():
        folder.write(name, data)
    return list(written)


def _standing(folder: RunFolder) -> set[str]:
    """The formats whose file is as the last run in the folder left it."""
    record = read_record(folder)
    left = {} if record is None else record.files
    return {path.suffix[1:] for path in (folder.html, folder.pdf) if folder.holds(path.name, left.get(path.name))}


def _write_result(
    loaded: LoadedSpec, folder: RunFolder, done: Computed, earlier: tuple[EarlierResult, ...]
) -> tuple[AuditResult, bool]:
    """Judge, and write what was found; whether the result is another than the folder held."""
    completed, executor = done.completed, done.executor
    finished = build_result(
        loaded,
        completed.view,
        completed.estimates,
        completed.checks,
        completed.plan,
        completed.answers,
        explain_tables(loaded.spec, completed.view, completed.answers.tables),
        executor.numerics,
        executor.verdicts,
        earlier,
    )
    for name, data in finished.images.items():
        folder.write(name, data)
    folder.write("units.jsonl", finished.units)
    folder.write(BLOCKS, "".join(f"{digest}\n" for digest in completed.answers.blocks()).encode())
    data = finished.result.model_dump_json(indent=1).encode() + b"\n"
    return finished.result, folder.write("result.json", data)


def _counts(row: OpRow) -> dict[str, object]:
    return {"op": row.op, "as_published": row.as_published, "asked": row.asked, "distinct": row.distinct}


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"
