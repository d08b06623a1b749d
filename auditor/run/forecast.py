"""A run's own forecast: how long it will still take, whether the disk will hold it, and what it was told from."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.compile import OpCost, estimate
from auditor.digest import Digest
from auditor.execute import OpTime, Progress, ScheduledTable, Stopwatch, Timing
from auditor.run.cost import Work, known_cost, refuse_full_disk

KEPT = "timings kept beside the store"


@dataclass(frozen=True)
class Forecast:
    """What an op was expected to cost, and what that was told from."""

    cost: OpCost
    source: str


class Forecaster:
    """Progress that knows what is still to come.

    An op whose timing is kept is known before it begins; another one from its own first waves, so that nothing is
    delayed. `follow` must be called with the stopwatch of the executor before that runs.
    """

    def __init__(self, inner: Progress, work: Work) -> None:
        self._inner, self._work, self._watch = inner, work, Stopwatch()
        self._tables = {table.table.op.digest: table for table in work.tables}
        self._left = {op: int(table.run.sum()) for op, table in self._tables.items()}
        self._seen: dict[Digest, int] = {}
        self._weighed: set[Digest] = set()
        cost, timings = known_cost(work)
        self._timings: dict[Digest, Timing] = dict(timings)
        self.forecasts: dict[Digest, Forecast] = {
            op.op: Forecast(op, KEPT) for op in cost.ops if op.to_run and op.seconds is not None
        }
        """What each op was expected to cost, by digest, as soon as that was known."""

    def follow(self, watch: Stopwatch) -> None:
        """Tell the time from this stopwatch."""
        self._watch = watch

    def begin(self, what: str, total: int) -> None:
        self._seen = {}
        self._inner.begin(what, total)
        self._inner.expect(self.seconds_left())

    def advance(self, units: int) -> None:
        for each in self._watch.open:
            new = each.arrivals[self._seen.get(each.op, 0) :]
            self._seen[each.op] = self._seen.get(each.op, 0) + len(new)
            self._left[each.op] = max(0, self._left.get(each.op, 0) - sum(units for _, units, _ in new))
        time = self._watch.open[0]
        if time.op in self._tables and time.op not in self._timings and time.arrivals:
            self._learn(self._tables[time.op], time)
        self._inner.expect(self.seconds_left())
        self._inner.advance(units)

    def end(self) -> None:
        self._inner.end()

    def expect(self, seconds: float | None) -> None:
        """It knows by itself."""

    def seconds_left(self) -> float | None:
        """Seconds of computing to come; None while some op is unknown."""
        left = 0.0
        begun = {time.op for time in self._watch.times}
        for op, units in self._left.items():
            if units == 0 or op in self._work.beside:
                continue
            if op not in self._timings:
                return None
            timing = self._timings[op]
            left += units * self._unit_seconds(op, timing) + (0.0 if op in begun else timing.before(cold=False))
        return left

    def _unit_seconds(self, op: Digest, timing: Timing) -> float:
        """Seconds for each unit: as it goes, where enough of them are done, else as they were timed."""
        time = next(iter(self._watch.open), None)
        if time is None or time.op != op or len(time.arrivals) <= 4 * time.workers:
            return timing.unit_seconds
        first, *later = time.arrivals
        return (later[-1][0] - first[0]) / sum(units for _, units, _ in later)

    def _learn(self, table: ScheduledTable, time: OpTime) -> None:
        """An op that is not known yet: how much room it takes from its first micro-batch, how long from its first
        waves.

        Raises:
            ExecutionError: the disk has too little room for what is left of it.
        """
        op = table.table.op
        timing = Timing.of([time], self._work.numerics.batch_of(op))
        if timing is None:
            return
        if op.digest not in self._weighed:
            self._weighed.add(op.digest)
            refuse_full_disk(timing.unit_bytes * self._left[op.digest], self._work.place)
        if timing.waves:
            self._timings[op.digest] = timing
            (cost,) = estimate([table], {op.digest: timing}, self._work.workers).ops
            self.forecasts[op.digest] = Forecast(cost, f"its first {time.units:,} units")
