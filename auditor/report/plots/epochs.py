"""Curves over epochs: the score and the share of flips of every series of checkpoints, each with its intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from auditor.report.plots.axis import Axis, LogAxis, axis_around, log_axis_around
from auditor.report.plots.curves import COLOURS, DASHES, Curve, CurvePoint
from auditor.report.svg import INK, RULE, SOFT_INK, drawing, element, fit_lines, line, text

WIDTH, LEFT, RIGHT = 760.0, 62.0, 744.0
HEIGHT, TITLE, BELOW = 170.0, 30.0, 26.0
LEGEND = 20.0
MARKS = 5
"""Shapes of marks, so that series differ without colour and dashes too."""


@dataclass(frozen=True)
class EpochPanel:
    """One number over epochs, a curve a series; a panel without a value says so."""

    title: str
    curves: tuple[Curve, ...]
    limit: float | None = None
    """A value that is drawn as a dashed line."""
    is_ratio: bool = False
    """Whether the axis upwards is logarithmic."""


def epoch_plot(name: str, title: str, description: str, across: str, panels: Sequence[EpochPanel]) -> Markup:
    """The drawing: panels under each other on one axis across, and a legend of the series."""
    ats = [point.at for panel in panels for curve in panel.curves for point in curve.points]
    horizontal = Axis(min(ats), max(ats), LEFT, RIGHT) if ats and min(ats) < max(ats) else _around(ats)
    parts: list[Markup] = []
    for i, panel in enumerate(panels):
        y = TITLE + i * (HEIGHT + TITLE + BELOW)
        parts += _panel(y, horizontal, panel)
    bottom = len(panels) * (HEIGHT + TITLE + BELOW)
    parts.append(text((LEFT + RIGHT) / 2, bottom + 8, across, size=12, anchor="middle"))
    names = [curve.name for curve in panels[0].curves] if panels else []
    for i, series in enumerate(names):
        x, y = LEFT + (i % 2) * (RIGHT - LEFT) / 2, bottom + 30 + LEGEND * (i // 2)
        colour, dashes = COLOURS[i % len(COLOURS)], DASHES[i % len(DASHES)]
        parts.append(line(x, y, x + 36, y, colour=colour, width=2, dashes=dashes))
        parts.append(_mark(x + 18, y, i))
        parts.append(text(x + 44, y + 4, fit_lines(series, (RIGHT - LEFT) / 2 - 56, 12, most=1)[0]))
    height = bottom + 24 + LEGEND * math.ceil(len(names) / 2)
    return drawing(WIDTH, height, name, title, description, parts)


def _around(ats: Sequence[float]) -> Axis:
    middle = ats[0] if ats else 0.0
    return Axis(middle - 1.0, middle + 1.0, LEFT, RIGHT)


def _panel(y: float, horizontal: Axis, panel: EpochPanel) -> list[Markup]:
    bottom = y + HEIGHT
    points = [point for curve in panel.curves for point in curve.points]
    vertical = _upwards(panel, points, bottom, y)
    parts = [text(LEFT, y - 8, panel.title, size=12.5, bold=True)]
    for tick in vertical.ticks:
        at = vertical.at(tick)
        parts.append(line(LEFT, at, RIGHT, at, colour=RULE, width=0.7))
        parts.append(text(LEFT - 6, at + 4, vertical.tick_text(tick), size=11, anchor="end", colour=SOFT_INK))
    for tick in _across(horizontal):
        at = horizontal.at(tick)
        parts.append(line(at, bottom, at, bottom + 4, colour=SOFT_INK))
        parts.append(text(at, bottom + 16, horizontal.tick_text(tick), size=11, anchor="middle", colour=SOFT_INK))
    parts.append(line(LEFT, bottom, RIGHT, bottom, colour=INK))
    parts.append(line(LEFT, y, LEFT, bottom, colour=INK))
    if not any(point.value is not None for point in points):
        middle = (LEFT + RIGHT) / 2
        return [*parts, text(middle, y + HEIGHT / 2, "not measured", size=11, anchor="middle", colour=SOFT_INK)]
    if panel.limit is not None:
        at = vertical.at(panel.limit)
        parts.append(line(LEFT, at, RIGHT, at, colour=INK, width=1.2, dashes="6 4"))
    for i, curve in enumerate(panel.curves):
        parts += _curve(horizontal, vertical, curve, i)
    return parts


def _across(horizontal: Axis) -> tuple[float, ...]:
    """Round epochs, and the first one where no tick stands near it."""
    first, ticks = horizontal.low, horizontal.ticks
    return ticks if any(abs(tick - first) < horizontal.step / 3 for tick in ticks) else (first, *ticks)


def _upwards(panel: EpochPanel, points: Sequence[CurvePoint], bottom: float, top: float) -> Axis | LogAxis:
    """The axis upwards: from 0 where nothing lies below, logarithmic for ratios."""
    values = [v for p in points for v in (p.value, p.low, p.high)]
    if panel.is_ratio:
        return log_axis_around([*values, panel.limit], bottom, top)
    around = axis_around([*values, panel.limit], bottom, top)
    low = 0.0 if all((p.low if p.low is not None else p.value or 0.0) >= 0 for p in points) else around.low
    return Axis(low, around.high, bottom, top)


def _curve(horizontal: Axis, vertical: Axis | LogAxis, curve: Curve, number: int) -> list[Markup]:
    there = [point for point in curve.points if point.value is not None]
    if not there:
        return []
    colour, dashes = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
    parts: list[Markup] = []
    banded = [point for point in there if point.low is not None and point.high is not None]
    if len(banded) > 1:
        upper = [(horizontal.at(p.at), vertical.at(p.high or 0.0)) for p in banded]
        lower = [(horizontal.at(p.at), vertical.at(p.low or 0.0)) for p in reversed(banded)]
        parts.append(element("path", d=f"{_path([*upper, *lower])} Z", fill=colour, fill_opacity=0.13))
    line_points = [(horizontal.at(p.at), vertical.at(p.value or 0.0)) for p in there]
    parts.append(element("path", d=_path(line_points), fill="none", stroke=colour, stroke_width=2,
                         stroke_dasharray=dashes))  # fmt: skip
    return parts + [_mark(x, y, number) for x, y in line_points]


def _mark(x: float, y: float, number: int) -> Markup:
    """A shape of its own for each of the first series."""
    colour, r = COLOURS[number % len(COLOURS)], 3.2
    shapes = (
        f"M{x - r:.2f},{y:.2f} a{r},{r} 0 1 0 {2 * r},0 a{r},{r} 0 1 0 {-2 * r},0 Z",
        f"M{x - r:.2f},{y - r:.2f} h{2 * r} v{2 * r} h{-2 * r} Z",
        f"M{x:.2f},{y - 1.3 * r:.2f} l{1.2 * r:.2f},{2.2 * r:.2f} h{-2.4 * r:.2f} Z",
        f"M{x:.2f},{y - 1.4 * r:.2f} l{1.4 * r:.2f},{1.4 * r:.2f} l{-1.4 * r:.2f},{1.4 * r:.2f} "
        f"l{-1.4 * r:.2f},{-1.4 * r:.2f} Z",
        f"M{x:.2f},{y + 1.3 * r:.2f} l{1.2 * r:.2f},{-2.2 * r:.2f} h{-2.4 * r:.2f} Z",
    )
    return element("path", d=shapes[number % MARKS], fill=colour)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x:.2f},{y:.2f}" for x, y in points)
