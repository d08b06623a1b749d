"""Everything a run needs before it computes: what the document names, the numerics class, the plan of round one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from auditor.analyses import AuditView
from auditor.audit import plan_audit
from auditor.errors import UsageError
from auditor.execute import Numerics, Progress, numerics_of
from auditor.plan import Plan
from auditor.run.lock import require_lock
from auditor.run.looking import looking
from auditor.run.options import Options
from auditor.run.plan_drift import require_document, require_plan
from auditor.run.plan_file import is_plan_file, read_plan
from auditor.spec import LoadedSpec, load_spec
from auditor.spec.materials import Materials, require


@dataclass(frozen=True)
class Gathered:
    """What an audit is made of, found and checked.

    Attributes:
        materials: what the document names.
        numerics: the numerics class that it declares, on this machine.
    """

    materials: Materials
    numerics: Numerics


@dataclass(frozen=True)
class Prepared(Gathered):
    """An audit that may begin.

    Attributes:
        view: the audit as its parts see it, after round one was asked.
        plan: round one, compiled.
    """

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
    if options.reuse not in ("exact", fixed.plan.reuse):
        raise UsageError(f"the plan file {path} fixes what is reused; leave --reuse out")
    return load_spec(fixed.document), replace(options, fixed=fixed, limit=fixed.plan.limit, reuse=fixed.plan.reuse)


def gather(loaded: LoadedSpec, options: Options, *, decode: bool, progress: Progress | None = None) -> Gathered:
    """Find and check everything that the document names; `decode` as in `require`, whose progress is told.

    Raises:
        SpecError: the document, or something it names, is wrong.
        Drift: the document's lock fixes something that is otherwise now.
        UsageError: there is no lock, or the numerics class cannot be had here.
    """
    limit, allow_python = options.limit, options.allow_python
    looked = looking(progress) if progress is not None else None
    materials = require(loaded, allow_python=allow_python, decode=decode, limit=limit, looked=looked)
    if limit is not None and loaded.spec.dataset is None:
        raise UsageError("--limit is about rows of a data set, and the audit has none; leave it away")
    if limit is not None and materials.rows.left_out == 0:
        raise UsageError(f"the audit has {len(materials.rows)} rows, so --limit {limit} leaves none out; leave it away")
    if options.locked:
        whole = require(loaded, allow_python=allow_python, decode=False) if limit else materials
        require_lock(loaded, whole)
    return Gathered(materials, numerics_of(loaded.spec.numerics))


def prepare(
    loaded: LoadedSpec, options: Options, found: Gathered | None = None, progress: Progress | None = None
) -> Prepared:
    """Find and check everything, unless it has been `found`, and plan round one; nothing is computed.

    Raises:
        SpecError, UsageError: as `gather`.
        Drift: a lock or a plan file fixes something that is otherwise now.
    """
    found = found or gather(loaded, options, decode=True, progress=progress)
    view, plan = plan_audit(loaded.spec, found.materials)
    if options.fixed is not None:
        require_plan(options.fixed, loaded, found.materials, found.numerics, plan)
    return Prepared(found.materials, found.numerics.for_plan(plan), view, plan)
