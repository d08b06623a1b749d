"""The problem of a name that nobody declares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.errors import Problem
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.positions import Loc, Positions
from auditor.spec.wording import closest, listed, quoted, strange_letter


def named(loc: Loc, name: str, part: str, code: str, spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """The problem of a `name` at `loc` that is not declared in the list `part`."""
    declared: Sequence[str] = tuple(dict.fromkeys(entry.name for entry in getattr(spec, part)))
    if name not in declared:
        yield undeclared(loc, name, part, code, declared, positions)


def undeclared(loc: Loc, name: str, part: str, code: str, declared: Sequence[str], positions: Positions) -> Problem:
    """The problem of a `name` at `loc` that is not among those `declared` in the list `part`."""
    noun = {"analyses": "analysis", "properties": "property"}.get(part, part.removesuffix("s"))
    suggestion = closest(name, declared)
    return Problem(
        code,
        f"{noun} {quoted(name)} is not declared{strange_letter(name, suggestion)}",
        positions.of_value(loc),
        f"declare it under `{part}`, or name one of those declared: {listed(declared)}",
        suggestion,
    )
