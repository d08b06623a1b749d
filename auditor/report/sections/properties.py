"""Section: what was found about each model and property, as plot, as tables and in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from auditor.report.number_text import NOT_MEASURED, estimate_text, times_text, value_text
from auditor.report.page import Block, Bullets, Cell, Column, Figure, Heading, Section, Table, Text
from auditor.report.plots import ForestRow, Range, ratio_plot
from auditor.report.plots.ratios import MOST_LINES
from auditor.report.sections.findings import numbers_table
from auditor.report.sections.image_sweeps import image_table
from auditor.report.sections.score_table import score_table, smoothness_words
from auditor.report.source import Source, is_property
from auditor.report.words import full_sentence, quantity_word, spoken, unit_word, verdict_cell
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
MOVES = ("range", "net_change", "gradient_per_unit")
RATIOS = ("ratio", "ratio_in_general")
MOST_CONTROLS = 3
MOST_SENTENCES = 12
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
        blocks.append(_said(analysis, found))
        blocks += [score_table(result, analysis, found), Text(smoothness_words(result)), _moves(analysis, found)]
        blocks += _ratios(analysis, found)
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
    figures: list[Figure] = []
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
    if one is None:
        return NOT_MEASURED
    return (times_text if one.unit == "times" else estimate_text)(one.estimate, one.interval)


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


def _moves(analysis: str, found: Found) -> Table:
    units = "; ".join(
        dict.fromkeys(
            f"{name}: {each['range'].unit}, {each['gradient_per_unit'].unit}"
            for (name, _), each in found.items()
            if "range" in each and "gradient_per_unit" in each
        )
    )
    note = (
        "Means over images with two-sided intervals. The range is the largest less the smallest score of a sweep, the "
        f"net change the last less the first. Units of range and E|grad| per unit: {units or 'none'}."
    )
    return _numbers(f"{analysis}: how far scores move, estimate and interval", found, MOVES, (), note)


def _ratios(analysis: str, found: Found) -> list[Table]:
    """The ratios to all controls and to each; nothing where there are no controls."""
    quantities = tuple(each for each in RATIOS if any(each in one for one in found.values()))
    if not quantities:
        return []
    against = tuple(dict.fromkeys(key for one in found.values() if "ratio" in one for key in one["ratio"].details))
    note = "Geometric means over images, with two-sided intervals; ratios to one control are estimates alone."
    note += IN_GENERAL if len(quantities) > 1 else ""
    return [_numbers(f"{analysis}: how far beside the controls, in times", found, quantities, against, note)]


def _numbers(caption: str, found: Found, quantities: Sequence[str], against: Iterable[str], note: str) -> Table:
    """A line for each property and model: estimates of quantities, and details of the ratio named in `against`."""
    shown = tuple(against)[:MOST_CONTROLS]
    rows = tuple(
        (Cell(name), Cell(model), *((verdict_cell(each.get("range")),) if not shown else ()),
         *(Cell(number_of(each, quantity)) for quantity in quantities),
         *(Cell(_detail(each.get("ratio"), key)) for key in shown))
        for (name, model), each in found.items()
    )  # fmt: skip
    columns = (Column("Property"), Column("Model"), *((Column("Verdict", "mark"),) if not shown else ()),
               *(Column(quantity_word(quantity), "number") for quantity in quantities),
               *(Column(spoken(key), "number") for key in shown))  # fmt: skip
    left = len(tuple(against)) - len(shown)
    more = f" Of the controls {len(shown)} are shown; {left} stand in the table below." if left else ""
    return Table(caption, columns, rows, note=note + more)


def times_of(value: float) -> str:
    """A ratio without an interval, such as `9.04`."""
    return value_text(value, 2 if value >= 0.1 else None)


def _detail(finding: Finding | None, key: str) -> str:
    value = None if finding is None else finding.details.get(key)
    return times_of(value) if isinstance(value, float) else NOT_MEASURED
