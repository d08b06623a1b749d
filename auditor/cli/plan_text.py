"""What `auditor plan` prints: a table of work, and sentences on time, room and saving."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from auditor.cli.claims_text import print_claims
from auditor.cli.options import plain
from auditor.cli.reach_text import print_reach

if TYPE_CHECKING:
    from rich.console import Console

    from auditor.compile import Cost, OpRow, Range, WhyOp
    from auditor.run import Planned


def print_plan(planned: Planned, console: Console) -> None:
    """The whole plan, for people."""
    _print_work(planned, console)
    if planned.why is not None:
        console.print()
        for line in why_lines(planned.why):
            console.print(line, soft_wrap=True)
    console.print()
    for sentence in sentences(planned):
        console.print(sentence)
    if planned.reach:
        console.print()
        print_reach(planned.reach, console)
    if planned.claims:
        console.print()
        print_claims(planned.claims, console)


def why_lines(ops: Sequence[WhyOp]) -> list[str]:
    """Why there is something to run: a line for each op, and one below it for each reason."""
    if not ops:
        return ["WHY: nothing needs to run."]
    lines = ["WHY"]
    for op in ops:
        lines.append(f"{plain(op.op)}: {op.to_run:,} to run")
        lines += [f"  {reason.units:,}: {plain(reason.sentence)}" for reason in op.reasons]
    return lines


def cost_as_json(planned: Planned) -> dict[str, object] | None:
    """Time and bytes for machines; None where they were not asked for."""
    cost = planned.cost
    if cost is None:
        return None
    return {
        "seconds": _range_as_json(cost.seconds),
        "bytes": _range_as_json(cost.bytes),
        "workers": cost.workers,
        "free_bytes": planned.free,
        "unmeasured": cost.unmeasured,
        "ops": [
            {
                "op_digest": op.op,
                "workers": op.workers,
                "to_run": op.to_run,
                "seconds": _range_as_json(op.seconds),
                "bytes": _range_as_json(op.bytes),
            }
            for op in cost.ops
        ],
    }


def sentences(planned: Planned) -> list[str]:
    """What computing takes, whether the disk has room for it, and what it would take as published."""
    found = [] if planned.cost is None else _cost_sentences(planned, planned.cost)
    for row in planned.rows:
        if row.reused:
            found.append(f"{plain(row.op)}: {row.reused:,} of the stored were made under another numerics class")
        if row.kind == "generate" and row.as_published:
            found.append(_saving(row, planned.cost))
    return found


def about(seconds: float) -> str:
    """An estimate of seconds, with no more digits than it deserves.

    >>> about(0.4), about(75), about(1_000), about(9_000), about(50_000), about(300_000)
    ('< 1 s', '1 min 15 s', '17 min', '2 h 30 min', '14 h', '3 days')
    """
    for least, unit, name in ((3 * 86_400, 86_400, "days"), (10 * 3_600, 3_600, "h")):
        if seconds >= least:
            return f"{seconds / unit:,.0f} {name}"
    if seconds >= 3_600:
        return f"{int(seconds // 3_600)} h {int(seconds % 3_600 // 60)} min"
    if seconds >= 600:
        return f"{seconds / 60:.0f} min"
    if seconds >= 60:
        return f"{int(seconds // 60)} min {int(seconds % 60)} s"
    return f"{seconds:.0f} s" if seconds >= 1 else "< 1 s"


def _cost_sentences(planned: Planned, cost: Cost) -> list[str]:
    from auditor.run import MARGIN, megabytes

    seconds, size = cost.seconds, cost.bytes
    if seconds is None or size is None:
        return [f"The time is not known: {plain(cost.unmeasured) or 'it was not measured'}."]
    if not cost.workers:
        return ["Everything is stored: nothing is left to compute."]
    workers = "1 worker" if cost.workers == 1 else f"{cost.workers} workers"
    found = [
        f"Computing takes about {about(seconds.estimate)} ({about(seconds.low)} to {about(seconds.high)}) "
        f"with {workers}, and {megabytes(size.estimate)} ({megabytes(size.low)} to {megabytes(size.high)}) "
        f"of the {megabytes(planned.free)} free on the disk."
    ]
    if MARGIN * size.estimate > planned.free:
        found.append("That is too little room: `auditor run` would refuse. Make room, or name another --store.")
    return found


def _saving(row: OpRow, cost: Cost | None) -> str:
    published = row.as_published or 0
    sentence = f"{plain(row.op)}: {published / row.distinct:,.0f} times fewer pictures than as published"
    known = None if cost is None else cost.of(row.op_digest)
    if known is not None and known.unit_seconds:
        sentence += f", which would take {about(published * known.unit_seconds)} here"
    return sentence


def _print_work(planned: Planned, console: Console) -> None:
    from rich.table import Table

    # Two blanks between columns, and one on a terminal of 80 columns.
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1 + (console.width >= 100), 0, 0))
    table.add_column("OP")
    titles = ("AS PUBLISHED", "ASKED", "DISTINCT", "STORED", "TO RUN")
    for title in (*titles, "TIME", "BYTES") if planned.cost else titles:
        table.add_column(title, justify="right")
    for row in planned.rows:
        published = "-" if row.as_published is None else f"{row.as_published:,}"
        # Picture files are read where they are needed, and never stored.
        work = ("-", "-") if row.kind == "load" else (f"{row.stored:,}", f"{row.to_run:,}")
        known = planned.cost.of(row.op_digest) if planned.cost else None
        spent = ("-", "-") if known is None or not known.to_run else _spent(known.seconds, known.bytes)
        cells = (plain(row.op), published, f"{row.asked:,}", f"{row.distinct:,}", *work)
        table.add_row(*cells, *(spent if planned.cost else ()))
    if planned.cost and planned.cost.workers:
        made = [row for row in planned.rows if row.kind != "load"]
        counts = (sum(row.stored for row in made), sum(row.to_run for row in made))
        total = _spent(planned.cost.seconds, planned.cost.bytes)
        table.add_row("all", "", "", "", *(f"{count:,}" for count in counts), *total, style="bold")
    console.print(table)


def _spent(seconds: Range | None, size: Range | None) -> tuple[str, str]:
    from auditor.run import megabytes

    return (
        "?" if seconds is None else about(seconds.estimate),
        "?" if size is None else megabytes(size.estimate),
    )


def _range_as_json(known: Range | None) -> dict[str, float] | None:
    return None if known is None else {"estimate": known.estimate, "low": known.low, "high": known.high}
