"""Which units of a plan must be computed, and which are stored.

A unit has two keys. Its *semantic* key is the plan's: what it means. Its *exact* key says which bits
it is: a digest of its op, of the class that the op is computed under, and of its row with the exact
keys of its operands. So the score of a picture has another exact key where the picture was generated
in other batches, and the score of a picture file has not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from auditor.digest import KEY_BYTES, Digest, digest_bytes, digest_value, row_keys
from auditor.errors import InternalError
from auditor.execute.numerics import Numerics
from auditor.execute.op_class import OpClass
from auditor.execute.reuse import Reuse, choose, with_chosen
from auditor.execute.storage.places import Places
from auditor.execute.storage.store import Store
from auditor.plan import Op, Plan, UnitTable, positions_of


@dataclass(frozen=True)
class ScheduledTable:
    """One op of the plan, split into stored and to run.

    Attributes:
        table: the plan's table.
        op_class: the class that its units are computed under.
        exact_keys: exact key of the unit that answers each unit, stored or to be computed, (n_units, 32) uint8.
        places: where each output is.
        run: whether the unit must be computed, (n_units,) bool.
        reused: whether a unit of equal meaning but of another exact key answers it, (n_units,) bool.
    """

    table: UnitTable
    op_class: OpClass
    exact_keys: np.ndarray
    places: Places
    run: np.ndarray
    reused: np.ndarray

    @property
    def stored(self) -> int:
        """How many units have their output in the store."""
        return int(self.places.stored.sum())


def schedule(plan: Plan, store: Store | None, numerics: Numerics, reuse: Reuse = "exact") -> tuple[ScheduledTable, ...]:
    """Exact keys and places from the first table to the last, then, from the last to the first, what
    runs: a unit that is wanted, or an operand of a unit that runs, and is not stored. Picture files
    never run: they are read.

    With `reuse="semantic"`, a unit that is not stored is answered by one of equal meaning that another
    class made; see `choose` for which. Without a store, nothing is stored.
    """
    operands = _operands(plan)
    exact = np.empty((plan.size, KEY_BYTES), np.uint8)
    found: list[ScheduledTable] = []
    start = 0
    for table, columns in zip(plan.tables, operands, strict=True):
        answered = _answered(table, {name: exact[at] for name, at in columns.items()}, store, numerics, reuse)
        exact[start : start + len(table)] = answered.exact_keys
        found.append(answered)
        start += len(table)
    needed = np.concatenate([np.empty(0, bool), *(table.wanted for table in plan.tables)])
    for number in reversed(range(len(found))):
        one = found[number]
        start -= len(one.table)
        run = needed[start : start + len(one.table)] & ~one.places.stored & (one.table.op.kind != "load")
        for at in operands[number].values():
            needed[at[run]] = True
        found[number] = replace(one, run=run)
    return tuple(found)


def _answered(
    table: UnitTable, operands: Mapping[str, np.ndarray], store: Store | None, numerics: Numerics, reuse: Reuse
) -> ScheduledTable:
    """A table with its exact keys and what is stored; nothing runs yet."""
    op_class = numerics.class_of(table.op)
    exact = exact_keys(table, op_class, operands)
    nothing = np.zeros(len(table), bool)
    if table.op.kind == "load" or store is None:
        return ScheduledTable(table, op_class, exact, Places.nowhere(len(table)), nothing, nothing)
    places, reused = store.locate(exact), nothing
    missing = np.flatnonzero(~places.stored)
    if reuse == "semantic" and len(missing):
        candidates = store.of_meaning(table.keys[missing])
        lacking = table.only(~places.stored)
        used = {name: keys[missing] for name, keys in operands.items()}
        chosen = choose(candidates, op_class, lambda other: exact_keys(lacking, other, used))
        answering = replace(candidates, unit=missing[candidates.unit])
        exact, places, reused = with_chosen(exact, places, answering, chosen)
    return ScheduledTable(table, op_class, exact, places, nothing, reused)


def exact_keys(table: UnitTable, op_class: OpClass, operands: Mapping[str, np.ndarray]) -> np.ndarray:
    """Exact key of each unit of a table, (n_units, 32) uint8.

    `operands` gives the exact keys of the units in each operand column, (n_units, 32) uint8. A picture
    file is what its bytes are: its two keys are one.
    """
    if table.op.kind == "load":
        return table.keys
    columns = [operands.get(name, table.column(name)) for name, _ in table.op.shape.columns]
    return row_keys(exact_header(table.op, op_class), np.concatenate(columns, axis=1))


def exact_header(op: Op, op_class: OpClass) -> str:
    """What all units of one op under one class have in common: the header of their exact keys."""
    return digest_value(["exact", op.digest, op_class.digest])


def _operands(plan: Plan) -> list[dict[str, np.ndarray]]:
    """Of each table, and each of its operand columns: the numbers of the units in it, counted through the plan."""
    found: list[dict[str, np.ndarray]] = []
    keys: list[np.ndarray] = [np.empty((0, KEY_BYTES), np.uint8)]
    known: dict[Digest, np.ndarray] = {}  # Many models score the same pictures, which stand where they stood.
    for table in plan.tables:
        columns = {}
        for name in table.op.shape.operands:
            column = table.column(name)
            same = digest_bytes(column.tobytes())
            if same not in known:
                known[same] = positions_of(column, np.concatenate(keys))
            columns[name] = known[same]
        if any((at < 0).any() for at in columns.values()):
            raise InternalError(f"{table.op.kind} has an input that no earlier op makes")
        found.append(columns)
        keys.append(table.keys)
    return found
