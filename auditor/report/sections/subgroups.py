"""Section: the same findings within each subgroup of rows."""

from __future__ import annotations

from auditor.report.number_text import count_text, estimate_text, percent_text
from auditor.report.page import Block, Cell, Column, Heading, Section, Table, Text
from auditor.report.source import Source
from auditor.report.words import quantity_word
from auditor.results.audit_result import Finding

GUIDE = "The same numbers within each subgroup of rows, where the document names a column (by)."

NONE = "No analysis of this audit names a column of subgroups, so every number speaks of all rows together."

NOTE = (
    "Intervals are two-sided at {}, each for itself: among many subgroups, some differ by chance. Responses are in "
    "ranks among all rows; importance is that within the subgroup. Nothing is tested here, no verdict is given, and no "
    "side effect is taken out. Where rows are “few”, a label and a value of the concept meet in fewer than 5 expected "
    "rows, or not at all: nothing may be called absent there."
)
RESPONSES = ("response", "systematic_response")
OTHERS = ("importance", "flips")
Lines = dict[tuple[str, str], dict[str, Finding]]


def subgroups_section(source: Source) -> Section:
    """A table for each analysis, model and column; says so where there are none."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for one in source.result.findings:
        if one.subgroup is not None:
            groups.setdefault((one.analysis, one.model, one.subgroup.column), []).append(one)
    blocks: list[Block] = [] if groups else [Text((NONE,))]
    for (analysis, model, column), found in groups.items():
        title = f"Model {model}, analysis {analysis}, by {column}"
        lines = _lines(found)
        blocks += [Heading(title), _table(f"{title}: responses", column, lines, RESPONSES)]
        blocks.append(_table(f"{title}: importance and decisions", column, lines, OTHERS))
        levels = sorted({one.interval.confidence for one in found if one.interval})
        if levels:
            blocks.append(Text((NOTE.format(" or ".join(map(percent_text, levels))),)))
    return Section("subgroups", "Subgroups", GUIDE, tuple(blocks))


def _lines(findings: list[Finding]) -> Lines:
    lines: Lines = {}
    for one in findings:
        if one.subgroup is not None:
            lines.setdefault((one.subject.name, one.subgroup.value), {})[one.quantity] = one
    return lines


def _table(title: str, column: str, lines: Lines, quantities: tuple[str, ...]) -> Table:
    """A line for each concept and subgroup."""
    rows = tuple(
        (Cell(concept), Cell(value or "(empty)"), Cell(_rows(found)),
         *(Cell(_number(found.get(quantity))) for quantity in quantities))
        for (concept, value), found in lines.items()
    )  # fmt: skip
    columns = (Column("Concept"), Column(column), Column("Rows", "number"),
               *(Column(quantity_word(quantity), "number") for quantity in quantities))  # fmt: skip
    return Table(title, columns, rows)


def _rows(found: dict[str, Finding]) -> str:
    """How many rows, and whether they are too few for anything to be called absent."""
    few = "response" in found and found["response"].sentence.startswith("few rows")
    return count_text(max(one.n for one in found.values())) + (", few" if few else "")


def _number(finding: Finding | None) -> str:
    return estimate_text(None, None) if finding is None else estimate_text(finding.estimate, finding.interval)
