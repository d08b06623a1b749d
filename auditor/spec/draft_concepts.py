"""Which columns of a table look like concepts, and how a draft writes them."""

from __future__ import annotations

import json
import re
from typing import Final, Literal

from auditor.read_table import Table
from auditor.read_values import COUNT
from auditor.spec.tree_builder import safe_plain

YAML_WORDS: Final = ("y", "n", "yes", "no", "on", "off", "null")
"""Words that another reader of YAML may take for something else than text."""

MOST_VALUES: Final = 12
"""Most values of a count or category."""

ROWS_A_VALUE: Final = 10
"""Fewest rows a value, on average, where nobody named the column: names of patients repeat too (chosen)."""

Kind = Literal["presence", "count", "category"]


def kind_of(column: str, table: Table, *, named: bool) -> Kind | None:
    """What the values of a column look like; None where they are no concept.

    Args:
        column: a column of the table.
        table: the table.
        named: whether the user named the column, so that few rows a value are no objection.
    """
    place = table.columns.index(column)
    cells = {line[place] for line in table.lines}
    if cells == {"0", "1"}:
        return "presence"
    if not 2 <= len(cells) <= MOST_VALUES or "" in cells:
        return None
    if not named and len(table.lines) < ROWS_A_VALUE * len(cells):
        return None
    if all(COUNT.fullmatch(cell) for cell in cells):
        return "count"
    fits = all(cell.isprintable() and len(cell) <= 60 and ", " not in cell for cell in cells)
    return "category" if fits and not all(_is_number(cell) for cell in cells) else None


def concept_lines(column: str, kind: Kind, table: Table) -> list[str]:
    """The lines of a draft for one concept."""
    name = column.replace("_", " ")
    if kind == "presence":
        return [f"  - {{name: {word(name)}, column: {word(column)}, phrase: {word(name)}}}"]
    if kind == "count":
        line = f"  - {{name: {word(name)}, kind: count, column: {word(column)}, phrase: {word(name)}}}"
        return [f'{line}   # "2 {name}"' if name.isprintable() else line]
    place = table.columns.index(column)
    values = sorted({line[place] for line in table.lines})
    return [
        f"  - name: {word(name)}",
        "    kind: category",
        f"    column: {word(column)}",
        "    values:                             # what stands in the column; phrase in the caption",
        *(f"      - {{value: {word(value)}, phrase: {word(f'{value} {name}')}}}" for value in values),
    ]


def word(text: str) -> str:
    """`text` as a YAML scalar on one line, in quotes where it needs them.

    >>> word("red circle"), word("a, b"), word("1e5"), word("no")
    ('red circle', '"a, b"', '"1e5"', '"no"')
    """
    plain = re.fullmatch(r"[A-Za-z_]([\w ./-]*[\w])?", text, re.ASCII) and isinstance(safe_plain(text), str)
    return text if plain and text not in YAML_WORDS else json.dumps(text, ensure_ascii=False)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
