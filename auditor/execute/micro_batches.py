"""Scheduled ops become tasks: micro-batches of one size, each input read once for all ops of a group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from auditor.digest import KEY_BYTES
from auditor.errors import InternalError
from auditor.execute.groups import Group
from auditor.execute.picture_reader import PicturePlace
from auditor.execute.schedule import ScheduledTable
from auditor.execute.storage.store import Store
from auditor.execute.task import Part, Task
from auditor.plan import Plan, as_scalars, positions_of


def micro_batches(
    plan: Plan, tables: Sequence[ScheduledTable], group: Group, store: Store, size: int
) -> Iterator[Task]:
    """The tasks of a group, each of at most `size` entries.

    An entry is an input picture where a unit is nothing else, which any op of the group may have to score; else it is
    the unit itself. Where inputs are is asked of the store here, before the first task is taken.
    """
    rows = [np.flatnonzero(table.run) for table in group.tables]
    shape = group.ops[0].shape
    if shape.columns != tuple((operand, KEY_BYTES) for operand in shape.operands[:1]):
        own = group.tables[0].table
        places = [_places(plan, tables, own.column(operand)[rows[0]], store) for operand in shape.operands]
        return _made(plan, group.tables[0], rows[0], places, size)
    inputs = [
        table.table.column(table.table.op.shape.operands[0])[own] for table, own in zip(group.tables, rows, strict=True)
    ]
    entries, entry_of = _distinct(np.concatenate(inputs))
    entries_of = np.split(entry_of, np.cumsum([len(own) for own in rows])[:-1])
    return _of_inputs(group.tables, rows, entries_of, _places(plan, tables, entries, store), size)


def _made(
    plan: Plan, table: ScheduledTable, rows: np.ndarray, places: Sequence[Sequence[PicturePlace]], size: int
) -> Iterator[Task]:
    """Tasks of units that are entries themselves; `places` says of each operand where the units' pictures are."""
    op = table.table.op
    for part_of in _in_batches(table, rows, size):
        part = rows[part_of]
        texts = {
            name: tuple(plan.payloads[cell.tobytes().hex()] for cell in table.table.column(name)[part])
            for name in op.shape.payloads
        }
        seeds = np.empty(0, np.uint64)
        if "seed" in dict(op.shape.columns):
            seeds = np.ascontiguousarray(table.table.column("seed")[part]).view("<u8").reshape(-1)
        numbers = {
            name: np.ascontiguousarray(table.table.column(name)[part]).view("<f8").reshape(-1)
            for name in op.shape.numbers
        }
        inputs = [tuple(each[i] for i in part_of) for each in places]
        first, second = (*inputs, (), ())[:2]
        parts = (_part(table, part, np.arange(len(part))),)
        yield Task(parts, texts, seeds, first, len(part), numbers, second)


def slots_taken(table: ScheduledTable, size: int) -> int:
    """How many slots the units that run take, in micro-batches of `size` that are filled up."""
    if not table.table.op.shape.together:
        return int(table.run.sum())
    return size * sum(1 for _ in _in_batches(table, np.flatnonzero(table.run), size))


def _in_batches(table: ScheduledTable, rows: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Which of the units in these rows are computed together: at most `size`, and equal in the columns `together`.

    Else in their order; where columns keep units apart, by the first of those columns, then by the next.
    """
    apart = [_distinct(table.table.column(name)[rows])[1] for name in table.table.op.shape.together]
    order = np.lexsort(apart[::-1]) if apart else np.arange(len(rows))
    changes = np.zeros(len(rows), bool)
    for numbers in apart:
        changes[1:] |= np.diff(numbers[order]) != 0
    for run in np.split(order, np.flatnonzero(changes)):
        for start in range(0, len(run), size):
            yield run[start : start + size]


def _of_inputs(
    tables: Sequence[ScheduledTable],
    rows: Sequence[np.ndarray],
    entries_of: Sequence[np.ndarray],
    places: Sequence[PicturePlace],
    size: int,
) -> Iterator[Task]:
    """Tasks of units by their inputs: `entries_of` says which of `places` the input of each unit is."""
    for start in range(0, len(places), size):
        parts = []
        for table, own, entry in zip(tables, rows, entries_of, strict=True):
            here = np.flatnonzero((entry >= start) & (entry < start + size))
            parts.append(_part(table, own[here], entry[here] - start))
        inputs = tuple(places[start : start + size])
        yield Task(tuple(parts), {}, np.empty(0, np.uint64), inputs, len(inputs))


def _part(table: ScheduledTable, rows: np.ndarray, slots: np.ndarray) -> Part:
    return Part(
        op=table.table.op,
        op_class=table.op_class,
        keys=tuple(key.tobytes().hex() for key in table.exact_keys[rows]),
        rows=tuple(row.tobytes().hex() for row in table.table.rows[rows]),
        slots=tuple(slots.tolist()),
    )


def _distinct(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each key once, in the order in which they come first; and of each given key its number among those."""
    _, first, number = np.unique(as_scalars(keys), return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return keys[first[order]], rank[number]


def _places(plan: Plan, tables: Sequence[ScheduledTable], wanted: np.ndarray, store: Store) -> list[PicturePlace]:
    """Where the picture of each key is, (n, 32) uint8: in a file, or stored."""
    places: list[PicturePlace | None] = [None] * len(wanted)
    for source in tables:
        if source.table.op.shape.makes != "image":
            continue
        position = positions_of(wanted, source.table.keys)
        found = np.flatnonzero(position >= 0)
        if source.table.op.kind == "load":
            files = source.table.column("file")
            for i in found:
                digest = files[position[i]].tobytes().hex()
                places[i] = PicturePlace(file=plan.payloads[digest], file_digest=digest)
        else:
            located = store.locate(source.exact_keys[position[found]])
            for number, i in enumerate(found):
                place = located[number]
                places[i] = PicturePlace(block=place[0], slot=place[1]) if place is not None else None
    if any(place is None for place in places):
        raise InternalError("a picture is to be scored that no earlier op made")
    return [place for place in places if place is not None]
