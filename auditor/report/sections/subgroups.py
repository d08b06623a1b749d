"""Section: the same findings within each subgroup of rows."""

from __future__ import annotations

from auditor.report.number_text import count_text, estimate_text, percent_text
from auditor.report.page import Block, Cell, Column, Heading, Section, Table, Text
from auditor.report.source import Source
from auditor.report.words import full_sentence, quantity_word
from auditor.results.audit_result import Finding

GUIDE = "The same numbers within each subgroup of rows, where the document names a column (`by`)."

NONE = "No analysis of this audit names a column of subgroups, so every number speaks of all rows together."

QUANTITIES = ("response", "systematic_response", "importance", "flips")


def subgroups_section(source: Source) -> Section:
    """A table for each analysis, model and column; says so where there are none."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for one in source.result.findings:
        if one.subgroup is not None:
            groups.setdefault((one.analysis, one.model, one.subgroup.column), []).append(one)
    blocks: list[Block] = [] if groups else [Text((NONE,))]
    for (analysis, model, column), found in groups.items():
        blocks += [Heading(f"Model {model}, analysis {analysis}, by {column}"), _table(model, column, found)]
    return Section("subgroups", "Subgroups", GUIDE, tuple(blocks))


def _table(model: str, column: str, findings: list[Finding]) -> Table:
    lines: dict[tuple[str, str], dict[str, Finding]] = {}
    for one in findings:
        assert one.subgroup is not None
        lines.setdefault((one.subject.name, one.subgroup.value), {})[one.quantity] = one
    rows = tuple(
        (Cell(concept), Cell(value or "(empty)"), Cell(count_text(max(one.n for one in found.values()))),
         *(Cell(_number(found.get(quantity))) for quantity in QUANTITIES),
         Cell(full_sentence(found["response"].sentence) if "response" in found else ""))
        for (concept, value), found in lines.items()
    )  # fmt: skip
    numbers = (Column(quantity_word(quantity), "number") for quantity in QUANTITIES)
    columns = (Column("Concept"), Column(column), Column("Rows", "number"), *numbers, Column("Beside it", "wide"))
    levels = sorted({one.interval.confidence for one in findings if one.interval})
    note = (
        f"Intervals are two-sided at {' or '.join(map(percent_text, levels))}, each for itself: among many subgroups, "
        "some differ by chance. Responses are in ranks among all rows; importance is that within the subgroup. Nothing "
        "is tested here, no verdict is given, and no side effect is taken out."
    )
    return Table(f"{model} by {column}: estimates and intervals", columns, rows, note=note if levels else "")


def _number(finding: Finding | None) -> str:
    return estimate_text(None, None) if finding is None else estimate_text(finding.estimate, finding.interval)
