"""What a run will cost: timings kept beside the store, what is unknown measured, and whether the disk has room."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from auditor.compile import Cost, estimate
from auditor.digest import Digest
from auditor.errors import ExecutionError
from auditor.execute import (
    DIFFUSING,
    Numerics,
    Resources,
    ScheduledTable,
    Stopwatch,
    Store,
    Timing,
    Timings,
    measure,
    on_disk,
    staffing,
)
from auditor.models import ModelFault
from auditor.plan import Plan

MARGIN = 1.2
"""How much more room a disk must have than is needed by the best guess."""

LEAST_UNIT_BYTES = 100
"""Bytes of a unit at least: its keys. Chosen."""

MOST_COMPRESSION = 50
"""How many times smaller than its pixels a PNG file is at most; chosen, so that nobody is refused wrongly."""

FOLDER = "timings"
"""Below the folder of the store."""


@dataclass(frozen=True)
class Work:
    """What is to run, and where: all that its cost depends on.

    Attributes:
        plan: the plan.
        tables: the plan, scheduled on the store.
        numerics: the numerics class, decided for the plan.
        workers: how many workers there may be.
        place: the folder of the store, which need not be there yet.
        beside: ops that another op's passes answer, and that op.
    """

    plan: Plan
    tables: Sequence[ScheduledTable]
    numerics: Numerics
    workers: int
    place: Path
    beside: Mapping[Digest, Digest] = field(default_factory=dict)

    @property
    def timings(self) -> Timings:
        """The timings kept beside the store."""
        return Timings(self.place / FOLDER)


def known_cost(work: Work) -> tuple[Cost, Mapping[Digest, Timing]]:
    """The cost as far as timings are kept, and those timings; nothing is measured."""
    timings, known = work.timings, dict[Digest, Timing]()
    for table, workers, _ in staffing(work.tables, work.workers, work.beside):
        found = timings.find(table.table.op.digest, table.op_class.digest, workers)
        if found is not None:
            known[table.table.op.digest] = found
    return estimate(work.tables, known, work.workers, beside=work.beside), known


def measured_cost(work: Work, store: Store | None, resources: Resources, tell: Callable[[Digest], None]) -> Cost:
    """The cost; what is not known of this machine is measured, and kept.

    Where an op cannot be measured there is no estimate, and the cost says why.

    Raises:
        ModelFault: a model cannot be opened; `permanent`.
        Interrupted: a signal asked to stop.
    """
    _, known = known_cost(work)
    unknown = [
        table.table.op.digest
        for table, _, cold in staffing(work.tables, work.workers, work.beside)
        if not _tells(known.get(table.table.op.digest), cold)
    ]
    fault = ""
    found: Mapping[Digest, Timing] = {}
    if unknown:
        try:
            found = measure(
                work.plan,
                work.tables,
                unknown,
                store,
                resources,
                work.numerics,
                work.workers,
                work.timings.folder,
                tell,
                work.beside,
            )
        except (ExecutionError, OSError) as error:
            if isinstance(error, ModelFault) and error.permanent:
                raise
            fault = str(error)
    for table in work.tables:
        timing = found.get(table.table.op.digest)
        if timing is not None:
            work.timings.keep(table.table.op.digest, table.op_class.digest, timing)
    return estimate(work.tables, {**known, **found}, work.workers, fault, work.beside)


def keep_timings(work: Work, watch: Stopwatch) -> None:
    """Keep what the ops of a run took: the best there is to tell what the next one will take."""
    for table in work.tables:
        op, times = table.table.op, [each for each in watch.of(table.table.op.digest)[:1] if each.beside is None]
        batch = work.numerics.batch_of(op)
        timing = Timing.of(times, batch)
        # Where memory ran out the op went on in smaller batches, under another class.
        if timing is not None and max(units for _, units, _ in times[0].arrivals) == min(batch, times[0].units):
            work.timings.keep(op.digest, table.op_class.digest, timing)


def least_bytes(work: Work) -> float:
    """Bytes that what is to run will take: by timings, and at least so many where an op has none."""
    cost, _ = known_cost(work)
    found = 0.0
    for table, op in zip(work.tables, cost.ops, strict=True):
        if op.bytes is not None:
            found += op.bytes.estimate
            continue
        unit = float(LEAST_UNIT_BYTES)
        if table.table.op.kind in DIFFUSING:
            pixels = int(str(table.table.op.parameter("height"))) * int(str(table.table.op.parameter("width")))
            unit += 3 * pixels / MOST_COMPRESSION
        batch = work.numerics.batch_of(table.table.op)
        found += -(-op.to_run // batch) * on_disk(round(batch * unit))
    return found


def refuse_full_disk(needed: float, place: Path) -> None:
    """Raise ExecutionError where the disk of the store lacks room for `needed` bytes and a fifth more."""
    wanted, free = MARGIN * needed, free_bytes(place)
    if wanted > free:
        raise ExecutionError(
            f"the disk of the store {place} has too little room: what is left to compute needs about "
            f"{megabytes(wanted)}, and {megabytes(free)} are free; nothing is lost: make room, or name a store on "
            "another disk with --store, and run the same command again"
        )


def free_bytes(place: Path) -> int:
    """Free bytes on the disk of a folder, which need not be there yet."""
    there = place.absolute()
    while not there.exists():
        there = there.parent
    return shutil.disk_usage(there).free


def megabytes(count: float) -> str:
    """Bytes as people say them.

    >>> megabytes(300), megabytes(8_400_000), megabytes(12_300_000_000)
    ('300 bytes', '8.4 MB', '12.3 GB')
    """
    for size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= size:
            return f"{count / size:,.1f} {unit}" if count < 100 * size else f"{count / size:,.0f} {unit}"
    return f"{count:.0f} bytes"


def _tells(timing: Timing | None, cold: bool) -> bool:
    """Whether a timing knows how long the op takes to begin, as it will."""
    return timing is not None and (timing.cold if cold else timing.warm) is not None
