"""A small writer of SVG: elements from escaped parts, equal input to equal bytes.

Only presentation attributes are used: the page's policy refuses `style=` attributes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from markupsafe import Markup, escape

from auditor.report.page import MarkKind
from auditor.report.words import visible

INK: Final = "#1c2430"
SOFT_INK: Final = "#4a5361"
RULE: Final = "#c3c9d2"
DATA: Final = "#1f4e87"
BAND: Final = "#e4e9f1"
BAND_EDGE: Final = "#71809a"
MARK_COLOURS: Final[dict[MarkKind, str]] = {
    "pass": "#1a6638", "fail": "#a11b1b", "inconclusive": "#855600", "invalid": "#55336e",
    "relies": DATA, "does_not_rely": DATA, "descriptive": "#4a5361", "none": "#4a5361",
}  # fmt: skip
FONTS: Final = "Liberation Sans, Arial, Helvetica, DejaVu Sans, sans-serif"
CHARACTER: Final = 0.53
"""Mean width of a character, as a share of the font size."""

Anchor = Literal["start", "middle", "end"]


def element(name: str, *children: Markup, **attributes: str | float | None) -> Markup:
    """An element; `stroke_width=2` becomes `stroke-width="2"`, and None leaves an attribute out."""
    given = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _attribute(value))
        for key, value in attributes.items()
        if value is not None
    )
    start, end = Markup("<") + Markup(name) + given, Markup("</") + Markup(name) + Markup(">")
    return start + Markup(">") + Markup("").join(children) + end if children else start + Markup("/>")


def text(x: float, y: float, words: str, *, size: float = 12, anchor: Anchor = "start", colour: str = INK,
         bold: bool = False) -> Markup:  # fmt: skip
    """Words whose baseline starts, centres or ends at (x, y)."""
    return element("text", escape(visible(words)), x=x, y=y, font_size=size, text_anchor=anchor, fill=colour,
                   font_weight="bold" if bold else None)  # fmt: skip


def line(x1: float, y1: float, x2: float, y2: float, *, colour: str = INK, width: float = 1,
         dashes: str | None = None) -> Markup:  # fmt: skip
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, stroke_width=width, stroke_dasharray=dashes)


def box(x: float, y: float, width: float, height: float, *, fill: str, stroke: str | None = None,
        stroke_width: float | None = None) -> Markup:  # fmt: skip
    """A rectangle; a negative width or height draws nothing."""
    if width < 0 or height < 0:
        return Markup("")
    return element("rect", x=x, y=y, width=width, height=height, fill=fill, stroke=stroke, stroke_width=stroke_width)


def marker(x: float, y: float, kind: MarkKind, radius: float = 5) -> Markup:
    """The shape of a state around (x, y): shapes differ, so that colour is never needed."""
    colour, r = MARK_COLOURS[kind], radius
    if kind == "pass":
        return element("circle", cx=x, cy=y, r=r, fill=colour)
    if kind == "fail":
        return box(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8, fill=colour)
    if kind in ("relies", "does_not_rely"):
        return box(x - r * 0.55, y - r * 1.3, r * 1.1, r * 2.6, fill=colour if kind == "relies" else "#ffffff",
                   stroke=colour, stroke_width=1.6)  # fmt: skip
    if kind == "descriptive":
        return box(x - r * 1.3, y - r * 0.45, r * 2.6, r * 0.9, fill=colour)
    if kind == "inconclusive":
        return element("path", d=_path((x, y - r * 1.1), (x + r * 1.15, y + r * 0.9), (x - r * 1.15, y + r * 0.9)),
                       fill=colour)  # fmt: skip
    if kind == "invalid":
        return element("path", d=_path((x, y - r * 1.25), (x + r * 1.25, y), (x, y + r * 1.25), (x - r * 1.25, y)),
                       fill=colour)  # fmt: skip
    return element("circle", cx=x, cy=y, r=r - 0.75, fill="#ffffff", stroke=colour, stroke_width=1.5)


def drawing(width: float, height: float, name: str, title: str, description: str, parts: Iterable[Markup]) -> Markup:
    """The whole drawing with the words that stand for it; `name` makes its ids unique on the page."""
    return element(
        "svg",
        element("title", escape(visible(title)), id=f"{name}-title"),
        element("desc", escape(visible(description)), id=f"{name}-desc"),
        box(0, 0, width, height, fill="#ffffff"),
        *parts,
        xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {_attribute(width)} {_attribute(height)}",
        width=width, height=height, role="img", aria_labelledby=f"{name}-title", aria_describedby=f"{name}-desc",
        font_family=FONTS,
    )  # fmt: skip


def fit_lines(words: str, width: float, size: float, most: int = 2) -> tuple[str, ...]:
    """The words broken into at most `most` lines of about `width`; what does not fit loses its middle."""
    room = max(3, int(width / (size * CHARACTER)))
    lines: list[str] = [""]
    for word in words.split():
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) <= room or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    if len(lines) > most:
        lines[most - 1 :] = [" ".join(lines[most - 1 :])]
    return tuple(_shortened(one, room) for one in lines)


def _shortened(words: str, room: int) -> str:
    # The middle goes: names in a list often differ at their ends.
    tail = room // 2
    return words if len(words) <= room else f"{words[: room - 1 - tail].rstrip()}…{words[-tail:].lstrip()}"


def _path(*points: tuple[float, float]) -> str:
    return "M" + " L".join(f"{_attribute(x)},{_attribute(y)}" for x, y in points) + " Z"


def _attribute(value: str | float) -> str:
    # Two decimals are finer than any screen or printer, and equal on every machine.
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
