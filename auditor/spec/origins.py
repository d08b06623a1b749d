"""Where each value of an audit comes from: the file and line it stands in, or who chose its default."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from auditor.errors import Position
from auditor.node import Provenance, SpecNode, provenance_of
from auditor.spec.load import LoadedSpec
from auditor.spec.positions import Loc, Positions
from auditor.spec.resolve import resolved_text
from auditor.spec.wording import escaped

WIDEST_ALIGNED: Final = 60
"""Columns up to which comments are aligned; longer values have theirs two blanks later."""


@dataclass(frozen=True)
class Origin:
    """One value of an audit that holds no others, and where it comes from.

    Attributes:
        loc: its path in the audit.
        value: the value; an empty tuple for an empty list.
        where: where it stands; None where it is a default.
        default_from: who chose the default; None where it is written.
    """

    loc: Loc
    value: str | int | float | bool | tuple[()] | None
    where: Position | None
    default_from: Provenance | None

    @property
    def words(self) -> str:
        """In words: "base.yaml:12" or "default (paper)"."""
        return f"{self.where.path}:{self.where.line}" if self.where else f"default ({self.default_from})"


def origins(loaded: LoadedSpec) -> tuple[Origin, ...]:
    """Every value of the audit, in the order in which it is written out."""
    return tuple(_of_node(loaded.spec, (), None, loaded.positions))


def _of_node(node: SpecNode, loc: Loc, inherited: Provenance | None, positions: Positions) -> Iterator[Origin]:
    """The values below `node`; `inherited` is who chose the default that the node is itself."""
    for name in type(node).model_fields:
        if (*loc, name) == ("extends",):
            continue
        default_from = provenance_of(type(node), name) or inherited or "chosen"
        yield from _of_value(getattr(node, name), (*loc, name), default_from, positions)


def _of_value(value: Any, loc: Loc, default_from: Provenance, positions: Positions) -> Iterator[Origin]:
    if isinstance(value, SpecNode):
        yield from _of_node(value, loc, default_from, positions)
    elif isinstance(value, tuple) and value:
        for index, entry in enumerate(value):
            yield from _of_value(entry, (*loc, index), default_from, positions)
    else:
        where = positions.values.get(loc)
        yield Origin(loc, value, where, None if where else default_from)


def explained_text(loaded: LoadedSpec) -> str:
    """The whole document as YAML, with the origin of each value in a comment behind it.

    It is itself a document, and reads back as an equal audit.
    """
    lines = resolved_text(loaded.spec).removesuffix("\n").split("\n")
    width = min(max(map(len, lines)), WIDEST_ALIGNED)
    # A line holds one value, or ends with the colon of a key whose mapping or list follows.
    valued = (number for number, line in enumerate(lines) if not line.endswith(":"))
    for number, origin in zip(valued, origins(loaded), strict=True):
        lines[number] = f"{lines[number]:<{width}}  # {escaped(origin.words)}"
    names = ", ".join(escaped(file.path) for file in loaded.files)
    head = f"# {names}, written out: behind each value the line it stands in, or who chose its default."
    return "\n".join([head, *lines, ""])


def field_path(loc: Loc) -> str:
    """A path as it is spoken of.

    >>> field_path(("analyses", 0, "margin", "response"))
    'analyses[0].margin.response'
    """
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).removeprefix(".")
