"""Curves with bands: one for each method, told apart by colour, dashes and a mark at each point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from auditor.report.plots.axis import Axis
from auditor.report.svg import INK, RULE, SOFT_INK, drawing, element, fit_lines, line, text

LEFT, RIGHT, TOP, BOTTOM = 52.0, 500.0, 18.0, 288.0
LEGEND = 522.0
WIDTH = 760.0
COLOURS = ("#1f4e87", "#a11b1b", "#1a6638", "#855600", "#55336e", "#3a7d8c")
DASHES = (None, "7 3", "2 3", "9 3 2 3", "4 4", "1 3")


@dataclass(frozen=True)
class CurvePoint:
    """A point of a curve; None where it, or its interval, does not exist."""

    at: float
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Curve:
    """A curve and its name; a `plain` one, such as chance, is thin and has no marks."""

    name: str
    points: tuple[CurvePoint, ...]
    plain: bool = False


def curve_plot(name: str, title: str, description: str, across: str, curves: Sequence[Curve],
               ends: tuple[float, float], ticks: Sequence[float]) -> Markup:  # fmt: skip
    """The drawing: values from 0 to 1 upwards, `ends` of the axis across and its `ticks`."""
    horizontal, vertical = Axis(*ends, LEFT, RIGHT), Axis(0.0, 1.0, BOTTOM, TOP)
    parts: list[Markup] = []
    for tick in vertical.ticks:
        parts.append(line(LEFT, vertical.at(tick), RIGHT, vertical.at(tick), colour=RULE, width=0.7))
        parts.append(text(LEFT - 6, vertical.at(tick) + 4, vertical.tick_text(tick), size=11, anchor="end"))
    for tick in ticks:
        at = horizontal.at(tick)
        parts.append(line(at, BOTTOM, at, BOTTOM + 4, colour=SOFT_INK))
        parts.append(text(at, BOTTOM + 17, f"{tick:g}", size=11, anchor="middle", colour=SOFT_INK))
    parts.append(line(LEFT, BOTTOM, RIGHT, BOTTOM, colour=INK))
    parts.append(line(LEFT, TOP, LEFT, BOTTOM, colour=INK))
    parts.append(text((LEFT + RIGHT) / 2, BOTTOM + 36, across, size=12, anchor="middle"))
    number = 0
    for i, curve in enumerate(curves):
        colour = SOFT_INK if curve.plain else COLOURS[number % len(COLOURS)]
        dashes = "1 4" if curve.plain else DASHES[number % len(DASHES)]
        number += not curve.plain
        parts += _curve(horizontal, vertical, curve, colour, dashes)
        y = TOP + 12 + 22 * i
        parts.append(line(LEGEND, y - 4, LEGEND + 34, y - 4, colour=colour, width=2.2, dashes=dashes))
        parts.append(text(LEGEND + 42, y, fit_lines(curve.name, WIDTH - LEGEND - 46, 12, most=1)[0]))
    return drawing(WIDTH, max(BOTTOM + 48, TOP + 24 + 22 * len(curves)), name, title, description, parts)


def _curve(horizontal: Axis, vertical: Axis, curve: Curve, colour: str, dashes: str | None) -> list[Markup]:
    there = [point for point in curve.points if point.value is not None]
    if not there:
        return []
    parts: list[Markup] = []
    banded = [point for point in there if point.low is not None and point.high is not None]
    if banded and not curve.plain:
        edge = [(horizontal.at(p.at), vertical.at(p.low or 0.0)) for p in banded]
        edge += [(horizontal.at(p.at), vertical.at(p.high or 0.0)) for p in reversed(banded)]
        parts.append(element("path", d=_path(edge) + " Z", fill=colour, fill_opacity=0.12))
    path = _path([(horizontal.at(p.at), vertical.at(p.value or 0.0)) for p in there])
    parts.append(element("path", d=path, fill="none", stroke=colour, stroke_width=1 if curve.plain else 2,
                         stroke_dasharray=dashes))  # fmt: skip
    if not curve.plain:
        parts += [
            element("circle", cx=horizontal.at(p.at), cy=vertical.at(p.value or 0.0), r=2.6, fill=colour) for p in there
        ]
    return parts


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x:.2f},{y:.2f}" for x, y in points)
