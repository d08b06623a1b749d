"""Where every key and value of a document stands, in whichever of its files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from auditor.errors import Position

Loc = tuple[str | int, ...]
"""A path into the document: keys of mappings, and indices of lists from 0."""

Order = Callable[[Position | None], tuple[int, int, int]]
"""A key to sort positions by."""


def reading_order(files: Iterable[str]) -> Order:
    """The order in which a reader meets positions: file by file, then by line; what has none comes last."""
    place = {path: number for number, path in enumerate(files)}
    last = (2**31, 0, 0)
    return lambda where: (place.get(where.path, len(place)), where.line, where.column) if where else last


@dataclass(frozen=True)
class Positions:
    """The position of every key and value, by path.

    Attributes:
        path: the document as the user named it.
        files: the lines of each file, without their ends, by its path; the document first.
        keys: where the key of an entry of a mapping stands.
        values: where a value begins; for a list or mapping, its first character or first key.
        deleted: where a `null` deletes a key that an extended file has.
    """

    path: str
    files: Mapping[str, tuple[str, ...]]
    keys: Mapping[Loc, Position]
    values: Mapping[Loc, Position]
    deleted: Mapping[Loc, Position] = field(default_factory=dict)

    @property
    def order(self) -> Order:
        """The order in which a reader meets positions."""
        return reading_order(self.files)

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
        start, lines = position.column - 1, self.files.get(position.path, ())
        return lines[position.line - 1][start : start + position.length] if lines else ""


def line_seen_from(there: Position, here: Position) -> str:
    """A place in words for a reader of another: "line 9", or "line 9 of base.yaml" where files differ."""
    return f"line {there.line}" + (f" of `{there.path}`" if there.path != here.path else "")
