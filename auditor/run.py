"""A run from document to report: gather, compute, judge, write. What the commands call."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from auditor import __version__
from auditor.audit import Completed, explain_plan, plan_audit, resources_of, run_audit
from auditor.compile import OpRow, Reach, reach_of
from auditor.digest import digest_file
from auditor.errors import ExecutionError, Exit
from auditor.execute import Executor, Journal, Numerics, Progress, Store, default_numerics, default_workers
from auditor.report import render_html, render_run_record, write_pdf
from auditor.results.audit_result import AuditResult
from auditor.results.build_result import build_result
from auditor.results.run_record import OpRecord, RunRecord
from auditor.run_folder import OneWriter, RunFolder, default_folder, default_store
from auditor.spec import LoadedSpec, resolved_text
from auditor.spec.materials import Materials, require


@dataclass(frozen=True)
class Options:
    """What the command line says about a run."""

    out: Path | None = None
    store: Path | None = None
    workers: int | None = None
    allow_python: bool = False
    formats: tuple[Literal["html", "pdf"], ...] | None = None


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


@dataclass(frozen=True)
class Planned:
    """What `auditor plan` knows: the materials, the cost op by op, and what statistics can reach."""

    materials: Materials
    rows: tuple[OpRow, ...]
    reach: tuple[Reach, ...]
    numerics: Numerics


def plan(loaded: LoadedSpec, options: Options) -> Planned:
    """What a run would compute. Nothing is computed, and no store is made."""
    materials = require(loaded, allow_python=options.allow_python, decode=True)
    numerics = default_numerics()
    view, compiled = plan_audit(loaded.spec, materials)
    where = options.store or default_store(loaded)
    store = Store(where) if (where / "index.sqlite").exists() else None
    rows = explain_plan(loaded.spec, view, compiled, store, numerics)
    if store is not None:
        store.close()
    return Planned(materials, rows, reach_of(loaded.spec, materials.rows), numerics)


def run(loaded: LoadedSpec, options: Options, progress: Progress) -> Outcome:
    """Run an audit to its report. What the store has is not computed again.

    Raises:
        SpecError: the document, or something it names, is wrong; nothing was computed.
        UsageError: the folder belongs to another audit, or to a run that is going on.
        ExecutionError, Interrupted: what was finished is kept.
    """
    start = time.time()
    folder = RunFolder(options.out or default_folder(loaded))
    folder.refuse_other_audit(loaded)
    materials = require(loaded, allow_python=options.allow_python, decode=True)
    numerics = default_numerics()
    where = options.store or default_store(loaded)
    with OneWriter(folder.path), Journal(folder.journal) as journal, closing(Store(where)) as store:
        folder.write("spec.yaml", loaded.text.encode())
        folder.write("resolved.yaml", resolved_text(loaded.spec).encode())
        view, compiled = plan_audit(loaded.spec, materials)
        before = explain_plan(loaded.spec, view, compiled, store, numerics)
        folder.write("plan.json", _json({"schema_version": 1, "ops": [_counts(row) for row in before]}))
        earlier = _earlier_results(folder)
        executor = Executor(
            store, journal, resources_of(materials), numerics, options.workers or default_workers(), progress
        )
        try:
            completed = run_audit(loaded.spec, materials, executor)
        finally:
            executor.close()
        computed = time.time()
        after = explain_plan(loaded.spec, completed.view, completed.plan, store, numerics)
        result, changed = _write_result(loaded, folder, completed, after, numerics)
        files, unwritten = write_report(folder, result, options.formats or loaded.spec.report.formats, changed)
        status = Exit.INCOMPLETE if unwritten else exit_status(result)
        record = RunRecord(
            tool_version=__version__,
            started=_clock(start),
            finished=_clock(time.time()),
            seconds_computing=round(computed - start, 1),
            seconds_reporting=round(time.time() - computed, 1),
            workers=options.workers or default_workers(),
            numerics={name: str(value) for name, value in asdict(numerics).items()},
            ops=tuple(_record(row, executor.ran.get(row.op_digest, 0)) for row in before),
            journal_records=journal.records,
            journal_head=journal.head,
            result_digest=digest_file(folder.result),
            earlier_results=tuple(digest for digest in earlier if digest != digest_file(folder.result)),
            exit_status=int(status),
            unwritten=dict(unwritten),
        )
        folder.write("run.json", record.model_dump_json(indent=1).encode() + b"\n")
        folder.write("run-record.html", render_run_record(loaded.spec.audit.title, record).encode())
    return Outcome(folder, result, status, executor.ran, files, unwritten)


def report(
    folder: RunFolder, formats: tuple[Literal["html", "pdf"], ...]
) -> tuple[AuditResult, Mapping[str, Path], Mapping[str, str]]:
    """Draw the report of a finished run again, from its folder alone."""
    result = read_result(folder)
    files, unwritten = write_report(folder, result, formats, changed=True)
    return result, files, unwritten


def read_result(folder: RunFolder) -> AuditResult:
    """The result in a run folder.

    Raises:
        ExecutionError: there is none, or it is no result of this version.
    """
    from pydantic import ValidationError

    try:
        return AuditResult.model_validate_json(folder.result.read_bytes())
    except OSError:
        raise ExecutionError(f"{folder.path} holds no result.json; run the audit first: auditor run SPEC") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ExecutionError(f"{folder.result} is no result that this auditor reads: {place}: {first['msg']}") from None


def write_report(
    folder: RunFolder, result: AuditResult, formats: tuple[Literal["html", "pdf"], ...], changed: bool
) -> tuple[dict[str, Path], dict[str, str]]:
    """Write the report in `formats`; what is current is left. Paths by format, and what could not be made."""
    files: dict[str, Path] = {"result": folder.result, "units": folder.units}
    unwritten: dict[str, str] = {}
    if "html" in formats:
        if changed or not folder.html.exists():
            folder.write("report.html", render_html(result, folder.path).encode())
        files["html"] = folder.html
    if "pdf" in formats:
        try:
            if changed or not folder.pdf.exists():
                write_pdf(result, folder.path, folder.pdf)
            files["pdf"] = folder.pdf
        except ExecutionError as error:
            unwritten["pdf"] = str(error)
    return files, unwritten


def exit_status(result: AuditResult) -> Exit:
    """1 where a requirement failed, 7 where none failed but not all is decided, else 0."""
    return {"pass": Exit.PASS, "fail": Exit.FAIL, "inconclusive": Exit.INCONCLUSIVE}[result.outcome]


def _write_result(
    loaded: LoadedSpec, folder: RunFolder, completed: Completed, rows: tuple[OpRow, ...], numerics: Numerics
) -> tuple[AuditResult, bool]:
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


def _record(row: OpRow, ran: int) -> OpRecord:
    return OpRecord(
        op=row.op,
        as_published=row.as_published,
        asked=row.asked,
        distinct=row.distinct,
        stored=row.stored,
        to_run=row.to_run,
        ran=ran,
    )


def _earlier_results(folder: RunFolder) -> list[str]:
    """Digests of the results that stood in this folder, oldest first: running until it passes is counted."""
    try:
        before = RunRecord.model_validate_json((folder.path / "run.json").read_bytes())
    except (OSError, ValueError):
        before = None
    found = list(before.earlier_results) if before else []
    if folder.result.exists():
        digest = digest_file(folder.result)
        if digest not in found:
            found.append(digest)
    return found


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _clock(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
