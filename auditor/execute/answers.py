"""Answers: stored outputs as arrays, looked up by the handles that were asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from auditor.digest import Digest
from auditor.errors import InternalError
from auditor.execute.op_class import OpClass
from auditor.execute.schedule import ScheduledTable
from auditor.execute.store import Store
from auditor.plan import Units


class StoredAnswers:
    """The outputs of a finished plan.

    `answers[units]` are scores, (*units.shape, n_outputs) float32, NaN where a unit is invalid;
    `answers.reasons(units)` says why. Each op is read once. The schedule says which stored unit answers each.
    """

    def __init__(self, tables: Sequence[ScheduledTable], store: Store) -> None:
        self._store = store
        self.tables = tuple(tables)
        """The plan as it was answered: which stored unit answers each, and what another class made."""
        self._tables = {scheduled.table.op.digest: scheduled for scheduled in tables}
        self._read: dict[Digest, tuple[np.ndarray, np.ndarray]] = {}

    def __getitem__(self, units: Units) -> np.ndarray:
        values, _ = self._scores(units)
        return np.asarray(values[self._positions(units)])

    def reasons(self, units: Units) -> np.ndarray:
        _, reasons = self._scores(units)
        return np.asarray(reasons[self._positions(units)])

    def png(self, units: Units) -> bytes | str:
        """The PNG file of one generated picture (a handle of shape ()), or the reason why there is none."""
        keys = self._tables[units.op.digest].exact_keys
        place = self._store.locate(keys[self._positions(units)][None])[0]
        block = self._store.block(place[0]) if place is not None else None
        if place is None or block is None:
            return "the picture is no longer in the store"
        return block.invalid.get(place[1]) or block.slot_bytes(place[1])

    def other_classes(self, scheduled: ScheduledTable) -> tuple[OpClass, ...]:
        """The classes, other than its own, under which units that answer for this op were made; see `Reuse`."""
        numbers = np.unique(scheduled.places.block[scheduled.reused])
        blocks = (self._store.block(scheduled.places.digests[number]) for number in numbers)
        found = {block.op_class for block in blocks if block is not None}
        return tuple(sorted(found, key=lambda one: one.digest))

    def blocks(self) -> tuple[Digest, ...]:
        """The stored blocks that hold the outputs of the plan, in the order of their names."""
        tables = (one for one in self._tables.values() if one.table.op.kind != "load")
        return tuple(sorted({digest for one in tables for digest in self._store.locate(one.exact_keys).digests}))

    def _positions(self, units: Units) -> np.ndarray:
        found = self._tables[units.op.digest].table.positions(units.index)
        if (found < 0).any():
            raise InternalError(f"{units.op.kind} was asked for units that the plan dropped")
        return found

    def _scores(self, units: Units) -> tuple[np.ndarray, np.ndarray]:
        if units.op.digest not in self._read:
            self._read[units.op.digest] = self._read_table(self._tables[units.op.digest])
        return self._read[units.op.digest]

    def _read_table(self, scheduled: ScheduledTable) -> tuple[np.ndarray, np.ndarray]:
        places = self._store.locate(scheduled.exact_keys)
        rows: list[np.ndarray | None] = []
        reasons = np.full(len(places), "", dtype=object)
        for number in range(len(places)):
            place = places[number]
            block = self._store.block(place[0]) if place is not None else None
            if place is None or block is None:
                rows.append(None)
                reasons[number] = "was not computed"
                continue
            output = block.output(place[1])
            if isinstance(output, str):
                reasons[number] = output
            rows.append(None if isinstance(output, str) else output)
        widths = {len(row) for row in rows if row is not None}
        if len(widths) > 1:
            raise InternalError(f"one model gave {sorted(widths)} outputs")
        width = widths.pop() if widths else 1
        missing = np.full(width, np.nan, np.float32)
        return np.stack([missing if row is None else row for row in rows]), reasons
