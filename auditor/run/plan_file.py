"""A plan file: a document, everything it names, the numerics class and round one, fixed before a run.

Later rounds follow from round one's answers, which follow from what is fixed.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from auditor.digest import digest_bytes, digest_value
from auditor.errors import UsageError
from auditor.execute import Numerics, Reuse, write_whole
from auditor.judgement import ResultNode
from auditor.plan import Plan
from auditor.run.fixed_file import fixed_text, read_fixed
from auditor.run.pins import Pins, pins_of
from auditor.spec import LoadedSpec
from auditor.spec.materials import Materials

PLAN_VERSION = 1
AGAIN = "write it again: auditor plan SPEC -o FILE"


class PlannedFile(ResultNode):
    """A file of the document."""

    path: str
    """Where it is, seen from the plan file; never absolute, and never above it."""
    digest: str
    """SHA-256 of its bytes."""
    text: str
    """What stands in it."""


class PlannedOp(ResultNode):
    """One op of round one."""

    op: str
    """What is done: `generate`, `predict`, `load`."""
    digest: str
    """SHA-256 of the op with all its parameters."""
    asked: int
    """Units asked for, before sharing."""
    units: int
    """Distinct units."""
    keys: str
    """SHA-256 over the keys of the units, in order."""


class PlanFile(ResultNode):
    """A run that is fixed before it is made; `auditor run` refuses it where anything is otherwise."""

    schema_version: Literal[1]
    """Version of this file's format."""
    document: tuple[PlannedFile, ...]
    """The audit spec, and after it every file that it extends."""
    limit: int | None
    """At most so many rows are run, the first of those that the document draws; null for all."""
    reuse: Reuse
    """What may answer for a unit: only itself, or also a unit of equal meaning from another numerics class."""
    pins: Pins
    """Digests and versions of everything that the document names."""
    numerics: dict[str, str]
    """The numerics class, by its parts."""
    round_one: tuple[PlannedOp, ...]
    """What is asked for before any answer is known."""
    seal: str
    """SHA-256 of everything above in canonical JSON (RFC 8785): a plan file is written by auditor, never by hand."""


@dataclass(frozen=True)
class FixedRun:
    """A run that a plan file fixes: where the file is, and what it says."""

    path: Path
    plan: PlanFile

    @property
    def document(self) -> Path:
        """The audit spec."""
        return self.path.parent / self.plan.document[0].path


def is_plan_file(path: Path) -> bool:
    """Whether a file that is to be run is a plan file: JSON by its name, and no document in JSON."""
    if path.suffix.lower() != ".json":
        return False
    try:
        return "version" not in json.loads(path.read_bytes())
    except (OSError, ValueError, TypeError, RecursionError):
        return True


def write_plan(
    path: Path,
    loaded: LoadedSpec,
    materials: Materials,
    numerics: Numerics,
    plan: Plan,
    limit: int | None,
    reuse: Reuse,
) -> PlanFile:
    """Fix a run in the file `path`.

    Raises:
        UsageError: a file of the document does not lie in the folder of the plan file, or below it.
    """
    fixed = PlanFile(
        schema_version=PLAN_VERSION,
        document=_document_of(loaded, path),
        limit=limit,
        reuse=reuse,
        pins=pins_of(loaded.spec, materials),
        numerics=numerics_parts(numerics),
        round_one=round_one_of(plan),
        seal="",
    )
    fixed = fixed.model_copy(update={"seal": _seal(fixed)})
    write_whole(path, fixed_text(fixed).encode())
    return fixed


def read_plan(path: Path) -> FixedRun:
    """The plan file at `path`, as auditor wrote it.

    Raises:
        UsageError: it cannot be read, is from a newer auditor, was changed, or names a file outside its folder.
    """
    fixed = read_fixed(path, PlanFile, PLAN_VERSION, "plan file", AGAIN)
    if _seal(fixed) != fixed.seal:
        raise UsageError(f"the plan file {path} was changed after auditor wrote it: its seal does not fit; {AGAIN}")
    for file in fixed.document:
        _refuse_outside(path, file.path)
    if not fixed.document:
        raise UsageError(f"the plan file {path} names no document; {AGAIN}")
    return FixedRun(path, fixed)


def numerics_parts(numerics: Numerics) -> dict[str, str]:
    """The parts of a declared numerics class in words.

    Versions of packages are pinned by themselves; what is decided for a plan, or while it runs, is not declared."""
    parts: dict[str, Any] = asdict(numerics)
    for name in ("packages", "lowered", "compiled"):
        parts.pop(name)
    parts["batch"] = ", ".join(f"{kind} {size}" for kind, size in numerics.batch)
    return {name: str(value) for name, value in parts.items()}


def round_one_of(plan: Plan) -> tuple[PlannedOp, ...]:
    """The ops of a plan, and their units by digest."""
    return tuple(
        PlannedOp(
            op=table.op.kind,
            digest=table.op.digest,
            asked=table.asked,
            units=len(table),
            keys=digest_bytes(table.keys.tobytes()),
        )
        for table in plan.tables
    )


def _document_of(loaded: LoadedSpec, path: Path) -> tuple[PlannedFile, ...]:
    folder, home = path.resolve().parent, loaded.path.resolve().parent
    places = [(home / file.name).resolve() for file in loaded.files]
    for place, file in zip(places, loaded.files, strict=True):
        if not place.is_relative_to(folder):
            raise UsageError(
                f"the plan file {path} must lie in the folder of {file.path}, or above it: the paths in it lead down"
            )
    return tuple(
        PlannedFile(path=place.relative_to(folder).as_posix(), digest=file.digest, text=file.text)
        for place, file in zip(places, loaded.files, strict=True)
    )


def _refuse_outside(path: Path, name: str) -> None:
    folder, parts = path.resolve().parent, PurePosixPath(name).parts
    odd = "\x00" in name or PurePosixPath(name).is_absolute() or ".." in parts
    if odd or not Path(os.path.realpath(folder / name)).is_relative_to(folder):
        raise UsageError(f"the plan file {path} names `{name}`, which leads outside its folder; {AGAIN}")


def _seal(fixed: PlanFile) -> str:
    return digest_value(fixed.model_dump(mode="json", exclude={"seal"}))
