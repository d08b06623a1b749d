"""Which units of a plan must be computed, and which are stored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auditor.digest import Digest
from auditor.execute.numerics import Numerics
from auditor.execute.store import Store
from auditor.plan import Plan, UnitTable, positions_of


@dataclass(frozen=True)
class ScheduledTable:
    """One op of the plan, split into stored and to run.

    Attributes:
        table: the plan's table.
        exact_keys: exact key of each unit, (n_units, 32) uint8.
        where: block and slot of each unit's output, None where it is not stored.
        run: whether the unit must be computed, (n_units,) bool.
    """

    table: UnitTable
    exact_keys: np.ndarray
    where: tuple[tuple[Digest, int] | None, ...]
    run: np.ndarray

    @property
    def stored(self) -> int:
        """How many units have their output in the store."""
        return sum(place is not None for place in self.where)


def schedule(plan: Plan, store: Store | None, numerics: Numerics) -> tuple[ScheduledTable, ...]:
    """Decide from the last table to the first: a unit runs where its output is wanted, or an
    operand of a unit that runs, and is not stored. Picture files never run: they are read.

    Without a store, nothing is stored.
    """
    found: list[ScheduledTable] = []
    needed = {table.op.digest: table.wanted.copy() for table in plan.tables}
    for number in reversed(range(len(plan.tables))):
        table = plan.tables[number]
        exact = numerics.exact_keys(table.keys)
        if table.op.kind == "load" or store is None:
            where: list[tuple[Digest, int] | None] = [None] * len(table)
        else:
            where = store.locate(exact)
        missing = np.array([place is None for place in where], bool)
        run = needed[table.op.digest] & missing & (table.op.kind != "load")
        for operand in table.op.shape.operands:
            keys = table.column(operand)[run]
            for earlier in plan.tables[:number]:
                position = positions_of(keys, earlier.keys)
                needed[earlier.op.digest][position[position >= 0]] = True
        found.append(ScheduledTable(table, exact, tuple(where), run))
    return tuple(reversed(found))
