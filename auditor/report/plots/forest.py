"""A forest plot: for each concept its response and its importance, with intervals, on two panels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from auditor.report.number_text import limit_text
from auditor.report.page import Cell
from auditor.report.plots.axis import Axis, LogAxis, axis_around, draw_axis, not_measured
from auditor.report.svg import (
    BAND,
    BAND_EDGE,
    INK,
    RULE,
    SOFT_INK,
    box,
    drawing,
    fit_lines,
    line,
    marker,
    text,
)

WIDTH = 760
ROW = 34
TOP = 58
PANELS = ((150.0, 376.0), (404.0, 630.0))
VERDICT_AT = 646.0


@dataclass(frozen=True)
class Range:
    """An estimate and its interval; None where it was not measured."""

    estimate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class ForestRow:
    """One line of the plot: a range for each panel, and the verdict."""

    label: str
    ranges: tuple[Range, Range]
    verdict: Cell


def forest_plot(name: str, title: str, description: str, subject: str, panels: tuple[str, str],
                margins: tuple[float | None, float | None], rows: Sequence[ForestRow]) -> Markup:  # fmt: skip
    """The drawing; a declared margin is a band around zero. Without rows it holds the axes alone."""
    bottom = TOP + ROW * max(1, len(rows))
    parts: list[Markup] = []
    for k, (left, right) in enumerate(PANELS):
        margin = margins[k]
        values = [v for row in rows for v in (row.ranges[k].estimate, row.ranges[k].low, row.ranges[k].high)]
        axis = axis_around([*values, margin, None if margin is None else -margin], left, right)
        parts += [text((left + right) / 2, 18, panels[k], size=12.5, anchor="middle", bold=True)]
        parts += _margin_band(axis, margin, bottom)
        parts += draw_axis(axis, TOP, bottom)
        for i, row in enumerate(rows):
            parts += draw_range(axis, TOP + ROW * (i + 0.5), row.ranges[k], row.verdict)
    for i, row in enumerate(rows):
        parts += draw_words(TOP + ROW * (i + 0.5), row)
        parts.append(line(8, TOP + ROW * (i + 1), WIDTH - 8, TOP + ROW * (i + 1), colour=RULE, width=0.5))
    parts.append(text(8, 18, subject, size=12.5, bold=True))
    parts.append(text(VERDICT_AT - 5, 18, "Verdict", size=12.5, bold=True))
    return drawing(WIDTH, bottom + 30, name, title, description, parts)


def _margin_band(axis: Axis, margin: float | None, bottom: float) -> list[Markup]:
    middle = (axis.left + axis.right) / 2
    if margin is None:
        return [text(middle, 38, "no margin declared", size=11, anchor="middle", colour=SOFT_INK)]
    low, high = axis.at(-margin), axis.at(margin)
    return [
        box(low, TOP, high - low, bottom - TOP, fill=BAND),
        line(low, TOP, low, bottom, colour=BAND_EDGE, dashes="4 3"),
        line(high, TOP, high, bottom, colour=BAND_EDGE, dashes="4 3"),
        text(middle, 38, f"shaded: margin ±{limit_text(margin)}", size=11, anchor="middle", colour=SOFT_INK),
    ]


def draw_range(axis: Axis | LogAxis, y: float, found: Range, verdict: Cell) -> list[Markup]:
    """An estimate with the line of its interval; says so where it was not measured."""
    if found.estimate is None:
        return not_measured(axis, y)
    parts: list[Markup] = []
    if found.low is not None and found.high is not None:
        low, high = axis.at(found.low), axis.at(found.high)
        parts.append(line(low, y, high, y, width=1.8))
        parts += [line(x, y - 5, x, y + 5, colour=INK, width=1.8) for x in (low, high)]
    return [*parts, marker(axis.at(found.estimate), y, verdict.mark or "none", 5.5)]


def draw_words(y: float, row: ForestRow) -> list[Markup]:
    """The label and the verdict at both ends of a line."""
    lines = fit_lines(row.label, PANELS[0][0] - 20, 12)
    first = y + 4 - 7 * (len(lines) - 1)
    labels = [text(8, first + 14 * i, words) for i, words in enumerate(lines)]
    verdict = marker(VERDICT_AT, y, row.verdict.mark or "none")
    return [*labels, verdict, text(VERDICT_AT + 12, y + 4, row.verdict.text)]
