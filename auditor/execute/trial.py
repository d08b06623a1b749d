"""A trial of one op: which units of the plan it is timed on, with their inputs at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from auditor.digest import Digest
from auditor.execute.executor import Executor
from auditor.execute.schedule import ScheduledTable
from auditor.execute.storage.store import Store
from auditor.execute.timing import Timing
from auditor.plan import Plan, positions_of

MOST_UNITS_IN_WAVES = 25
"""Waves that a trial has units for."""

MOST_COPIED_WAVES = 5
"""The same where input pictures are copied from the store: they may be large."""


class Trial:
    """One op on trial: `run` computes waves of units that are not stored, `timing` says what they took."""

    def __init__(
        self,
        plan: Plan,
        tables: Sequence[ScheduledTable],
        table: ScheduledTable,
        store: Store | None,
        trial_store: Store,
        executor: Executor,
        workers: int,
        batch: int,
    ) -> None:
        self._plan, self._tables, self._table = plan, tables, table
        self._store, self._trial_store, self._executor = store, trial_store, executor
        self._workers, self._batch = workers, batch
        self._before = len(executor.watch.times)
        self._rows = self._chosen(np.flatnonzero(table.run))
        self._taken = 0
        wave, count = workers * batch, len(self._rows)
        # A short micro-batch is padded and takes as long as a full one, so half the units are a wave, too,
        # as long as every worker gets some; else all are computed at once.
        half = count // 2
        self._wave = wave if count >= 2 * wave else half if -(-half // batch) >= workers else count

    def run(self, waves: int) -> bool:
        """Compute so many waves; False where no units are left."""
        rows = self._rows[self._taken : self._taken + waves * self._wave]
        self._taken += len(rows)
        if len(rows) == 0:
            return False
        self._compute({self._table.table.op.digest: rows})
        return True

    def timing(self) -> Timing | None:
        """What the waves so far took; None before the first."""
        op = self._table.table.op.digest
        times = self._executor.watch.times[self._before :]
        return Timing.of([each for each in times if each.op == op], self._batch)

    def _chosen(self, rows: np.ndarray) -> np.ndarray:
        """Rows to compute: whole waves from all over the plan, in an order drawn with seed 0."""
        most, wave = MOST_UNITS_IN_WAVES, self._workers * self._batch
        if self._table.table.op.shape.operands:
            rows, copied = self._with_inputs(rows)
            most = MOST_COPIED_WAVES if copied else most
        if len(rows) > most * wave:
            starts = np.linspace(0, len(rows) - wave, most).astype(int)
            starts = np.random.default_rng(0).permutation(starts)
            rows = np.concatenate([rows[start : start + wave] for start in starts])
        if self._table.table.op.shape.operands:
            self._provide(rows)
        return rows

    def _with_inputs(self, rows: np.ndarray) -> tuple[np.ndarray, bool]:
        """Rows whose inputs are of the commonest kind, files or generated, and at hand without being computed;
        where those are too few to be timed, as many more as it takes. And whether inputs are copied from the store."""
        kind, at_hand = np.full(len(rows), "", dtype=object), np.zeros(len(rows), bool)
        stored = np.zeros(len(rows), bool)
        for source, found, position in self._sources(rows):
            kind[found] = source.table.op.kind
            if source.table.op.kind == "load":
                at_hand[found] = True
                continue
            at_hand[found] = self._trial_store.locate(source.exact_keys[position]).stored
            stored[found] = source.places.stored[position]
        kinds, counts = np.unique(kind.astype(str), return_counts=True)
        common = kind == kinds[np.argmax(counts)]
        least = 2 * ((self._workers - 1) * self._batch + 1)
        for copied, those in ((False, common & at_hand), (True, common & (at_hand | stored))):
            if those.sum() >= least:
                return rows[those], copied
        there_first = np.argsort(~(at_hand | stored)[common], kind="stable")
        return rows[common][there_first][:least], True

    def _provide(self, rows: np.ndarray) -> None:
        """Put the inputs of `rows` into the trial store: copied where they are stored, else computed."""
        missing: dict[Digest, np.ndarray] = {}
        for source, _, position in self._sources(rows):
            if source.table.op.kind == "load":
                continue
            for number in np.unique(source.places.block[position]):
                block = self._store.block(source.places.digests[number]) if number >= 0 and self._store else None
                if block is not None:
                    self._trial_store.put(block)
            absent = ~self._trial_store.locate(source.exact_keys[position]).stored
            if absent.any():
                also = missing.get(source.table.op.digest, np.empty(0, np.int64))
                missing[source.table.op.digest] = np.union1d(also, position[absent])
        if missing:
            self._compute(missing)

    def _sources(self, rows: np.ndarray) -> list[tuple[ScheduledTable, np.ndarray, np.ndarray]]:
        """Each earlier op that inputs of `rows` come from, by operand: which of `rows`, and where they stand in it."""
        found = []
        for operand in self._table.table.op.shape.operands:
            inputs = self._table.table.column(operand)[rows]
            for source in self._tables:
                if source is self._table:
                    break
                position = positions_of(inputs, source.table.keys)
                here = np.flatnonzero(position >= 0)
                if len(here):
                    found.append((source, here, position[here]))
        return found

    def _compute(self, wanted: Mapping[Digest, np.ndarray]) -> None:
        self._executor.run(part_of(self._plan, wanted))


def part_of(plan: Plan, wanted: Mapping[Digest, np.ndarray]) -> Plan:
    """The plan of some rows of some ops, by the op's digest, and of what they need."""
    kept = {table.op.digest: np.zeros(len(table), bool) for table in plan.tables}
    for digest, rows in wanted.items():
        kept[digest][rows] = True
    asked = {digest: rows.copy() for digest, rows in kept.items()}
    for number, table in reversed(list(enumerate(plan.tables))):
        for operand in table.op.shape.operands:
            keys = table.column(operand)[kept[table.op.digest]]
            for earlier in plan.tables[:number]:
                position = positions_of(keys, earlier.keys)
                kept[earlier.op.digest][position[position >= 0]] = True
    tables = (replace(table, wanted=asked[table.op.digest]).only(kept[table.op.digest]) for table in plan.tables)
    return replace(plan, tables=tuple(table for table in tables if len(table)))
