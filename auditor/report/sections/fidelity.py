"""Section: every choice that shapes the numbers, and who made it."""

from __future__ import annotations

from typing import Final

from auditor.report.page import Cell, Column, Section, Table
from auditor.report.source import Source
from auditor.results.audit_result import FidelityRow

GUIDE = "Another choice could give other numbers. Each is listed with its value and with who made it."
DEPARTURES = "Departures from the paper and its code, and what they leave open"
FIELDS = "Every field of the document that shapes the numbers"

CHOOSERS: Final[dict[str, str]] = {
    "document": "the author, in the document",
    "paper": "the method's paper",
    "code": "the paper's released code",
    "auditor": "auditor, as its default",
}


COLUMNS = (Column("Field or choice", "code"), Column("Value", "code"), Column("Chosen by"))


def fidelity_section(source: Source) -> Section:
    """The fidelity table; says so where it is empty."""
    # Of the many effects of an intervention one is set: the others would bury what was chosen.
    shown = [row for row in source.result.fidelity if not (source.about_properties and _is_unset(row))]
    noted = [row for row in shown if row.note]
    fields = Table(FIELDS, COLUMNS, tuple(_cells(row) for row in shown if not row.note),
                   empty="No choices are recorded." if not shown else "No further choices are recorded.",
                   note=_note(len(source.result.fidelity) - len(shown)))  # fmt: skip
    if not noted:
        return Section("fidelity", "Fidelity to the method", GUIDE, (fields,))
    rows = tuple((*_cells(row), Cell(row.note)) for row in noted)
    departures = Table(DEPARTURES, (*COLUMNS, Column("Note", "wide")), rows)
    return Section("fidelity", "Fidelity to the method", GUIDE, (departures, fields))


def _cells(row: FidelityRow) -> tuple[Cell, Cell, Cell]:
    return Cell(row.field), Cell(row.value), Cell(CHOOSERS[row.chosen_by])


def _is_unset(row: FidelityRow) -> bool:
    """Whether a row is a field that nobody set and that has no value."""
    return row.value == "null" and row.chosen_by != "document" and not row.note


def _note(left_out: int) -> str:
    if not left_out:
        return ""
    return f"{left_out:,} fields that were not set and have no value are left out; the document as resolved has them."
