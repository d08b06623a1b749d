"""Everything a run needs before it computes: what the document names, the numerics class, the plan of round one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from auditor.analyses import AuditView
from auditor.audit import plan_audit
from auditor.errors import UsageError
from auditor.execute import Numerics, numerics_of
from auditor.plan import Plan
from auditor.run.lock import require_lock
from auditor.run.options import Options
from auditor.run.plan_drift import require_document, require_plan
from auditor.run.plan_file import is_plan_file, read_plan
from auditor.spec import LoadedSpec, load_spec
from auditor.spec.materials import Materials, require


@dataclass(frozen=True)
class Prepared:
    """An audit that may begin.

    Attributes:
        materials: what the document names.
        numerics: the numerics class that it declares, on this machine.
        view: the audit as its parts see it, after round one was asked.
        plan: round one, compiled.
    """

    materials: Materials
    numerics: Numerics
    view: AuditView
    plan: Plan


def open_run(path: Path, options: Options) -> tuple[LoadedSpec, Options]:
    """The document in the file `path`, or the one that the plan file `path` fixes, with what it fixes in the options.

    Raises:
        SpecError: the document is wrong.
        UsageError: the plan file is broken; Drift where the document is not the one that was planned.
    """
    if not is_plan_file(path):
        return load_spec(path), options
    fixed = read_plan(path)
    require_document(fixed)
    if options.limit not in (None, fixed.plan.limit):
        raise UsageError(f"the plan file {path} fixes how many rows are run; leave --limit out")
    return load_spec(fixed.document), replace(options, fixed=fixed, limit=fixed.plan.limit)


def prepare(loaded: LoadedSpec, options: Options) -> Prepared:
    """Find and check everything; nothing is computed.

    Raises:
        SpecError: the document, or something it names, is wrong.
        Drift: a lock or a plan file fixes something that is otherwise now.
        UsageError: there is no lock, or the numerics class cannot be had here.
    """
    limit, allow_python = options.limit, options.allow_python
    materials = require(loaded, allow_python=allow_python, decode=True, limit=limit)
    if limit is not None and materials.rows.left_out == 0:
        raise UsageError(f"the audit has {len(materials.rows)} rows, so --limit {limit} leaves none out; leave it away")
    if options.locked:
        whole = require(loaded, allow_python=allow_python, decode=False) if limit else materials
        require_lock(loaded, whole)
    numerics = numerics_of(loaded.spec.numerics)
    view, plan = plan_audit(loaded.spec, materials)
    if options.fixed is not None:
        require_plan(options.fixed, loaded, materials, numerics, plan)
    return Prepared(materials, numerics, view, plan)
