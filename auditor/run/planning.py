"""What a run would compute, said before it runs."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.audit import explain_plan, plan_audit
from auditor.compile import OpRow, Reach, reach_of
from auditor.execute import Numerics, Store, default_numerics
from auditor.run.folder import default_store
from auditor.run.lock import require_lock
from auditor.run.options import Options
from auditor.spec import LoadedSpec
from auditor.spec.materials import Materials, require


@dataclass(frozen=True)
class Planned:
    """What `auditor plan` knows: the materials, the cost op by op, and what statistics can reach."""

    materials: Materials
    rows: tuple[OpRow, ...]
    reach: tuple[Reach, ...]
    numerics: Numerics


def plan(loaded: LoadedSpec, options: Options) -> Planned:
    """What a run would compute. Nothing is computed, and no store is made."""
    materials = require(loaded, allow_python=options.allow_python, decode=True)
    if options.locked:
        require_lock(loaded, materials)
    numerics = default_numerics()
    view, compiled = plan_audit(loaded.spec, materials)
    where = options.store or default_store(loaded)
    store = Store(where) if (where / "index.sqlite").exists() else None
    rows = explain_plan(loaded.spec, view, compiled, store, numerics)
    if store is not None:
        store.close()
    return Planned(materials, rows, reach_of(loaded.spec, materials.rows), numerics)
