"""Which units of a plan must be computed, and which are stored.

A unit has two keys. Its *semantic* key is the plan's: what it means. Its *exact* key says which bits
it is: a digest of its op, of the class that the op is computed under, and of its row with the exact
keys of its operands. So the score of a picture has another exact key where the picture was generated
in other batches, and the score of a picture file has not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auditor.digest import KEY_BYTES, digest_value, row_keys
from auditor.errors import InternalError
from auditor.execute.numerics import Numerics
from auditor.execute.op_class import OpClass
from auditor.execute.store import Store
from auditor.execute.unit_index import Places
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
    """

    table: UnitTable
    op_class: OpClass
    exact_keys: np.ndarray
    places: Places
    run: np.ndarray

    @property
    def stored(self) -> int:
        """How many units have their output in the store."""
        return int(self.places.stored.sum())


def schedule(plan: Plan, store: Store | None, numerics: Numerics) -> tuple[ScheduledTable, ...]:
    """Exact keys and places from the first table to the last, then, from the last to the first, what
    runs: a unit that is wanted, or an operand of a unit that runs, and is not stored. Picture files
    never run: they are read.

    Without a store, nothing is stored.
    """
    operands = _operands(plan)
    exact = np.empty((plan.size, KEY_BYTES), np.uint8)
    classes, places, starts = [], [], []
    start = 0
    for table in plan.tables:
        units = slice(start, start + len(table))
        op_class = numerics.class_of(table.op)
        exact[units] = exact_keys(table, op_class, {name: exact[at] for name, at in operands[start].items()})
        located = table.op.kind != "load" and store is not None
        places.append(store.locate(exact[units]) if located and store else Places.nowhere(len(table)))
        classes.append(op_class)
        starts.append(start)
        start += len(table)
    needed = np.concatenate([table.wanted for table in plan.tables]) if plan.tables else np.empty(0, bool)
    found: list[ScheduledTable] = []
    for table, op_class, place, start in reversed(list(zip(plan.tables, classes, places, starts, strict=True))):
        units = slice(start, start + len(table))
        run = needed[units] & ~place.stored & (table.op.kind != "load")
        for at in operands[start].values():
            needed[at[run]] = True
        found.append(ScheduledTable(table, op_class, exact[units], place, run))
    return tuple(reversed(found))


def exact_keys(table: UnitTable, op_class: OpClass, operands: dict[str, np.ndarray]) -> np.ndarray:
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


def _operands(plan: Plan) -> dict[int, dict[str, np.ndarray]]:
    """By the number of each table's first unit: of each operand column, the numbers of its units in the plan."""
    found: dict[int, dict[str, np.ndarray]] = {}
    start = 0
    keys = [np.empty((0, KEY_BYTES), np.uint8)]
    for table in plan.tables:
        found[start] = {}
        for name in table.op.shape.operands:
            at = positions_of(table.column(name), np.concatenate(keys))
            if (at < 0).any():
                raise InternalError(f"{table.op.kind} has an input that no earlier op makes")
            found[start][name] = at
        keys.append(table.keys)
        start += len(table)
    return found
