"""run-record.html: when a run was made, what it computed, what it found stored."""

from __future__ import annotations

from auditor.report.page import Cell, Column, KeyValues, Table
from auditor.report.templates import draw_record
from auditor.results.run_record import Expected, RunRecord


def render_run_record(title: str, record: RunRecord) -> str:
    """The record of a run as one HTML document; `title` is the audit's."""
    about = KeyValues(
        caption="This run",
        rows=tuple(
            (name, Cell(value))
            for name, value in (
                ("Started", record.started),
                ("Finished", record.finished),
                ("Computing", f"{record.seconds_computing:.1f} s"),
                ("Judging and reporting", f"{record.seconds_reporting:.1f} s"),
                ("Workers", str(record.workers)),
                ("Exit status", str(record.exit_status)),
                ("Result", record.result_digest),
                ("Journal", f"{record.journal_records} records; the last is {record.journal_head}"),
                ("Made with", f"auditor {record.tool_version}"),
            )
        ),
    )
    reused = sum(op.reused for op in record.ops)
    work = Table(
        caption="What was computed",
        columns=(
            Column("Op"),
            *(
                Column(name, "number")
                for name in ("As published", "Asked", "Distinct", "Stored before", "To run", "Ran")
            ),
        ),
        rows=tuple(
            (
                Cell(op.op),
                Cell("none" if op.as_published is None else f"{op.as_published:,}"),
                *(Cell(f"{count:,}") for count in (op.asked, op.distinct, op.stored, op.to_run, op.ran)),
            )
            for op in record.ops
        ),
        note="Stored units were found in the store when the run began and were not computed again."
        + (f" Of all units, {reused:,} were made under another numerics class (--reuse semantic)." if reused else ""),
    )
    numerics = KeyValues(
        caption="Numerics class", rows=tuple((name, Cell(value)) for name, value in record.numerics.items())
    )
    halved = Table(
        caption="Batches that were made smaller",
        columns=(Column("Op"), Column("Units together, before", "number"), Column("After", "number")),
        rows=tuple((Cell(each.op), Cell(str(each.before)), Cell(str(each.after))) for each in record.smaller_batches),
        empty="No batch was made smaller: memory sufficed.",
    )
    probes = Table(
        caption="What probes found",
        columns=(Column("Op"), Column("Equal bits", "wide"), Column("SHA-256 of the op's class", "code")),
        rows=tuple(
            (
                Cell(each.op),
                Cell(", ".join(f"{check}: {'yes' if equal else 'no'}" for check, equal in each.equal.items())),
                Cell(each.class_digest),
            )
            for each in record.probes
        ),
        empty="Nothing was computed, and nothing had been probed.",
    )
    earlier = Table(
        caption="Earlier results in this folder",
        columns=(Column("Number", "number"), Column("SHA-256 of result.json", "code")),
        rows=tuple((Cell(str(i)), Cell(digest)) for i, digest in enumerate(record.earlier_results, start=1)),
        empty="This is the first result in this folder.",
    )
    missing = Table(
        caption="Formats that could not be made",
        columns=(Column("Format"), Column("Why", "wide")),
        rows=tuple((Cell(name), Cell(reason)) for name, reason in record.unwritten.items()),
        empty="Every format could be made.",
    )
    return draw_record(
        title, (about, work, cost_table(record), numerics, halved, probes, earlier, missing), record.tool_version
    )


def cost_table(record: RunRecord) -> Table:
    """Expected and actual time and room of each op, and of all together."""
    rows = [
        (
            Cell(op.op),
            *_cost(op.expected_seconds, op.seconds, op.expected_bytes, op.bytes),
            Cell(op.expected_from or "nothing: too few units to tell"),
        )
        for op in record.ops
        if op.ran
    ]
    if rows:
        total = _cost(record.expected_seconds, record.seconds_of_ops, record.expected_bytes, record.bytes)
        rows.append((Cell("all"), *total, Cell("the sum")))
    return Table(
        caption="What it cost",
        columns=(
            Column("Op"),
            *(Column(name, "number") for name in ("Expected s", "Seconds", "Expected MB", "MB")),
            Column("Expected from", "wide"),
        ),
        rows=tuple(rows),
        empty="Nothing was computed.",
        note="From the beginning of an op to its end, with the start of workers and the loading of weights; what its "
        "objects take on the disk. An op whose speed was not known before is expected from its own first units.",
    )


def _cost(seconds: Expected | None, took: float, size: Expected | None, stored: int) -> tuple[Cell, ...]:
    return (
        Cell("unknown" if seconds is None else f"{seconds.estimate:,.1f} ({seconds.low:,.1f} to {seconds.high:,.1f})"),
        Cell(f"{took:,.1f}"),
        Cell("unknown" if size is None else f"{_mb(size.estimate)} ({_mb(size.low)} to {_mb(size.high)})"),
        Cell(_mb(stored)),
    )


def _mb(size: float) -> str:
    """Bytes in units of a million."""
    return f"{size / 1e6:,.2f}"
