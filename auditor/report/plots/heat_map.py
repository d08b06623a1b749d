"""A heat map of a matrix: the number stands in every cell, and a broken limit has a frame and a mark."""

from __future__ import annotations

from markupsafe import Markup

from auditor.report.number_text import limit_text, value_text
from auditor.report.svg import INK, MARK_COLOURS, SOFT_INK, box, drawing, element, fit_lines, text
from auditor.results.audit_result import Matrix

LEFT = 150.0
LINE = 14.0
WIDEST = 84.0
TALLEST = 40.0
CELLS = 600.0
UPRIGHT = 58.0
"""Cells from this width on have their column's name upright above them; over others it is slanted."""
NARROWEST = 760.0
NEGATIVE, POSITIVE = (140, 81, 10), (31, 78, 135)


def heat_map(name: str, title: str, description: str, matrix: Matrix) -> Markup:
    """The drawing; blue is positive, brown is negative, darker is larger. Empty cells are grey."""
    width = min(WIDEST, max(34.0, CELLS / max(1, len(matrix.columns))))
    height = min(TALLEST, width * 0.62)
    known = [abs(value) for row in matrix.values for value in row if value is not None]
    largest = max(known, default=0.0) or 1.0
    top = _room_above(matrix, width)
    parts = [text(LEFT + width * len(matrix.columns) / 2, 16, _first(matrix.column_title, CELLS, 12),
                  anchor="middle", bold=True)]  # fmt: skip
    parts += [text(LEFT - 10, top - 10, _first(matrix.row_title, LEFT - 16, 12), anchor="end", bold=True)]
    for j, column in enumerate(matrix.columns):
        parts += _column_words(LEFT + width * (j + 0.5), top, column, width)
    for i, row in enumerate(matrix.rows):
        y = top + height * i
        lines = fit_lines(row, LEFT - 18, 12, most=2 if height >= 30 else 1)
        first = y + height / 2 + 4 - 7 * (len(lines) - 1)
        parts += [text(LEFT - 10, first + 14 * k, words, anchor="end") for k, words in enumerate(lines)]
        for j, value in enumerate(matrix.values[i]):
            diagonal = row == matrix.columns[j]
            parts += _cell(LEFT + width * j, y, width, height, value, largest, None if diagonal else matrix.limit)
    bottom = top + height * len(matrix.rows)
    parts += _legend(bottom + 22, matrix)
    right = LEFT + width * len(matrix.columns)
    return drawing(
        max(right + (12 if width >= UPRIGHT else 64), NARROWEST), bottom + 36, name, title, description, parts
    )


def _cell(x: float, y: float, width: float, height: float, value: float | None, largest: float,
          limit: float | None) -> list[Markup]:  # fmt: skip
    if value is None:
        return [
            box(x, y, width, height, fill="#eef0f3", stroke="#ffffff", stroke_width=1.5),
            text(x + width / 2, y + height / 2 + 4, "none", size=11, anchor="middle", colour=SOFT_INK),
        ]
    share = min(1.0, abs(value) / largest)
    hue = POSITIVE if value >= 0 else NEGATIVE
    mixed = tuple(round(255 + (part - 255) * 0.92 * share) for part in hue)
    colour = "#" + "".join(f"{part:02x}" for part in mixed)
    parts = [
        box(x, y, width, height, fill=colour, stroke="#ffffff", stroke_width=1.5),
        text(x + width / 2, y + height / 2 + 4, value_text(value, 2 if width < 50 else 3),
             size=10.5 if width < 50 else 12, anchor="middle", colour="#ffffff" if _is_dark(mixed) else INK),
    ]  # fmt: skip
    if limit is not None and abs(value) > limit:
        red, edge, corner = MARK_COLOURS["fail"], height / 16, height / 3.6
        parts.append(element("rect", x=x + edge, y=y + edge, width=width - 2 * edge, height=height - 2 * edge,
                             fill="none", stroke=red, stroke_width=edge))  # fmt: skip
        triangle = f"M{x + edge:.2f},{y + edge:.2f} h{corner:.2f} l-{corner:.2f},{corner:.2f} Z"
        parts.append(element("path", d=triangle, fill=red))
    return parts


def _is_dark(colour: tuple[int, ...]) -> bool:
    """Whether white words stand out more than black ones (relative luminance of WCAG 2)."""
    linear = [(part / 255 / 12.92) if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] < 0.2


def _room_above(matrix: Matrix, width: float) -> float:
    if width < UPRIGHT:
        return 112.0
    lines = max((len(_column_lines(column, width)) for column in matrix.columns), default=1)
    return 34.0 + LINE * lines


def _column_lines(column: str, width: float) -> tuple[str, ...]:
    return fit_lines(column, width - 4, 12, most=3)


def _column_words(x: float, top: float, column: str, width: float) -> list[Markup]:
    if width >= UPRIGHT:
        lines = _column_lines(column, width)
        last = len(lines) - 1
        return [text(x, top - 10 - LINE * (last - k), words, anchor="middle") for k, words in enumerate(lines)]
    words = _first(column, 88, 11)
    return [element("g", text(0, 4, words, size=11), transform=f"translate({x:.2f} {top - 8:.2f}) rotate(-60)")]


def _legend(y: float, matrix: Matrix) -> list[Markup]:
    if matrix.limit is None:
        return [text(LEFT, y, "Blue: above zero. Brown: below zero. Darker: larger.", size=11, colour=SOFT_INK)]
    words = f"Red frame and corner: larger than the limit of {limit_text(matrix.limit)}, off the diagonal."
    return [text(LEFT, y, words, size=11, colour=SOFT_INK)]


def _first(words: str, width: float, size: float) -> str:
    return fit_lines(words, width, size, most=1)[0]
