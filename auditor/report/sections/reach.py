"""Section: what this audit could have found, whatever it did find."""

from __future__ import annotations

from auditor.report.number_text import p_text, percent_text, value_text
from auditor.report.page import Block, Cell, Column, Heading, Section, Table, Text
from auditor.report.source import Source
from auditor.results.audit_result import ReachResult

GUIDE = "How small an effect these rows and this many draws of noise can show, and how small a margin they can confirm."

NOTHING = "This result holds no such numbers: it was made before they were reported."

COLUMNS = (
    Column("Concept"),
    Column("Fewest rows in a cell", "number"),
    Column("Largest importance possible", "number"),
    Column("Importance found", "number"),
    Column("Importance margin passed", "number"),
    Column("Response found", "number"),
    Column("Response margin passed", "number"),
)


def reach_section(source: Source) -> Section:
    """A table for each analysis and model."""
    groups: dict[tuple[str, str], list[ReachResult]] = {}
    for one in source.result.reach:
        groups.setdefault((one.analysis, one.model), []).append(one)
    blocks: list[Block] = [] if groups else [Text((NOTHING,))]
    for (analysis, model), lines in groups.items():
        title = f"Model {model}, analysis {analysis}"
        if len(groups) > 1:
            blocks.append(Heading(title))
        blocks.append(_table(title, lines))
    return Section("reach", "What could have been found", GUIDE, tuple(blocks))


def _table(title: str, lines: list[ReachResult]) -> Table:
    rows = tuple(
        (Cell(one.concept),
         Cell(value_text(one.smallest_cell, 1)), Cell(_number(one.largest_importance)),
         Cell(_number(one.detectable_importance)), Cell(_number(one.smallest_margin)),
         Cell(_number(one.detectable_response)), Cell(_number(one.smallest_response)))
        for one in lines
    )  # fmt: skip
    first = lines[0]
    least = None if first.smallest_p is None else p_text(first.smallest_p)
    smallest = f"The smallest adjusted p-value that both tests can reach is {least}." if least else "Nothing is tested."
    note = (
        f"{smallest} Found: by a test at {first.alpha:g} over a family of {first.family}, with a chance of "
        f"{percent_text(first.power)}. Margin passed: the smallest that a model without the effect stays below at "
        f"confidence {percent_text(first.confidence)} with that chance; smaller ones are not to be expected to hold. "
        "Forecasts, by the spread of scores that this run measured; responses are in ranks."
    )
    return Table(f"{title}: what could have been found", COLUMNS, rows, note=note)


def _number(value: float | None) -> str:
    return "none known" if value is None else value_text(value)
