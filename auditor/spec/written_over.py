"""One document written over another: maps merge, everything else replaces, `null` deletes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.errors import Position
from auditor.spec.positions import Loc, Positions
from auditor.spec.yaml_reader import Document


def written_over(base: Document, over: Document) -> Document:
    """`base` with what `over` says in its place, each value at the position where it really stands.

    Mappings merge key by key at any depth. Lists, text and numbers of `over` replace whatever
    `base` has. A `null` of `over` deletes a key that `base` has; elsewhere it is a value like any other.
    """
    merging = _Merging(base, over)
    value = merging.merged((), base.value, over.value)
    files = {**over.positions.files, **base.positions.files}
    positions = Positions(over.positions.path, files, merging.keys, merging.values, merging.deleted)
    return Document(value, positions, (*over.problems, *base.problems), frozenset(merging.doubtful))


class _Merging:
    """The positions and doubts of a merged document, kept in step with its values."""

    def __init__(self, base: Document, over: Document) -> None:
        self.base, self.over = base, over
        self.keys: dict[Loc, Position] = {}
        self.values: dict[Loc, Position] = {}
        self.deleted: dict[Loc, Position] = {**base.positions.deleted, **over.positions.deleted}
        self.doubtful: set[Loc] = set()

    def merged(self, loc: Loc, base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
        """The two mappings at `loc` as one, in the order in which their keys appear."""
        self.place(loc, self.over)
        if loc in self.base.doubtful:
            self.doubtful.add(loc)
        found: dict[str, Any] = {}
        for key in (*base, *(key for key in over if key not in base)):
            here, new = (*loc, key), over.get(key)
            if key not in over:
                found[key] = self.taken(here, base[key], self.base)
            elif new is None and key in base and here not in self.over.doubtful:
                self.deleted[here] = self.over.positions.of_key(here)
                continue
            elif isinstance(new, dict) and isinstance(base.get(key), dict):
                found[key] = self.merged(here, base[key], new)
            else:
                found[key] = self.taken(here, new, self.over)
            self.deleted.pop(here, None)
        return found

    def taken(self, loc: Loc, value: Any, document: Document) -> Any:
        """`value` as `document` has it, with every position below `loc`."""
        self.place(loc, document)
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, tuple) else ()
        for key, entry in inner:
            self.taken((*loc, key), entry, document)
        return value

    def place(self, loc: Loc, document: Document) -> None:
        """Says that what stands at `loc` stands where `document` has it."""
        for mine, theirs in ((self.keys, document.positions.keys), (self.values, document.positions.values)):
            if loc in theirs:
                mine[loc] = theirs[loc]
        if loc in document.doubtful:
            self.doubtful.add(loc)
