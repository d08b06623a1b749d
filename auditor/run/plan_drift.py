"""Whether everything is still as a plan file fixes it, and what is not."""

from __future__ import annotations

from pathlib import Path

from auditor.digest import digest_bytes
from auditor.errors import Difference, Drift
from auditor.execute import Numerics
from auditor.plan import Plan
from auditor.run.pins import NOTHING, different, drift, other_sources, pins_of, shown
from auditor.run.plan_file import FixedRun, PlannedFile, PlannedOp, numerics_parts, round_one_of
from auditor.spec import LoadedSpec
from auditor.spec.materials import Materials


def require_document(fixed: FixedRun) -> None:
    """Refuse a document that is not, byte for byte, the one that was fixed.

    Raises:
        Drift: a file is otherwise, or gone; it stands in the plan file as it was.
    """
    changed = tuple(_changed(fixed.path.parent / file.path, file) for file in fixed.plan.document)
    if any(changed):
        _refuse(fixed, tuple(one for one in changed if one))


def require_plan(fixed: FixedRun, loaded: LoadedSpec, materials: Materials, numerics: Numerics, plan: Plan) -> None:
    """Refuse to run where something is not as the plan file fixes it.

    Raises:
        Drift: models, data, versions, the numerics class or round one are otherwise now.
    """
    require_document(fixed)
    then, now = fixed.plan, pins_of(loaded.spec, materials)
    found = (
        *other_sources(then.pins, now),
        *drift(then.pins, now),
        *different("numerics, ", then.numerics, numerics_parts(numerics)),
    )
    # Round one follows from all of these: it is told where they do not explain it.
    _refuse(fixed, found or _other_rounds(then.round_one, round_one_of(plan)))


def _refuse(fixed: FixedRun, found: tuple[Difference, ...]) -> None:
    if found:
        raise Drift(
            f"the plan file {fixed.path} does not hold any more",
            found,
            "planned",
            f"restore what was planned, or plan anew: auditor plan {fixed.document} -o {fixed.path}",
        )


def _other_rounds(fixed: tuple[PlannedOp, ...], found: tuple[PlannedOp, ...]) -> tuple[Difference, ...]:
    if fixed == found:
        return ()
    pairs = [(one, two) for one, two in zip(fixed, found, strict=False) if one != two]
    differing = tuple(Difference(f"round one, {one.op}", _op_words(one), _op_words(two)) for one, two in pairs)
    if len(fixed) != len(found):
        return (*differing, Difference("round one", f"{len(fixed)} ops", f"{len(found)} ops"))
    return differing


def _op_words(op: PlannedOp) -> str:
    return f"{op.units} units of {shown(op.digest)} ({shown(op.keys)})"


def _changed(path: Path, fixed: PlannedFile) -> Difference | None:
    """What is otherwise in a file of the document, by its first line that differs."""
    try:
        data = path.read_bytes()
    except OSError:
        return Difference(f"document `{fixed.path}`", shown(fixed.digest), NOTHING)
    if digest_bytes(data) == fixed.digest:
        return None
    before, after = fixed.text.splitlines(), data.decode("utf-8", "replace").splitlines()
    number = next((i for i, (old, new) in enumerate(zip(before, after, strict=False)) if old != new), None)
    if number is None and len(before) != len(after):
        number = min(len(before), len(after))
    if number is None:
        return Difference(f"document `{fixed.path}`", shown(fixed.digest), shown(digest_bytes(data)))
    return Difference(f"document `{fixed.path}`, line {number + 1}", _line(before, number), _line(after, number))


def _line(lines: list[str], number: int) -> str:
    if number >= len(lines):
        return NOTHING
    text = lines[number].strip()
    return f"`{text}`" if len(text) <= 80 else f"`{text[:77]}...`"
