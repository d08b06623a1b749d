"""The page cut to what paper can hold: a PDF of ten thousand rows takes minutes and gigabytes."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from auditor.report.page import Block, Code, Filmstrips, Page, Pairs, Table

MOST_ROWS: Final = 500
"""Rows of all tables together."""

MOST_FOLDED: Final = 40
"""Rows of one table that screens fold: details of 120 checkpoints would stand before what they come to."""

MOST_PICTURES: Final = 200
"""Pictures of all pairs together."""

MOST_STRIPS: Final = 24
"""Filmstrips of all sweeps together."""

MOST_LINES: Final = 400
"""Lines of each text in fixed width."""


def fit_paper(page: Page) -> Page:
    """The page within the limits; what is left out is counted in its block, and stated there.

    Tables and filmstrips that screens show open come first: a long table of details must not use up
    the room of a verdict.
    """
    rows, strips = _room(page, Table, MOST_ROWS), _room(page, Filmstrips, MOST_STRIPS)
    pairs = MOST_PICTURES // 2
    sections = []
    for section in page.sections:
        blocks: list[Block] = []
        for block in section.blocks:
            room = {Table: rows, Filmstrips: strips}.get(type(block))
            shorter = _shortened(block, room.pop(0) if room else 0, pairs)
            pairs -= len(shorter.pairs) if isinstance(shorter, Pairs) else 0
            blocks.append(shorter)
        sections.append(replace(section, blocks=tuple(blocks)))
    return replace(page, sections=tuple(sections))


def _room(page: Page, kind: type[Table] | type[Filmstrips], left: int) -> list[int]:
    """How many rows or strips each block of a kind may have, in the page's order, of `left` in all."""
    blocks = [block for section in page.sections for block in section.blocks if isinstance(block, kind)]
    room = [0] * len(blocks)
    for i, block in sorted(enumerate(blocks), key=lambda item: item[1].folded):
        wanted = len(block.rows) if isinstance(block, Table) else len(block.strips)
        most = MOST_FOLDED if isinstance(block, Table) and block.folded else left
        room[i] = min(left, most, wanted)
        left -= room[i]
    return room


def _shortened(block: Block, room: int, pairs: int) -> Block:
    if isinstance(block, Table) and len(block.rows) > room:
        return replace(block, rows=block.rows[:room], left_out=len(block.rows) - room)
    if isinstance(block, Pairs) and len(block.pairs) > pairs:
        return replace(block, pairs=block.pairs[:pairs], left_out=len(block.pairs) - pairs)
    if isinstance(block, Filmstrips) and len(block.strips) > room:
        return replace(block, strips=block.strips[:room], left_out=len(block.strips) - room)
    if isinstance(block, Code) and len(lines := block.text.splitlines(keepends=True)) > MOST_LINES:
        return replace(block, text="".join(lines[:MOST_LINES]), left_out=len(lines) - MOST_LINES)
    return block
