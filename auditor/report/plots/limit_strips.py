"""A strip for each requirement: what was promised as a shaded zone, what was measured as a bar in it."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from auditor.report.number_text import limit_text
from auditor.report.plots.axis import Axis, axis_around, draw_axis, not_measured
from auditor.report.svg import BAND, BAND_EDGE, RULE, SOFT_INK, box, drawing, element, fit_lines, line, marker, text
from auditor.report.words import RELATION_WORDS, inside, quantity_word, state_cell
from auditor.results.audit_result import RequirementResult

WIDTH = 760
ROW = 96
LEFT, RIGHT = 250.0, 630.0
STATE_AT = 652.0


def limit_strips(name: str, title: str, description: str, requirements: Sequence[RequirementResult]) -> Markup:
    """The drawing, one strip a requirement, each with its own axis."""
    parts: list[Markup] = []
    for i, requirement in enumerate(requirements):
        parts += _strip(ROW * i, requirement)
        if i:
            parts.append(line(8, ROW * i, WIDTH - 8, ROW * i, colour=RULE, width=0.7))
    return drawing(WIDTH, ROW * max(1, len(requirements)) + 4, name, title, description, parts)


def _strip(top: float, requirement: RequirementResult) -> list[Markup]:
    values = (requirement.estimate, requirement.lower, requirement.upper, requirement.threshold)
    mirrored = -requirement.threshold if requirement.relation == "within" else None
    axis = axis_around((*values, mirrored), LEFT, RIGHT)
    state = state_cell(requirement.state)
    quantity = quantity_word(requirement.quantity)
    lines = fit_lines(requirement.name, LEFT - 30, 12.5, most=3)
    about = fit_lines(f"{quantity}, {requirement.model}", LEFT - 30, 11, most=1)[0]
    zone = f"shaded: {inside(quantity)} {RELATION_WORDS[requirement.relation]} {limit_text(requirement.threshold)}"
    return [
        *(text(8, top + 30 + 15 * k, words, size=12.5, bold=True) for k, words in enumerate(lines)),
        text(8, top + 32 + 15 * len(lines), about, size=11, colour=SOFT_INK),
        text((LEFT + RIGHT) / 2, top + 18, zone.replace("± ", "±"), size=11, anchor="middle", colour=SOFT_INK),
        *_zone(axis, top + 26, requirement),
        *draw_axis(axis, top + 26, top + 70),
        *_bar(axis, top + 48, requirement),
        marker(STATE_AT, top + 48, state.mark or "none", 6),
        text(STATE_AT + 13, top + 52, state.text, size=12.5, bold=True),
    ]


def _zone(axis: Axis, top: float, requirement: RequirementResult) -> list[Markup]:
    limit, relation = axis.at(requirement.threshold), requirement.relation
    start = {"at_most": axis.left, "within": axis.at(-requirement.threshold), "at_least": limit}[relation]
    end = axis.right if relation == "at_least" else limit
    edges = (start, end) if relation == "within" else (limit,)
    return [
        box(start, top, end - start, 44, fill=BAND),
        *(line(x, top, x, top + 44, colour=BAND_EDGE, width=1.4, dashes="4 3") for x in edges),
    ]


def _bar(axis: Axis, y: float, requirement: RequirementResult) -> list[Markup]:
    if requirement.estimate is None:
        return not_measured(axis, y)
    parts: list[Markup] = []
    if requirement.lower is not None or requirement.upper is not None:
        low = axis.left if requirement.lower is None else axis.at(requirement.lower)
        high = axis.right if requirement.upper is None else axis.at(requirement.upper)
        parts.append(line(low, y, high, y, width=3))
        # A missing bound is open: an arrow head at the end of the axis, not a cap.
        parts.append(_end(low, y, requirement.lower is None, -1))
        parts.append(_end(high, y, requirement.upper is None, 1))
    return [*parts, marker(axis.at(requirement.estimate), y, state_cell(requirement.state).mark or "none", 6)]


def _end(x: float, y: float, is_open: bool, direction: int) -> Markup:
    if is_open:
        return element("path", d=f"M{x:.2f},{y:.2f} l{-8 * direction},-6 v12 Z", fill="#1c2430")
    return line(x, y - 7, x, y + 7, width=2)
