"""What a plan will cost: seconds of computing and bytes stored, each with an interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.digest import Digest
from auditor.execute import NONE_BESIDE, ScheduledTable, Timing, on_disk, slots_taken, staffing

LEAST_WIDTH = 0.15
"""Half the width of an interval at least, as a share of the estimate: a machine is not equally fast all day; chosen."""

LEAST_WIDTH_BYTES = 0.05
MOST_WIDTH = 0.3
"""The same for what was measured once, such as loading weights; chosen."""


@dataclass(frozen=True)
class Range:
    """A number that is not known yet: the best guess, and between what it should lie."""

    estimate: float
    low: float
    high: float

    def __add__(self, other: Range) -> Range:
        # What makes one op slow, such as other work on the machine, makes all slow: widths add up.
        return Range(self.estimate + other.estimate, self.low + other.low, self.high + other.high)

    def times(self, factor: float) -> Range:
        """So many times as much."""
        return Range(self.estimate * factor, self.low * factor, self.high * factor)


NOTHING = Range(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class OpCost:
    """What one op will cost.

    Attributes:
        op: digest of the op.
        workers: how many will compute at one time; 0 where nothing is to run.
        to_run: units to compute.
        before: seconds before its first wave: workers, libraries, weights; None where the op was not measured.
        computing: seconds of its waves; None where the op was not measured.
        bytes: bytes that it will store; None where the op was not measured.
        unit_seconds: seconds for each unit of a full wave; None where the op was not measured, or is not to run.
    """

    op: Digest
    workers: int
    to_run: int
    before: Range | None = None
    computing: Range | None = None
    bytes: Range | None = None
    unit_seconds: float | None = None

    @property
    def seconds(self) -> Range | None:
        """Seconds from its beginning to its end; None where the op was not measured."""
        return None if self.before is None or self.computing is None else self.before + self.computing


@dataclass(frozen=True)
class Cost:
    """What all that is known to run will cost: computing, without checking the document, statistics and the report.

    `unmeasured` says why an op has no estimate; empty where all have one.
    """

    ops: tuple[OpCost, ...]
    unmeasured: str = ""

    @property
    def seconds(self) -> Range | None:
        """Seconds of all ops; None where one was not measured."""
        return _sum([op.seconds for op in self.ops])

    @property
    def bytes(self) -> Range | None:
        """Bytes of all ops; None where one was not measured."""
        return _sum([op.bytes for op in self.ops])

    @property
    def workers(self) -> int:
        """Most workers at one time."""
        return max((op.workers for op in self.ops), default=0)

    def of(self, op: Digest) -> OpCost | None:
        """The cost of one op; None where the plan has none of it."""
        return next((each for each in self.ops if each.op == op), None)


def estimate(
    tables: Sequence[ScheduledTable],
    timings: Mapping[Digest, Timing],
    most_workers: int,
    unmeasured: str = "",
    beside: Mapping[Digest, Digest] = NONE_BESIDE,
) -> Cost:
    """What a scheduled plan will cost.

    Args:
        tables: the plan, scheduled.
        timings: what ops were measured to take, by digest of the op; each with the workers it will have.
        most_workers: how many workers there may be.
        unmeasured: why some op could not be measured.
        beside: ops that another op's passes answer, and that op: they take room and, beyond it, no time.
    """
    staff = staffing(tables, most_workers, beside)
    staffed = {table.table.op.digest: (workers, cold) for table, workers, cold in staff}
    costs = []
    for table in tables:
        op, units = table.table.op.digest, int(table.run.sum())
        workers, cold = staffed.get(beside.get(op, op), (0, False))
        timing = timings.get(op) or timings.get(beside.get(op, op))
        if units == 0:
            costs.append(OpCost(op, 0, 0, NOTHING, NOTHING, NOTHING))
        elif timing is None:
            costs.append(OpCost(op, workers, units))
        elif op in beside:
            costs.append(OpCost(op, workers, units, NOTHING, NOTHING, size(timing, units), 0.0))
        else:
            costs.append(
                OpCost(
                    op,
                    workers,
                    units,
                    before(timing, cold),
                    computing(timing, slots_taken(table, timing.batch)),
                    size(timing, units),
                    timing.unit_seconds,
                )
            )
    return Cost(tuple(costs), unmeasured if any(cost.seconds is None for cost in costs) else "")


def before(timing: Timing, cold: bool) -> Range:
    """Seconds before the first wave; `cold` where workers are started for the op."""
    return _around(timing.before(cold), MOST_WIDTH)


def computing(timing: Timing, units: int) -> Range:
    """Seconds of so many units: a wave that is not full takes as long as a full one."""
    waves = -(-units // (timing.batch * timing.workers))
    return _around(waves * timing.wave, _width(timing.wave, timing.wave_error, LEAST_WIDTH))


def size(timing: Timing, units: int) -> Range:
    """Bytes on the disk of the objects that hold so many units; index and journal come to little beside them."""
    full, rest = divmod(units, timing.batch)
    blocks = [(full, timing.batch), (int(rest > 0), rest)]
    stored = sum(count * on_disk(round(units_of * timing.unit_bytes)) for count, units_of in blocks)
    return _around(float(stored), _width(timing.unit_bytes, timing.unit_bytes_error, LEAST_WIDTH_BYTES))


def _width(mean: float, error: float, least: float) -> float:
    """Half the width of an interval, as a share of the mean: two standard errors, and what is chosen."""
    if mean == 0 or math.isinf(error):
        return MOST_WIDTH
    return math.hypot(least, 2 * error / mean)


def _around(value: float, width: float) -> Range:
    return Range(value, value * max(0.0, 1 - width), value * (1 + width))


def _sum(ranges: Sequence[Range | None]) -> Range | None:
    known = [each for each in ranges if each is not None]
    return sum(known, NOTHING) if len(known) == len(ranges) else None
