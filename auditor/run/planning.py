"""What a run would compute, and what that would cost, said before it runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, nullcontext
from dataclasses import dataclass

from auditor.audit import explain_tables, plan_audit, resources_of
from auditor.compile import Cost, OpRow, Reach, reach_of
from auditor.execute import Numerics, Store, default_numerics, default_workers, schedule
from auditor.run.cost import Work, free_bytes, measured_cost
from auditor.run.folder import default_store
from auditor.run.lock import require_lock
from auditor.run.options import Options
from auditor.spec import LoadedSpec
from auditor.spec.materials import Materials, require


@dataclass(frozen=True)
class Planned:
    """What `auditor plan` knows.

    Attributes:
        materials: what the document names.
        rows: what is to be computed, op by op.
        cost: time and bytes; None where they were not asked for.
        free: free bytes on the disk of the store.
        reach: what the statistics can reach.
        numerics: the numerics class.
    """

    materials: Materials
    rows: tuple[OpRow, ...]
    cost: Cost | None
    free: int
    reach: tuple[Reach, ...]
    numerics: Numerics


def plan(loaded: LoadedSpec, options: Options, measuring: Callable[[str], None] | None = None) -> Planned:
    """What a run would compute. Nothing is stored, apart from how fast this machine is.

    `measuring` is told of each op whose speed is measured, which takes seconds and is kept beside the store;
    None asks for no estimate.
    """
    materials = require(loaded, allow_python=options.allow_python, decode=True)
    if options.locked:
        require_lock(loaded, materials)
    numerics = default_numerics()
    view, compiled = plan_audit(loaded.spec, materials)
    where = options.store or default_store(loaded)
    store = Store(where) if (where / "index.sqlite").exists() else None
    with closing(store) if store is not None else nullcontext():
        tables = schedule(compiled, store, numerics)
        rows = explain_tables(loaded.spec, view, tables)
        cost = None
        if measuring is not None:
            names = {row.op_digest: row.op for row in rows}
            work = Work(compiled, tables, numerics, options.workers or default_workers(), where)
            tell = measuring
            cost = measured_cost(work, store, resources_of(materials), lambda op: tell(names[op]))
    return Planned(materials, rows, cost, free_bytes(where), reach_of(loaded.spec, materials.rows), numerics)
