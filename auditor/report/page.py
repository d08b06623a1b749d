"""The report as a value: a page of sections, a section of blocks. Templates only draw it.

Every string here is plain text that the templates escape. The one exception is `Figure.svg`,
which `plots/` builds from escaped parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from markupsafe import Markup

MarkKind = Literal["pass", "fail", "inconclusive", "invalid", "relies", "does_not_rely", "descriptive", "none"]
"""The shapes that stand beside words: disc, square, triangle, lozenge, full and empty upright
bar, lying bar, ring."""

ColumnKind = Literal["text", "wide", "number", "code", "mark"]
"""How a column is set: `wide` for sentences, `number` to the right, `code` in fixed width."""


@dataclass(frozen=True)
class Cell:
    """What stands in one cell of a table; `mark` puts a shape before the text."""

    text: str
    mark: MarkKind | None = None


@dataclass(frozen=True)
class Column:
    """The head of a column."""

    title: str
    kind: ColumnKind = "text"


@dataclass(frozen=True)
class Text:
    """Paragraphs of prose."""

    kind: ClassVar[str] = "text"
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    kind: ClassVar[str] = "bullets"
    items: tuple[str, ...]


@dataclass(frozen=True)
class Heading:
    """A heading inside a section (the third level of the page)."""

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True)
class Callout:
    """A judgement that must not be overlooked: its state, what it is about, and a sentence."""

    kind: ClassVar[str] = "callout"
    state: Cell
    title: str
    sentence: str


@dataclass(frozen=True)
class Table:
    """A table with one row of column heads; the first cell of a row is its head.

    `empty` is the sentence shown in place of a table without rows. A `folded` table is closed
    on screens and open on paper. `left_out` counts rows that a shortened table lacks.
    """

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = "None."
    note: str = ""
    folded: bool = False
    left_out: int = 0


@dataclass(frozen=True)
class KeyValues:
    """A table of names and values without a row of column heads."""

    kind: ClassVar[str] = "key_values"
    caption: str
    rows: tuple[tuple[str, Cell], ...]
    code: bool = False


@dataclass(frozen=True)
class Figure:
    """A drawing with its words: name, description (the same in text), caption."""

    kind: ClassVar[str] = "figure"
    svg: Markup
    title: str
    description: str
    caption: str


@dataclass(frozen=True)
class Picture:
    """A picture as a data: URI, or None and the reason why there is none."""

    source: str | None
    width: int
    height: int
    alt: str
    missing: str = ""


@dataclass(frozen=True)
class Pair:
    """A factual picture beside its counterfactual."""

    title: str
    factual: Picture
    counterfactual: Picture
    factual_caption: str
    counterfactual_caption: str
    scores: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True)
class Pairs:
    """Pairs of pictures chosen by one rule, which is stated above them."""

    kind: ClassVar[str] = "pairs"
    rule: str
    pairs: tuple[Pair, ...]
    left_out: int = 0


@dataclass(frozen=True)
class Frame:
    """One picture of a filmstrip: where it lies on the sweep, and every score of it."""

    place: str
    picture: Picture
    scores: tuple[str, ...]


@dataclass(frozen=True)
class Filmstrip:
    """The frames of one sweep, and the scores along it as a drawing."""

    title: str
    frames: tuple[Frame, ...]
    plot: Figure | None
    note: str = ""


@dataclass(frozen=True)
class Filmstrips:
    """Sweeps chosen by one rule, which is stated above them; folded ones are closed on screens and open on paper."""

    kind: ClassVar[str] = "filmstrips"
    rule: str
    strips: tuple[Filmstrip, ...]
    folded: bool = False
    left_out: int = 0


@dataclass(frozen=True)
class Code:
    """Text in fixed width, as it stands in a file. `left_out` counts lines not shown."""

    kind: ClassVar[str] = "code"
    caption: str
    text: str
    left_out: int = 0


Block = Text | Bullets | Heading | Callout | Table | KeyValues | Figure | Pairs | Filmstrips | Code


@dataclass(frozen=True)
class Section:
    """A part of the page: its anchor for links, its title, a sentence of guidance, its blocks."""

    anchor: str
    title: str
    guide: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Page:
    """The whole report: what the header says, and the sections in order."""

    title: str
    audit_id: str
    revision: str
    owner: str
    outcome: Cell
    outcome_sentence: str
    digest: str
    digest_of: str
    tool_version: str
    header: KeyValues
    sections: tuple[Section, ...]
    partial: str = ""
    """What must be said where the audit was run in part; empty for the whole."""
    language: str = "en"
