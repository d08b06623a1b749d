"""The plan: tables of distinct units, and which of them somebody asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from auditor.digest import KEY_BYTES, Digest, digest_bytes, row_keys
from auditor.plan.ops import Op


def as_scalars(keys: np.ndarray) -> np.ndarray:
    """Keys (n, width) uint8 as n opaque scalars that numpy can sort and compare."""
    keys = np.ascontiguousarray(keys)
    return keys.view(np.dtype((np.void, keys.shape[1]))).reshape(len(keys))


def positions_of(wanted: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Index of each key of `wanted` in `among`, -1 where it is missing; both (n, 32) uint8.

    Sorts `among` once: O((n + m) log n)."""
    if len(among) == 0:
        return np.full(len(wanted), -1, np.int64)
    pool, asked = as_scalars(among), as_scalars(wanted)
    order = np.argsort(pool)
    place = np.minimum(np.searchsorted(pool, asked, sorter=order), len(pool) - 1)
    found = order[place]
    return np.where(pool[found] == asked, found, -1)


@dataclass(frozen=True)
class UnitTable:
    """The distinct units of one op.

    Attributes:
        op: what is done to every unit.
        rows: the fixed-width meaning of each unit, (n_units, width) uint8.
        wanted: whether somebody asked for the unit's own output, (n_units,) bool.
        asked: how often units of this op were asked for, before sharing.
        places: the index by which handles call each unit, (n_units,) int64; a pass that drops
            units keeps it, so that handles still find theirs.
    """

    op: Op
    rows: np.ndarray
    wanted: np.ndarray
    asked: int
    places: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def keys(self) -> np.ndarray:
        """The key of each unit, (n_units, 32) uint8."""
        return row_keys(self.op.digest, self.rows)

    def column(self, name: str) -> np.ndarray:
        """One column of the rows, (n_units, width of the column) uint8."""
        start = 0
        for column, width in self.op.shape.columns:
            if column == name:
                return self.rows[:, start : start + width]
            start += width
        raise KeyError(name)

    def only(self, kept: np.ndarray) -> UnitTable:
        """The units where `kept` (n_units,) is True, in the same order."""
        table = replace(self, rows=self.rows[kept], wanted=self.wanted[kept], places=self.places[kept])
        if "keys" in self.__dict__:
            table.__dict__["keys"] = self.keys[kept]  # Known already: hashing again takes as long as all the rest.
        return table

    def positions(self, index: np.ndarray) -> np.ndarray:
        """Where the units with these handle indices stand in the table; -1 where it has them no more."""
        found = np.full(max(int(self.places.max(initial=-1)), int(np.max(index, initial=-1))) + 1, -1, np.int64)
        found[self.places] = np.arange(len(self))
        return np.asarray(found[index])


@dataclass(frozen=True)
class Plan:
    """A DAG of unit tables: operands stand in earlier tables.

    `payloads` gives, by digest, the texts that rows refer to: prompts, and paths of files.
    """

    tables: tuple[UnitTable, ...]
    payloads: Mapping[Digest, str] = field(default_factory=dict)

    def table(self, op: Digest) -> UnitTable:
        """The table of the op with this digest; KeyError where the plan has none."""
        for table in self.tables:
            if table.op.digest == op:
                return table
        raise KeyError(op)

    @property
    def size(self) -> int:
        """How many distinct units there are."""
        return sum(len(table) for table in self.tables)


def broken_invariant(plan: Plan) -> str | None:
    """What is wrong with a plan, in one sentence, or None.

    Keys are unique over the plan, every operand is the key of a unit in an earlier table, and
    every payload is there.
    """
    earlier: list[np.ndarray] = [np.empty((0, KEY_BYTES), np.uint8)]
    found: set[Digest] = set()  # Columns of operands that are all there: earlier tables only become more.
    for number, table in enumerate(plan.tables):
        name = f"table {number} ({table.op.kind})"
        if not len(table.wanted) == len(table.places) == len(table.rows):
            return f"{name} has {len(table.rows)} rows, {len(table.wanted)} marks and {len(table.places)} places"
        if len(np.unique(table.places)) != len(table.places):
            return f"{name} has two units in one place"
        for operand in table.op.shape.operands:
            column = table.column(operand)
            same = digest_bytes(column.tobytes())
            if same in found:
                continue
            missing = int((positions_of(column, np.concatenate(earlier)) < 0).sum())
            found.add(same)
            if missing:
                return f"{name} needs {missing} units by its column {operand!r} that no earlier table has"
        for payload in table.op.shape.payloads:
            distinct = np.unique(as_scalars(table.column(payload)))
            absent = [text for text in distinct if bytes(text).hex() not in plan.payloads]
            if absent:
                return f"{name} has {len(absent)} digests in its column {payload!r} without a text"
        earlier.append(table.keys)
    every = np.concatenate(earlier)
    if len(np.unique(as_scalars(every))) != len(every):
        return "two units have one key"
    return None
