"""Section: every choice that shapes the numbers, and who made it."""

from __future__ import annotations

from typing import Final

from auditor.report.page import Cell, Column, Section, Table
from auditor.report.source import Source

GUIDE = "Another choice could give other numbers. Each is listed with its value and with who made it."

CHOOSERS: Final[dict[str, str]] = {
    "document": "the author, in the document",
    "paper": "the method's paper",
    "code": "the paper's released code",
    "auditor": "auditor, as its default",
}


def fidelity_section(source: Source) -> Section:
    """The fidelity table; says so where it is empty."""
    columns = (Column("Field or choice", "code"), Column("Value", "code"), Column("Chosen by"),
               Column("Note", "wide"))  # fmt: skip
    rows = tuple(
        (Cell(row.field), Cell(row.value), Cell(CHOOSERS[row.chosen_by]), Cell(row.note or "none"))
        for row in source.result.fidelity
    )
    table = Table("Choices", columns, rows, empty="No choices are recorded.")
    return Section("fidelity", "Fidelity to the method", GUIDE, (table,))
