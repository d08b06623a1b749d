"""Small multiples: each method's importances over an oracle's, a point for each model and concept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from auditor.report.plots.axis import Axis, axis_around, not_measured
from auditor.report.svg import DATA, INK, RULE, SOFT_INK, drawing, element, fit_lines, line, text

PANEL = 216.0
GAP_X, GAP_Y = 40.0, 66.0
LEFT, TOP = 46.0, 46.0
ACROSS = 3


@dataclass(frozen=True)
class Cloud:
    """One panel: its title, the words below it, and its points; a point that is not there is NaN."""

    title: str
    words: str
    across: np.ndarray
    up: np.ndarray


def scatter(name: str, title: str, description: str, across: str, clouds: Sequence[Cloud]) -> Markup:
    """The drawing; every panel has the oracle's axis and one of its own for the method."""
    rows = math.ceil(len(clouds) / ACROSS)
    known = [float(value) for cloud in clouds for value in cloud.across[np.isfinite(cloud.across)]]
    parts: list[Markup] = []
    for i, cloud in enumerate(clouds):
        x = LEFT + (i % ACROSS) * (PANEL + GAP_X)
        y = TOP + (i // ACROSS) * (PANEL + GAP_Y)
        parts += _panel(x, y, axis_around(known, x, x + PANEL), cloud)
    bottom = TOP + rows * (PANEL + GAP_Y)
    parts.append(text(LEFT, bottom - 6, f"Across: {across}. Upwards: what the method says.", size=11, colour=SOFT_INK))
    width = LEFT + min(ACROSS, max(1, len(clouds))) * (PANEL + GAP_X)
    return drawing(width, bottom + 8, name, title, description, parts)


def _panel(x: float, y: float, across: Axis, cloud: Cloud) -> list[Markup]:
    parts = [text(x, y - 22, fit_lines(cloud.title, PANEL, 12.5, most=1)[0], size=12.5, bold=True)]
    parts.append(text(x, y - 7, fit_lines(cloud.words, PANEL, 11, most=1)[0], size=11, colour=SOFT_INK))
    there = np.isfinite(cloud.up) & np.isfinite(cloud.across)
    up = axis_around([float(value) for value in cloud.up[there]], y + PANEL, y)
    for tick in across.ticks:
        at = across.at(tick)
        parts.append(line(at, y, at, y + PANEL, colour=RULE, width=0.7))
        parts.append(text(at, y + PANEL + 14, across.tick_text(tick), size=10, anchor="middle", colour=SOFT_INK))
    for tick in up.ticks:
        at = up.at(tick)
        parts.append(line(x, at, x + PANEL, at, colour=RULE, width=0.7))
        parts.append(text(x - 5, at + 3.5, up.tick_text(tick), size=10, anchor="end", colour=SOFT_INK))
    parts.append(line(x, y, x, y + PANEL, colour=INK))
    parts.append(line(x, y + PANEL, x + PANEL, y + PANEL, colour=INK))
    if not there.any():
        return [*parts, *not_measured(Axis(0.0, 1.0, x, x + PANEL), y + PANEL / 2)]
    parts += [
        element("circle", cx=across.at(float(a)), cy=up.at(float(b)), r=2, fill=DATA, fill_opacity=0.45)
        for a, b in zip(cloud.across[there], cloud.up[there], strict=True)
    ]
    return parts
