"""What a run would compute, and what that would cost, said before it runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, nullcontext
from dataclasses import dataclass

from auditor.audit import explain_tables, explain_work, resources_of
from auditor.compile import Cost, OpRow, Reach, SweepReach, WhyOp, reach_of, sweep_reach_of
from auditor.execute import Numerics, Progress, Store, answered_beside, default_workers, schedule
from auditor.run.cost import Work, free_bytes, measured_cost
from auditor.run.folder import default_store
from auditor.run.model_faults import model_faults
from auditor.run.options import Options
from auditor.run.plan_file import write_plan
from auditor.run.prepare import prepare
from auditor.spec import LoadedSpec
from auditor.spec.materials import Materials


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
        why: of each op that runs, for which reasons; None where they were not asked for.
        claims: what may be claimed of gradual interventions.
    """

    materials: Materials
    rows: tuple[OpRow, ...]
    cost: Cost | None
    free: int
    reach: tuple[Reach, ...]
    numerics: Numerics
    why: tuple[WhyOp, ...] | None = None
    claims: tuple[SweepReach, ...] = ()


def plan(
    loaded: LoadedSpec,
    options: Options,
    measuring: Callable[[str], None] | None = None,
    progress: Progress | None = None,
) -> Planned:
    """What a run would compute. Nothing is stored but how fast this machine is, and a plan file where one is wanted.

    `measuring` is told of each op whose speed is measured, which takes seconds and is kept beside the store;
    None asks for no estimate. `progress` is told of pictures that are looked at.

    Raises:
        SpecError: as a run; a model that cannot be loaded or called is found where speed is measured.
    """
    prepared = prepare(loaded, options, progress=progress)
    materials, numerics = prepared.materials, prepared.numerics
    if options.plan_file is not None:
        write_plan(options.plan_file, loaded, materials, numerics, prepared.plan, options.limit, options.reuse)
    where = options.store or default_store(loaded)
    store = Store.to_look(where) if (where / "objects").is_dir() else None
    with closing(store) if store is not None else nullcontext():
        tables = schedule(prepared.plan, store, numerics, options.reuse)
        rows = explain_tables(loaded.spec, prepared.view, tables)
        reasons = explain_work(prepared.view, prepared.plan, tables, store) if options.why else None
        cost = None
        if measuring is not None:
            beside = answered_beside(tables, resources_of(materials), numerics)
            names = {row.op_digest: row.op for row in rows}
            work = Work(prepared.plan, tables, numerics, options.workers or default_workers(numerics), where, beside)
            tell = measuring
            with model_faults(loaded, materials):
                cost = measured_cost(work, store, resources_of(materials), lambda op: tell(names[op]))
    reach = reach_of(loaded.spec, materials.rows)
    claims = sweep_reach_of(loaded.spec, materials.rows, materials.files)
    return Planned(materials, rows, cost, free_bytes(where), reach, numerics, reasons, claims)
