"""Section: what was found about each model and property, as plot, as tables and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from auditor.report.page import Block, Bullets, Cell, Column, Figure, Heading, Section, Table, Text
from auditor.report.plots import ForestRow, Range, ratio_plot
from auditor.report.plots.ratios import MOST_LINES
from auditor.report.sections.image_sweeps import image_table
from auditor.report.sections.numbers_table import numbers_table
from auditor.report.sections.over_images import over_images
from auditor.report.sections.property_tables import Found, moves_table, number_of, ratio_tables
from auditor.report.sections.score_table import score_table, smoothness_words
from auditor.report.source import Source, is_property
from auditor.report.words import full_sentence, unit_word, verdict_cell
from auditor.results.audit_result import AuditResult, Finding

GUIDE = (
    "How far each model's score moves while one property is changed gradually, and whether it moves further than "
    "along control properties that must not matter."
)
READING = (
    "Marks are estimates, and the lines through them their intervals. Left: the mean range of the score along a sweep. "
    "Right: how many times further it moves along the property than along the controls, on a logarithmic axis; the "
    "strong line is a ratio of 1. “Relies” takes an interval wholly to the right of the shaded zone, “does not rely” "
    "a range wholly inside the shaded margin."
)
MARKS = (
    "Full upright bar: relies. Empty upright bar: does not rely. Triangle: inconclusive. Lozenge: invalid. Lying bar: "
    "described only, since there is nothing to compare with."
)
MOST_SENTENCES = 12
ELSEWHERE = (
    "The curves of checkpoints over their epochs stand under Training dynamics, their numbers in the tables here."
)


def properties_section(source: Source) -> Section:
    """One part for each analysis; says so where nothing was found."""
    result = source.result
    findings = tuple(one for one in result.findings if is_property(one))
    blocks: list[Block] = [] if findings else [Text(("This audit has no findings about properties.",))]
    number = 0
    for analysis in dict.fromkeys(one.analysis for one in findings):
        mine = tuple(one for one in findings if one.analysis == analysis)
        found = by_property(mine)
        blocks.append(Heading(f"Analysis {analysis}"))
        checkpoints = {one.model for one in result.checkpoints}
        figures = _figures(analysis, {key: one for key, one in found.items() if key[1] not in checkpoints}, number)
        number += len(figures)
        blocks += figures
        if any(model in checkpoints for _, model in found):
            blocks.append(Text((ELSEWHERE,)))
        blocks.append(_said(analysis, found))
        is_long = len(found) > MOST_LINES
        blocks += [replace(score_table(result, analysis, found), folded=is_long), Text(smoothness_words(result))]
        blocks += [
            replace(one, folded=is_long) for one in (moves_table(analysis, found), *ratio_tables(analysis, found))
        ]
        blocks.append(numbers_table(f"{analysis}: every number behind the findings", mine, folded=True))
        blocks += image_table(result, analysis)
    return Section("properties", "Properties", GUIDE, tuple(blocks))


def by_property(findings: Sequence[Finding]) -> Found:
    """Findings about one analysis, grouped; properties first, models within them, both as declared."""
    found: Found = {}
    for name in dict.fromkeys(one.subject.name for one in findings):
        for one in findings:
            if one.subject.name == name:
                found.setdefault((name, one.model), {})[one.quantity] = one
    return found


def property_numbers(result: AuditResult, analysis: str) -> Found:
    """Findings of one analysis about properties, by property and model."""
    return by_property([one for one in result.findings if is_property(one) and one.analysis == analysis])


def _figures(analysis: str, found: Found, before: int) -> list[Figure]:
    """A drawing for each property and unit of scores, and further ones where there are many models."""
    figures: list[Figure] = []
    units = {key: each["range"].unit if "range" in each else "" for key, each in found.items()}
    for name, unit in dict.fromkeys((name, units[name, model]) for name, model in found):
        models = [(model, each) for (of, model), each in found.items() if (of, units[of, model]) == (name, unit)]
        for start in range(0, len(models), MOST_LINES):
            part = models[start : start + MOST_LINES]
            figures.append(_figure(before + len(figures) + 1, name, analysis, part))
    return figures


def _figure(number: int, name: str, analysis: str, models: Sequence[tuple[str, dict[str, Finding]]]) -> Figure:
    title = f"{name}: how far scores move, and how far beside the controls"
    rows = [
        ForestRow(model, (_range(each.get("range")), _range(each.get("ratio"))), verdict_cell(each.get("range")))
        for model, each in models
    ]
    spans = [each["range"] for _, each in models if "range" in each]
    ratios = [each["ratio"] for _, each in models if "ratio" in each]
    margins = {one.margin for one in spans}
    said = "; ".join(
        f"{model}: {verdict_cell(each.get('range')).text.lower()}, range {number_of(each, 'range')}, ratio "
        f"{number_of(each, 'ratio')}"
        for model, each in models
    )
    units = ", ".join(dict.fromkeys(unit_word(one.unit) for one in spans)) or "score"
    svg = ratio_plot(
        f"figure-property-{number}", title, f"{said}.", units, margins.pop() if len(margins) == 1 else None,
        ratios[0].margin if ratios else None, rows, about=name,
    )  # fmt: skip
    caption = f"Property {name}, analysis {analysis}. {over_images(spans)}".rstrip()
    return Figure(svg, title, f"{said}.", f"{caption} {READING} {MARKS}" if number == 1 else caption)


def _range(finding: Finding | None) -> Range:
    if finding is None or finding.interval is None:
        return Range(None if finding is None else finding.estimate, None, None)
    return Range(finding.estimate, finding.interval.low, finding.interval.high)


def _said(analysis: str, found: Found) -> Block:
    """The verdicts in words: as a list, or folded where there are many."""
    if len(found) <= MOST_SENTENCES:
        return Bullets(_sentences(found))
    rows = tuple(
        (Cell(name), Cell(model), verdict_cell(each["range"]), Cell(full_sentence(each["range"].sentence)))
        for (name, model), each in found.items()
        if "range" in each
    )
    columns = (Column("Property"), Column("Model"), Column("Verdict", "mark"), Column("In words", "wide"))
    return Table(f"{analysis}: every verdict in words", columns, rows, folded=True)


def _sentences(found: Found) -> tuple[str, ...]:
    return tuple(
        f"{name}, {model}: {verdict_cell(each.get('range')).text.lower()}. {full_sentence(each['range'].sentence)}"
        for (name, model), each in found.items()
        if "range" in each
    )
