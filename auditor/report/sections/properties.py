"""Section: what was found about each model and property, as plot, as tables and in words."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.report.number_text import estimate_text
from auditor.report.page import Block, Bullets, Cell, Column, Figure, Heading, Section, Table, Text
from auditor.report.plots import ForestRow, Range, ratio_plot
from auditor.report.plots.ratios import MOST_LINES
from auditor.report.sections.findings import numbers_table
from auditor.report.sections.image_sweeps import image_table
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
OTHER_QUANTITIES = (
    ("range", "Range"), ("net_change", "Net change"), ("gradient_per_unit", "E|grad| per unit"),
    ("ratio", "Ratio to the controls"), ("ratio_in_general", "Ratio in general"),
)  # fmt: skip
IN_GENERAL = (
    " The ratio in general compares with changes like the controls, which differ among themselves: with few controls "
    "its interval is wide."
)

Found = dict[tuple[str, str], dict[str, Finding]]
"""Findings by quantity, of each property and model."""


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
        figures = _figures(analysis, found, number)
        number += len(figures)
        blocks += figures
        blocks.append(Bullets(_sentences(found)))
        blocks += [score_table(result, analysis, found), Text(smoothness_words(result)), _table(analysis, found)]
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
    """A drawing for each property, and further ones where a property has many models."""
    figures = []
    for name in dict.fromkeys(name for name, _ in found):
        models = [(model, each) for (of, model), each in found.items() if of == name]
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
        ratios[0].margin if ratios else None, rows,
    )  # fmt: skip
    caption = f"Property {name}, analysis {analysis}."
    return Figure(svg, title, f"{said}.", f"{caption} {READING} {MARKS}" if number == 1 else caption)


def _range(finding: Finding | None) -> Range:
    if finding is None or finding.interval is None:
        return Range(None if finding is None else finding.estimate, None, None)
    return Range(finding.estimate, finding.interval.low, finding.interval.high)


def number_of(found: dict[str, Finding], quantity: str) -> str:
    """An estimate with its interval; `not measured` where there is none."""
    one = found.get(quantity)
    return estimate_text(None, None) if one is None else estimate_text(one.estimate, one.interval)


def _sentences(found: Found) -> tuple[str, ...]:
    return tuple(
        f"{name}, {model}: {verdict_cell(each.get('range')).text.lower()}. {full_sentence(each['range'].sentence)}"
        for (name, model), each in found.items()
        if "range" in each
    )


def _table(analysis: str, found: Found) -> Table:
    shown = [pair for pair in OTHER_QUANTITIES if any(pair[0] in each for each in found.values())]
    rows = tuple(
        (Cell(name), Cell(model), verdict_cell(each.get("range")),
         *(Cell(number_of(each, quantity)) for quantity, _ in shown))
        for (name, model), each in found.items()
    )  # fmt: skip
    columns = (Column("Property"), Column("Model"), Column("Verdict", "mark"),
               *(Column(title, "number") for _, title in shown))  # fmt: skip
    units = "; ".join(
        dict.fromkeys(
            f"{name}: {each['range'].unit}, {each['gradient_per_unit'].unit}"
            for (name, _), each in found.items()
            if "range" in each and "gradient_per_unit" in each
        )
    )
    general = IN_GENERAL if any(quantity == "ratio_in_general" for quantity, _ in shown) else ""
    note = (
        "Means over images, ratios as geometric means, with two-sided intervals. The range is the largest less the "
        f"smallest score of a sweep, the net change the last less the first. Units of range and E|grad| per unit: "
        f"{units}.{general}"
    )
    return Table(f"{analysis}: how far scores move, estimate and interval", columns, rows, note=note)
