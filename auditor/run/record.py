"""The record of a run: put together when the run ends, read when the next one begins."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from auditor import __version__
from auditor.compile import OpRow, Range
from auditor.digest import Digest, digest_file
from auditor.errors import Exit
from auditor.execute import Executor, Journal
from auditor.execute.journal import START
from auditor.results.run_record import Expected, OpRecord, Probed, RunRecord, SmallerBatches
from auditor.run.compute import Computed
from auditor.run.folder import RunFolder
from auditor.run.forecast import Forecast


def read_record(folder: RunFolder) -> RunRecord | None:
    """The record of the last run in a folder that ended; None where there is none that can be read."""
    try:
        return RunRecord.model_validate_json(folder.record.read_bytes())
    except (OSError, ValueError):
        return None


def journal_end(folder: RunFolder) -> tuple[int, Digest]:
    """How many records the journal had when the last run ended, and the hash of the last; see `Journal`."""
    record = read_record(folder)
    return (0, START) if record is None else (record.journal_records, record.journal_head)


def earlier_results(folder: RunFolder) -> tuple[Digest, ...]:
    """Digests of the results that stood in this folder, oldest first: running until it passes is counted."""
    before = read_record(folder)
    found = list(before.earlier_results) if before else []
    if folder.result.exists():
        digest = digest_file(folder.result)
        if digest not in found:
            found.append(digest)
    return tuple(found)


def record_of(
    folder: RunFolder,
    rows: Sequence[OpRow],
    done: Computed,
    journal: Journal,
    start: float,
    earlier: Sequence[Digest],
    status: Exit,
    unwritten: Mapping[str, str],
) -> RunRecord:
    """The record of a run that ends now.

    Args:
        folder: where its result stands.
        rows: the cost of each op as it stood when the run began.
        done: what computing came to.
        journal: the run's journal, still open.
        start: when the run began, in seconds since the epoch.
        earlier: see `earlier_results`, asked before the result was written.
        status: the exit status.
        unwritten: formats that could not be made, and why.
    """
    executor = done.executor
    ops = tuple(_op_record(row, executor, done.forecasts.get(row.op_digest)) for row in rows)
    ran = [op for op in ops if op.ran]
    end, result = time.time(), digest_file(folder.result)
    return RunRecord(
        tool_version=__version__,
        started=_clock(start),
        finished=_clock(end),
        seconds_computing=round(done.finished - start, 1),
        seconds_reporting=round(end - done.finished, 1),
        workers=done.workers,
        numerics={name: _words(value) for name, value in asdict(executor.numerics).items()},
        ops=ops,
        seconds_of_ops=round(sum(op.seconds for op in ran), 2),
        bytes=sum(op.bytes for op in ran),
        expected_seconds=_together([op.expected_seconds for op in ran]),
        expected_bytes=_together([op.expected_bytes for op in ran]),
        smaller_batches=tuple(
            SmallerBatches(op=one.name, before=one.batch_before, after=one.batch_after) for one in executor.backoffs
        ),
        probes=tuple(
            Probed(op=row.op, class_digest=found.op_class, equal=dict(found.equal))
            for row in rows
            if (found := executor.verdicts.get(row.op_digest)) is not None
        ),
        journal_records=journal.records,
        journal_head=journal.head,
        result_digest=result,
        earlier_results=tuple(digest for digest in earlier if digest != result),
        exit_status=int(status),
        unwritten=dict(unwritten),
    )


def _words(value: object) -> str:
    """A part of the numerics class as people read it: pairs of a name and a value in a row.

    >>> _words((("generate", 16), ("predict", 32))), _words(()), _words(1)
    ('generate 16, predict 32', 'none', '1')
    """
    if not isinstance(value, tuple):
        return str(value)
    return ", ".join(f"{name} {what}" for name, what in value) or "none"


def _op_record(row: OpRow, executor: Executor, forecast: Forecast | None) -> OpRecord:
    times = executor.watch.of(row.op_digest)
    return OpRecord(
        op=row.op,
        as_published=row.as_published,
        asked=row.asked,
        distinct=row.distinct,
        stored=row.stored,
        to_run=row.to_run,
        ran=executor.ran.get(row.op_digest, 0),
        reused=executor.reused.get(row.op_digest, 0),
        seconds=round(sum(time.seconds for time in times), 2),
        bytes=sum(time.bytes for time in times),
        expected_seconds=_expected(forecast.cost.seconds) if forecast else None,
        expected_bytes=_expected(forecast.cost.bytes) if forecast else None,
        expected_from=forecast.source if forecast else "",
    )


def _expected(known: Range | None) -> Expected | None:
    if known is None:
        return None
    return Expected(estimate=round(known.estimate, 2), low=round(known.low, 2), high=round(known.high, 2))


def _together(parts: Sequence[Expected | None]) -> Expected | None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    low, estimate, high = (round(sum(getattr(part, name) for part in known), 2) for name in ("low", "estimate", "high"))
    return Expected(estimate=estimate, low=low, high=high)


def _clock(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
