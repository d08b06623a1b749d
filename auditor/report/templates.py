"""The templates: where they are, and how a page is drawn with them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from markupsafe import Markup

from auditor.errors import InternalError
from auditor.report.page import Block, Page
from auditor.report.words import visible

if TYPE_CHECKING:
    from jinja2 import Environment

Medium = Literal["screen", "paper"]

POLICY = (
    "default-src 'none'; img-src data:; style-src '{style}'; script-src 'none'; base-uri 'none'; form-action 'none'"
)
"""The content security policy of report.html: nothing from anywhere, and no script at all."""


LONGEST_WORD = 32
MOST_WIDE_COLUMNS = 6


def template_folder() -> Path:
    """The templates inside the installed package, or those at the top of the source tree."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_templates", package.parent / "templates"):
        if (folder / "page.html.j2").is_file():
            return folder
    raise InternalError(f"the report's templates are neither in {package / '_templates'} nor in {package.parent}")


def draw_page(page: Page, medium: Medium) -> str:
    """The page as one HTML document; drawing for paper leaves out navigation and policy."""
    return _draw("page.html.j2", medium, page=page)


def draw_record(title: str, blocks: Sequence[Block], version: str) -> str:
    """The record of a run as one HTML document for the screen."""
    return _draw("record.html.j2", "screen", title=title, blocks=blocks, version=version)


def draw_evaluation(
    title: str, blocks: Sequence[Block], version: str, kicker: str = "Evaluation of methods against oracles"
) -> str:
    """An evaluation as one HTML document for the screen; `kicker` says above the title what it is."""
    return _draw("evaluation.html.j2", "screen", title=title, blocks=blocks, version=version, kicker=kicker)


def _draw(name: str, medium: Medium, **values: object) -> str:
    style = _style(medium)
    policy = POLICY.format(style=f"sha256-{_sha256(style)}")
    # The style sheets are ours, and hold no text of a user's.
    return _environment().get_template(name).render(medium=medium, style=Markup(style), policy=policy, **values)


def svg_source(svg: Markup) -> str:
    """A drawing as a data: URI, for media that take their text from `alt`."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode('utf-8')).decode('ascii')}"


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(template_folder()),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["svg_source"] = svg_source
    environment.filters["length_class"] = _length_class
    return environment


def _shown(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _length_class(words: str, columns: int = 2) -> str:
    # Only long words may be broken anywhere: else a narrow table breaks every word.
    longest = LONGEST_WORD if columns <= MOST_WIDE_COLUMNS else LONGEST_WORD // 2
    return " long" if any(len(word) > longest for word in words.split()) else ""


def _style(medium: Medium) -> str:
    folder = template_folder() / "style"
    base, screen, paper = ((folder / f"{name}.css").read_text("utf-8") for name in ("base", "screen", "print"))
    if medium == "paper":
        return base + paper
    return f"{base}@media screen {{\n{screen}}}\n@media print {{\n{paper}}}\n"


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
