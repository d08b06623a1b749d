"""A forest plot of property gradients: for each model the range of its score, and the ratio to the controls."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from auditor.report.number_text import limit_text
from auditor.report.plots.axis import Axis, LogAxis, axis_around, draw_axis, log_axis_around
from auditor.report.plots.forest import (
    PANELS,
    ROW,
    TOP,
    VERDICT_AT,
    WIDTH,
    ForestRow,
    draw_range,
    draw_words,
)
from auditor.report.svg import BAND, BAND_EDGE, RULE, SOFT_INK, box, drawing, fit_lines, line, text

MOST_LINES = 24
"""Lines of one drawing, so that it fits on a sheet of paper."""


def ratio_plot(name: str, title: str, description: str, unit: str, margin: float | None, least: float | None,
               rows: Sequence[ForestRow], about: str = "") -> Markup:  # fmt: skip
    """The drawing.

    Args:
        name: what makes its ids unique on the page.
        title: of the drawing.
        description: the same in words.
        unit: of the range.
        margin: the declared range that counts as none, or None.
        least: the ratio from which a move is one beyond the controls; None where there is no ratio.
        rows: a line each: the range, on a linear axis from 0, and the ratio, on a logarithmic axis.
        about: the property, which stands below the head of the models.
    """
    bottom = TOP + ROW * max(1, len(rows))
    spans = [row.ranges[0] for row in rows]
    ratios = [row.ranges[1] for row in rows]
    linear = axis_around([*(v for one in spans for v in (one.estimate, one.low, one.high)), margin], *PANELS[0])
    log = log_axis_around([*(v for one in ratios for v in (one.estimate, one.low, one.high)), least], *PANELS[1])
    parts = _head(linear, f"Range ({unit})", _zone_words(margin), bottom, 0.0, margin)
    if least is None:
        parts += _no_ratio(log, bottom)
    else:
        said = f"shaded: up to {limit_text(least)} times; log axis"
        parts += _head(log, "Ratio to the controls", said, bottom, log.low, least)
    for i, row in enumerate(rows):
        y = TOP + ROW * (i + 0.5)
        parts += draw_range(linear, y, row.ranges[0], row.verdict)
        if least is not None:
            parts += draw_range(log, y, row.ranges[1], row.verdict)
        parts += draw_words(y, row)
        parts.append(line(8, TOP + ROW * (i + 1), WIDTH - 8, TOP + ROW * (i + 1), colour=RULE, width=0.5))
    parts.append(text(8, 18, "Model", size=12.5, bold=True))
    if about:
        for i, words in enumerate(fit_lines(about, PANELS[0][0] - 16, 11)):
            parts.append(text(8, 35 + 13 * i, words, size=11, colour=SOFT_INK))
    parts.append(text(VERDICT_AT - 5, 18, "Verdict", size=12.5, bold=True))
    return drawing(WIDTH, bottom + 30, name, title, description, parts)


def _zone_words(margin: float | None) -> str:
    return "no margin declared" if margin is None else f"shaded: margin {limit_text(margin)}"


def _head(axis: Axis | LogAxis, title: str, zone: str, bottom: float, start: float, end: float | None) -> list[Markup]:
    """A panel's title, the words for its shaded zone from `start` to `end`, and its axis."""
    middle = (axis.left + axis.right) / 2
    parts = [
        text(middle, 18, title, size=12.5, anchor="middle", bold=True),
        text(middle, 38, zone, size=11, anchor="middle", colour=SOFT_INK),
    ]
    if end is not None:
        low, high = axis.at(start), axis.at(end)
        parts.append(box(low, TOP, high - low, bottom - TOP, fill=BAND))
        parts.append(line(high, TOP, high, bottom, colour=BAND_EDGE, dashes="4 3"))
    return parts + draw_axis(axis, TOP, bottom)


def _no_ratio(axis: LogAxis, bottom: float) -> list[Markup]:
    middle = (axis.left + axis.right) / 2
    return [
        text(middle, 18, "Ratio to the controls", size=12.5, anchor="middle", bold=True),
        text(
            middle,
            (TOP + bottom) / 2 + 4,
            "no ratio: nothing to compare with",
            size=11,
            anchor="middle",
            colour=SOFT_INK,
        ),
    ]
