"""Where every key and value of a document stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from auditor.errors import Position

Loc = tuple[str | int, ...]
"""A path into the document: keys of mappings, and indices of lists from 0."""


def reading_order(position: Position | None) -> tuple[int, int]:
    """The order in which a reader meets positions; what has none comes last."""
    return (position.line, position.column) if position else (2**31, 0)


@dataclass(frozen=True)
class Positions:
    """The position of every key and value, by path.

    Attributes:
        path: the file as the user named it.
        lines: the lines of the file, without their ends.
        keys: where the key of an entry of a mapping stands.
        values: where a value begins; for a list or mapping, its first character or first key.
    """

    path: str
    lines: tuple[str, ...]
    keys: Mapping[Loc, Position]
    values: Mapping[Loc, Position]

    def of_key(self, loc: Loc) -> Position:
        """Where the key that `loc` ends with stands; for an entry of a list, the entry."""
        return self.keys.get(loc) or self.of_value(loc)

    def of_value(self, loc: Loc) -> Position:
        """Where the value at `loc` stands, or the nearest value around it that the document has."""
        for end in range(len(loc), -1, -1):
            if loc[:end] in self.values:
                return self.values[loc[:end]]
        return Position(self.path, 1, 1)

    def of_owner(self, loc: Loc) -> Position:
        """Where the mapping or list at `loc` is introduced: its key, or its first line in a list."""
        for end in range(len(loc), 0, -1):
            if loc[:end] in self.keys:
                return self.keys[loc[:end]]
            if loc[:end] in self.values:
                return self.values[loc[:end]]
        return self.of_value(())

    def written(self, loc: Loc) -> str:
        """The characters of the one-line value at `loc` as the author wrote them."""
        position = self.of_value(loc)
        start = position.column - 1
        return self.lines[position.line - 1][start : start + position.length] if self.lines else ""
