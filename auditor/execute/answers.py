"""Answers: stored outputs as arrays, looked up by the handles that were asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from auditor.digest import Digest
from auditor.errors import ExecutionError, InternalError
from auditor.execute.op_class import OpClass
from auditor.execute.schedule import ScheduledTable
from auditor.execute.storage.block import Block
from auditor.execute.storage.store import Store
from auditor.plan import Units


class StoredAnswers:
    """The outputs of a finished plan.

    `answers[units]` are scores, (*units.shape, n_outputs) float32, NaN where a unit is invalid;
    `answers.reasons(units)` says why. Each op is read once. The schedule says which stored unit answers each.
    """

    def __init__(
        self, tables: Sequence[ScheduledTable], store: Store, again: Callable[[], StoredAnswers] | None = None
    ) -> None:
        """`again` makes what the store has lost since, and returns the answers of the same plan."""
        self._store, self._again = store, again
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
        """The PNG file of one generated picture (a handle of shape ()), or the reason why there is none.

        Raises:
            ExecutionError: the picture was lost from the store, and could not be made again.
        """
        keys = self._tables[units.op.digest].exact_keys
        place = self._store.locate(keys[self._positions(units)][None])[0]
        block = self._store.block(place[0]) if place is not None else None
        if place is None or block is None:
            if self._again is None:
                raise _lost(units.op.kind)
            return self._again().png(units)
        return block.invalid.get(place[1]) or block.slot_bytes(place[1])

    def other_classes(self, scheduled: ScheduledTable) -> tuple[OpClass, ...]:
        """The classes, other than its own, under which units that answer for this op were made; see `Reuse`."""
        return self._store.classes_of(scheduled.places.blocks_of(scheduled.reused))

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
        """Scores of all units of a table, (n_units, n_outputs), and why some have none, (n_units,) of str."""
        reasons = np.full(len(scheduled.table), "", dtype=object)
        parts = []
        for units, slots, block in self._blocks(scheduled):
            for unit, slot in zip(units, slots, strict=True):
                reasons[unit] = block.invalid.get(int(slot), "")
            valid = reasons[units] == ""
            if valid.any():
                parts.append((units[valid], _rows(block, slots[valid])))
        widths = {rows.shape[1] for _, rows in parts}
        if len(widths) > 1:
            raise InternalError(f"one model gave {sorted(widths)} outputs")
        values = np.full((len(reasons), widths.pop() if widths else 1), np.nan, np.float32)
        for units, rows in parts:
            values[units] = rows
        return values, reasons

    def _blocks(self, scheduled: ScheduledTable) -> Iterator[tuple[np.ndarray, np.ndarray, Block]]:
        """Each block of a table's outputs with the units that it holds and their slots."""
        places = self._store.locate(scheduled.exact_keys)
        if not places.stored.all():
            raise _lost(scheduled.table.op.kind)
        order = np.argsort(places.block, kind="stable")
        starts = np.searchsorted(places.block[order], np.arange(len(places.digests)))
        for digest, units in zip(places.digests, np.split(order, starts[1:]), strict=True):
            block = self._store.block(digest)
            if block is None:
                raise _lost(scheduled.table.op.kind)
            yield units, places.slot[units], block


def _rows(block: Block, slots: np.ndarray) -> np.ndarray:
    """The float32 rows of valid slots, (n, n_outputs)."""
    return np.stack([np.frombuffer(block.slot_bytes(int(slot)), "<f4") for slot in slots])


def _lost(kind: str) -> ExecutionError:
    return ExecutionError(
        f"outputs of {kind} were lost from the store while the run was going on; "
        "run the same command again: they are made anew"
    )
