"""The record of a run: put together when the run ends, read when the next one begins."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from auditor import __version__
from auditor.compile import OpRow
from auditor.digest import Digest, digest_file
from auditor.errors import Exit
from auditor.execute import Journal, Numerics
from auditor.results.run_record import OpRecord, RunRecord
from auditor.run.folder import RunFolder


def read_record(folder: RunFolder) -> RunRecord | None:
    """The record of the last run in a folder that ended; None where there is none that can be read."""
    try:
        return RunRecord.model_validate_json(folder.record.read_bytes())
    except (OSError, ValueError):
        return None


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
    numerics: Numerics,
    rows: Sequence[OpRow],
    ran: Mapping[str, int],
    journal: Journal,
    times: tuple[float, float],
    workers: int,
    earlier: Sequence[Digest],
    status: Exit,
    unwritten: Mapping[str, str],
) -> RunRecord:
    """The record of a run that ends now.

    Args:
        folder: where its result stands.
        numerics: its numerics class.
        rows: the cost of each op as it stood when the run began.
        ran: units computed, by the digest of the op.
        journal: the run's journal, still open.
        times: when the run began, and when everything was computed; seconds since the epoch.
        workers: how many there were.
        earlier: see `earlier_results`, asked before the result was written.
        status: the exit status.
        unwritten: formats that could not be made, and why.
    """
    start, computed = times
    end, result = time.time(), digest_file(folder.result)
    return RunRecord(
        tool_version=__version__,
        started=_clock(start),
        finished=_clock(end),
        seconds_computing=round(computed - start, 1),
        seconds_reporting=round(end - computed, 1),
        workers=workers,
        numerics={name: str(value) for name, value in asdict(numerics).items()},
        ops=tuple(_op_record(row, ran.get(row.op_digest, 0)) for row in rows),
        journal_records=journal.records,
        journal_head=journal.head,
        result_digest=result,
        earlier_results=tuple(digest for digest in earlier if digest != result),
        exit_status=int(status),
        unwritten=dict(unwritten),
    )


def _op_record(row: OpRow, ran: int) -> OpRecord:
    return OpRecord(
        op=row.op,
        as_published=row.as_published,
        asked=row.asked,
        distinct=row.distinct,
        stored=row.stored,
        to_run=row.to_run,
        ran=ran,
    )


def _clock(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
