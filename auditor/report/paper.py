"""The page cut to what paper can hold: a PDF of ten thousand rows takes minutes and gigabytes."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from auditor.report.page import Block, Code, Filmstrips, Page, Pairs, Table

MOST_ROWS: Final = 500
"""Rows of all tables together."""

MOST_PICTURES: Final = 200
"""Pictures of all pairs together."""

MOST_STRIPS: Final = 24
"""Filmstrips of all sweeps together."""

MOST_LINES: Final = 1_000
"""Lines of each text in fixed width."""


def fit_paper(page: Page) -> Page:
    """The page within the limits; what is left out is counted in its block, and stated there.

    Tables that screens show open come first: a long table of details must not use up the room
    of a verdict.
    """
    room = _row_room(page)
    pairs, strips = MOST_PICTURES // 2, MOST_STRIPS
    sections = []
    for section in page.sections:
        blocks: list[Block] = []
        for block in section.blocks:
            shorter = _shortened(block, room.pop(0) if isinstance(block, Table) else 0, pairs, strips)
            pairs -= len(shorter.pairs) if isinstance(shorter, Pairs) else 0
            strips -= len(shorter.strips) if isinstance(shorter, Filmstrips) else 0
            blocks.append(shorter)
        sections.append(replace(section, blocks=tuple(blocks)))
    return replace(page, sections=tuple(sections))


def _row_room(page: Page) -> list[int]:
    """How many rows each table of the page may have, in the page's order."""
    tables = [block for section in page.sections for block in section.blocks if isinstance(block, Table)]
    room, left = [0] * len(tables), MOST_ROWS
    for i, table in sorted(enumerate(tables), key=lambda item: item[1].folded):
        room[i] = min(left, len(table.rows))
        left -= room[i]
    return room


def _shortened(block: Block, rows: int, pairs: int, strips: int) -> Block:
    if isinstance(block, Table) and len(block.rows) > rows:
        return replace(block, rows=block.rows[:rows], left_out=len(block.rows) - rows)
    if isinstance(block, Pairs) and len(block.pairs) > pairs:
        return replace(block, pairs=block.pairs[:pairs], left_out=len(block.pairs) - pairs)
    if isinstance(block, Filmstrips) and len(block.strips) > strips:
        return replace(block, strips=block.strips[:strips], left_out=len(block.strips) - strips)
    if isinstance(block, Code) and len(lines := block.text.splitlines(keepends=True)) > MOST_LINES:
        return replace(block, text="".join(lines[:MOST_LINES]), left_out=len(lines) - MOST_LINES)
    return block
