"""What the columns of a table say of the rows that were drawn: labels, values of concepts, sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from auditor import codes
from auditor.concepts import PRESENCE, Concept, Level
from auditor.errors import DataError
from auditor.read_table import Table
from auditor.source import Loc, nearest

COUNT = re.compile(r"0|[1-9][0-9]{0,5}", re.ASCII)


class Columns:
    """Columns of the rows that were drawn; faults are collected. `more` says how there could be more rows."""

    def __init__(self, table: Table, picked: list[int], errors: list[DataError], more: str) -> None:
        self._table, self._picked, self.errors, self.more = table, picked, errors, more
        self.names = tuple(table.lines[i][0] for i in picked)

    def place(self, row: int) -> str:
        """File and line of a row."""
        return self._table.place(self._picked[row])

    def text(self, name: str, loc: Loc) -> np.ndarray | None:
        """A column as text, (n_rows,); None where the table has no such column."""
        known = self._table.columns
        if name in known:
            place = known.index(name)
            return np.array([self._table.lines[i][place] for i in self._picked], dtype=object)
        self.errors.append(
            DataError(
                f"the table has no column `{name}`",
                code=codes.COLUMN_MISSING,
                loc=loc,
                way_out=f"its columns: {', '.join(f'`{column}`' for column in known)}",
                suggestion=nearest(name, known),
            )
        )
        return None

    def cells(
        self,
        name: str,
        loc: Loc,
        fits: Callable[[str], object],
        wanted: str,
        code: str,
        way_out: str,
        known: Sequence[str] = (),
    ) -> np.ndarray | None:
        """A column all of whose cells fit, (n_rows,) of str; None where it has others, or is not there.

        `known` are the cells that one that does not fit may have been meant as."""
        cells = self.text(name, loc)
        if cells is None or len(cells) == 0:
            return None
        odd = [i for i, cell in enumerate(cells) if not fits(cell)]
        if not odd:
            return cells
        found = f"`{cells[odd[0]]}`" if cells[odd[0]] else "nothing"
        more = f"; {len(odd) - 1} more row{'s are' if len(odd) > 2 else ' is'} wrong as well" if len(odd) > 1 else ""
        self.errors.append(
            DataError(
                f"column `{name}` holds {found}, not {wanted}, in the row of `{self.names[odd[0]]}` "
                f"({self.place(odd[0])}){more}",
                code=code,
                loc=loc,
                way_out=way_out,
                suggestion=nearest(str(cells[odd[0]]), known),
            )
        )
        return None

    def binary(self, name: str, loc: Loc) -> np.ndarray | None:
        """A column of 0 and 1, (n_rows,) int64; None where it is something else."""
        cells = self.cells(
            name,
            loc,
            ("0", "1").__contains__,
            "0 or 1",
            codes.VALUE_NOT_BINARY,
            "write 0 (absent, no) or 1 (present, yes) in every row",
        )
        return None if cells is None else np.array([int(cell) for cell in cells], np.int64)


def read_values(columns: Columns, concept: Concept, loc: Loc) -> tuple[np.ndarray, tuple[Level, ...]]:
    """The value index of each row, (n_rows,) int64, and the levels that the indices stand for.

    Where the column cannot be read, zeros."""
    found = _LEVELS[concept.kind](columns, concept, loc)
    if found is None:
        return np.zeros(len(columns.names), np.int64), PRESENCE
    cells, levels = found
    places = {level: place for place, level in enumerate(levels)}
    values = np.array([places[cell] for cell in cells], np.int64)
    if concept.permutable and values.min() == values.max():
        columns.errors.append(
            DataError(
                f"concept `{concept.name}` has the value {cells[0]} in every one of the {len(values)} rows, "
                "so there is nothing to permute",
                code=codes.CONCEPT_WITHOUT_VARIATION,
                loc=loc,
                way_out=f"{columns.more} or use another seed, or leave the concept out",
            )
        )
    return values, levels


Found = tuple[Sequence[Level], tuple[Level, ...]] | None


def _presences(columns: Columns, concept: Concept, loc: Loc) -> Found:
    cells = columns.binary(concept.column, loc)
    return None if cells is None else (cells.tolist(), PRESENCE)


def _counts(columns: Columns, concept: Concept, loc: Loc) -> Found:
    cells = columns.cells(
        concept.column,
        loc,
        COUNT.fullmatch,
        "a count",
        codes.VALUE_NOT_COUNT,
        "write 0, 1, 2 and so on in every row, without a decimal point; at most 999999",
    )
    if cells is None:
        return None
    counts: list[Level] = [int(cell) for cell in cells]
    return counts, tuple(sorted(set(counts)))


def _categories(columns: Columns, concept: Concept, loc: Loc) -> Found:
    declared = [value.value for value in concept.values or ()]
    cells = columns.cells(
        concept.column,
        loc,
        declared.__contains__,
        f"one of the declared {', '.join(f'`{value}`' for value in declared)}",
        codes.VALUE_NOT_DECLARED,
        f"declare it under `values` of concept `{concept.name}`, or correct the table",
        declared,
    )
    if cells is None:
        return None
    occurring = set(cells)
    return cells.tolist(), tuple(value for value in declared if value in occurring)


def _texts(columns: Columns, concept: Concept, loc: Loc) -> Found:
    cells = columns.text(concept.column, loc)
    return None if cells is None or len(cells) == 0 else (cells.tolist(), tuple(dict.fromkeys(cells)))


_LEVELS: dict[str, Callable[[Columns, Concept, Loc], Found]] = {
    "presence": _presences,
    "count": _counts,
    "category": _categories,
    "text": _texts,
}
