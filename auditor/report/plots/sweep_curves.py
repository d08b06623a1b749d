"""Scores along one sweep: a panel for each model, with its threshold, its null band and its controls."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from auditor.report.plots.axis import Axis
from auditor.report.svg import (
    BAND,
    DATA,
    INK,
    MARK_COLOURS,
    RULE,
    SOFT_INK,
    box,
    drawing,
    element,
    fit_lines,
    line,
    text,
)

WIDTH = 760.0
HEIGHT = 86.0
"""Of a panel: with it three sweeps and their frames fit a printed page that has no heading."""
TITLE, BELOW = 22.0, 36.0
LEFT, GAP = 46.0, 46.0
MOST_ACROSS = 3
MOST_DOTS = 30
GREY = "#6b7686"
CONTROL_DASHES = (None, "2 3", "9 3 2 3", "5 2", "2 2 6 2 2 2")
"""Dashes of controls, so that each can be told from the others; of more controls than dashes all are solid."""
ENTRIES, WIDE_ENTRIES = 142.0, 236.0
"""Widths of an entry of the legend: where all names are short, and where one is long."""
SHORT_NAME = 19
"""Characters of the longest name that fits a narrow entry."""


@dataclass(frozen=True)
class SweepPanel:
    """One model along a sweep.

    Attributes:
        title: the model's name.
        positions: where the points lie.
        scores: at each point.
        turns: points at which the decision differs from the point before.
        threshold: score at which the decision changes, or None.
        floor: half-width of the null band around the first score, or None.
        controls: the name of each control and the scores along its sweep, by the same steps.
    """

    title: str
    positions: tuple[float, ...]
    scores: tuple[float, ...]
    turns: tuple[int, ...]
    threshold: float | None
    floor: float | None
    controls: tuple[tuple[str, tuple[float, ...]], ...]


def sweep_curves(name: str, title: str, description: str, across: str, panels: Sequence[SweepPanel],
                 unit_interval: bool, apart: bool = False) -> Markup:  # fmt: skip
    """The drawing.

    Args:
        name: what makes its ids unique on the page.
        title: of the drawing.
        description: the same in words.
        across: words below the axis across.
        panels: of at least one model.
        unit_interval: whether scores are drawn from 0 to 1, as probabilities are; else over what they reach.
        apart: whether each panel has an axis of its own, since units differ.
    """
    columns = 2 if len(panels) == MOST_ACROSS + 1 else min(MOST_ACROSS, len(panels))
    width = (WIDTH - 8 - columns * LEFT - (columns - 1) * (GAP - LEFT)) / columns
    ends = (0.0, 1.0) if unit_interval else _ends(panels)
    parts: list[Markup] = []
    for i, panel in enumerate(panels):
        x = LEFT + (i % columns) * (width + GAP)
        y = TITLE + (i // columns) * (HEIGHT + TITLE + BELOW)
        parts += _panel(x, y, (width, HEIGHT), _ends([panel]) if apart else ends, panel, across)
    bottom = (HEIGHT + TITLE + BELOW) * math.ceil(len(panels) / columns)
    legend = _legend(bottom + 12, panels)
    lines = math.ceil(len(_entries(panels)) / _across(panels)[0])
    return drawing(WIDTH, bottom + 8 + 18 * lines, name, title, description, [*parts, *legend])


def _ends(panels: Sequence[SweepPanel]) -> tuple[float, float]:
    known = [value for one in panels for value in (*one.scores, *(v for _, each in one.controls for v in each))]
    known += [one.threshold for one in panels if one.threshold is not None]
    low, high = min(known), max(known)
    room = 0.08 * (high - low) or 0.5
    return low - room, high + room


def _panel(x: float, y: float, size: tuple[float, float], ends: tuple[float, float], panel: SweepPanel,
           across: str) -> list[Markup]:  # fmt: skip
    width, height = size
    bottom = y + height
    first, last = panel.positions[0], panel.positions[-1]
    horizontal, vertical = Axis(first, last, x, x + width), Axis(*ends, bottom, y)
    parts = [text(x, y - 8, fit_lines(panel.title, width, 12, most=1)[0], size=12, bold=True)]
    if panel.floor is not None:
        top = vertical.at(panel.scores[0] + panel.floor)
        parts.append(box(x, top, width, vertical.at(panel.scores[0] - panel.floor) - top, fill=BAND))
    for tick in vertical.ticks:
        at = vertical.at(tick)
        parts.append(line(x, at, x + width, at, colour=RULE, width=0.6))
        parts.append(text(x - 5, at + 3.5, vertical.tick_text(tick), size=10, anchor="end", colour=SOFT_INK))
    for tick in horizontal.ticks:
        at = horizontal.at(tick)
        parts.append(line(at, bottom, at, bottom + 4, colour=SOFT_INK))
        parts.append(text(at, bottom + 15, horizontal.tick_text(tick), size=10, anchor="middle", colour=SOFT_INK))
    parts.append(line(x, bottom, x + width, bottom, colour=INK))
    parts.append(line(x, y, x, bottom, colour=INK))
    words = fit_lines(across, width, 11, most=1)[0]
    parts.append(text(x + width / 2, bottom + 30, words, size=11, anchor="middle"))
    for (_, scores), dashes in zip(panel.controls, _control_dashes(len(panel.controls)), strict=True):
        # Controls may lie on another axis of their own: their steps are what is compared.
        share = (last - first) / (len(scores) - 1)
        places = panel.positions if len(scores) == len(panel.positions) else [
            first + share * k for k in range(len(scores))
        ]  # fmt: skip
        parts.append(_path(horizontal, vertical, places, scores, GREY, 1.2, dashes))
    if panel.threshold is not None:
        at = vertical.at(panel.threshold)
        parts.append(line(x, at, x + width, at, colour=MARK_COLOURS["fail"], width=1.2, dashes="6 4"))
    parts.append(_path(horizontal, vertical, panel.positions, panel.scores, DATA, 2.0))
    if len(panel.positions) <= MOST_DOTS:
        parts += [
            element("circle", cx=horizontal.at(at), cy=vertical.at(score), r=2.6, fill=DATA)
            for at, score in zip(panel.positions, panel.scores, strict=True)
        ]
    return parts + [
        _turn(horizontal.at(panel.positions[k]), vertical.at(panel.scores[k])) for k in panel.turns
    ]  # fmt: skip


def _control_dashes(count: int) -> tuple[str | None, ...]:
    """Dashes for so many controls; all solid where there are more than can be told apart."""
    return CONTROL_DASHES[:count] if count <= len(CONTROL_DASHES) else (None,) * count


def _path(horizontal: Axis, vertical: Axis, places: Sequence[float], scores: Sequence[float], colour: str,
          width: float, dashes: str | None = None) -> Markup:  # fmt: skip
    points = [(horizontal.at(at), vertical.at(score)) for at, score in zip(places, scores, strict=True)]
    path = "M" + " L".join(f"{x:.2f},{y:.2f}" for x, y in points)
    return element("path", d=path, fill="none", stroke=colour, stroke_width=width, stroke_dasharray=dashes)


def _turn(x: float, y: float) -> Markup:
    """The mark of a point that is decided otherwise than the one before it: an upright cross."""
    cross = f"M{x - 5.5:.2f},{y:.2f} h11 M{x:.2f},{y - 5.5:.2f} v11"
    return element("path", d=cross, fill="none", stroke=MARK_COLOURS["fail"], stroke_width=2)


def _entries(panels: Sequence[SweepPanel]) -> list[tuple[str, str]]:
    """What the legend must explain, in a fixed order: the kind of a line, and its words."""
    names = list(dict.fromkeys(name for one in panels for name, _ in one.controls))
    controls = [f"control {name}" for name in names] if len(names) <= len(CONTROL_DASHES) else ["controls"]
    there = {
        "decision threshold": any(one.threshold is not None for one in panels),
        "null band": any(one.floor is not None for one in panels),
        "decision changes": any(one.turns for one in panels),
    }
    entries = [("score", "score"), *(("control", words) for words in controls if names)]
    return [*entries, *((entry, entry) for entry, is_there in there.items() if is_there)]


def _across(panels: Sequence[SweepPanel]) -> tuple[int, float]:
    """Entries of the legend beside each other, and the width of one."""
    short = all(len(words) <= SHORT_NAME for _, words in _entries(panels))
    width = ENTRIES if short else WIDE_ENTRIES
    return int((WIDTH - LEFT) // width), width


def _legend(y: float, panels: Sequence[SweepPanel]) -> list[Markup]:
    across, width = _across(panels)
    entries = _entries(panels)
    dashes = iter(_control_dashes(sum(kind == "control" for kind, _ in entries)))
    parts: list[Markup] = []
    for i, (kind, words) in enumerate(entries):
        x, at = LEFT + (i % across) * width, y + 18 * (i // across)
        if kind == "null band":
            parts.append(box(x, at - 6, 24, 11, fill=BAND))
        elif kind == "decision changes":
            parts.append(_turn(x + 12, at))
        elif kind == "decision threshold":
            parts.append(line(x, at, x + 24, at, colour=MARK_COLOURS["fail"], width=1.2, dashes="6 4"))
        elif kind == "control":
            parts.append(line(x, at, x + 24, at, colour=GREY, width=1.2, dashes=next(dashes)))
        else:
            parts.append(line(x, at, x + 24, at, colour=DATA, width=2))
        parts.append(text(x + 31, at + 4, fit_lines(words, width - 36, 11, most=1)[0], size=11, colour=SOFT_INK))
    return parts
