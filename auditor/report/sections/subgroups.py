"""Section: the same findings within each subgroup of rows."""

from __future__ import annotations

from auditor.report.number_text import count_text, estimate_text, percent_text
from auditor.report.page import Block, Cell, Column, Heading, Section, Table, Text
from auditor.report.source import Source
from auditor.report.words import full_sentence, quantity_word
from auditor.results.audit_result import Finding

GUIDE = "The same numbers within each subgroup of rows, where the document names a column (by)."

NONE = "No analysis of this audit names a column of subgroups, so every number speaks of all rows together."

NOTE = (
    "Intervals are two-sided at {}, each for itself: among many subgroups, some differ by chance. Responses are in "
    "ranks among all rows; importance is that within the subgroup. Nothing is tested here, no verdict is given, and no "
    "side effect is taken out."
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
        blocks += [Heading(title), _table(f"{title}: responses", column, lines, RESPONSES, True)]
        blocks.append(_table(f"{title}: importance and decisions", column, lines, OTHERS, False))
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


def _table(title: str, column: str, lines: Lines, quantities: tuple[str, ...], told: bool) -> Table:
    """A line for each concept and subgroup; `told` adds what is said of few rows."""
    rows = tuple(
        (Cell(concept), Cell(value or "(empty)"), Cell(count_text(max(one.n for one in found.values()))),
         *(Cell(_number(found.get(quantity))) for quantity in quantities),
         *((Cell(_said(found)),) if told else ()))
        for (concept, value), found in lines.items()
    )  # fmt: skip
    columns = (Column("Concept"), Column(column), Column("Rows", "number"),
               *(Column(quantity_word(quantity), "number") for quantity in quantities),
               *((Column("To be said", "wide"),) if told else ()))  # fmt: skip
    return Table(title, columns, rows)


def _said(found: dict[str, Finding]) -> str:
    return (full_sentence(found["response"].sentence) if "response" in found else "") or "none"


def _number(finding: Finding | None) -> str:
    return estimate_text(None, None) if finding is None else estimate_text(finding.estimate, finding.interval)
