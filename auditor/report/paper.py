"""The page cut to what paper can hold: a PDF of ten thousand rows takes minutes and gigabytes."""

from __future__ import annotations

from dataclasses import replace

from auditor.report.page import Block, Code, Page, Pairs, Section, Table

MOST_ROWS = 500
"""Rows of all tables together."""

MOST_PICTURES = 200
"""Pictures of all pairs together."""

MOST_LINES = 1_000
"""Lines of each text in fixed width."""


def fit_paper(page: Page) -> Page:
    """The page within the limits; what is left out is counted in its block, and stated there."""
    rows, pairs = MOST_ROWS, MOST_PICTURES // 2
    sections: list[Section] = []
    for section in page.sections:
        blocks: list[Block] = []
        for block in section.blocks:
            shorter = _shortened(block, rows, pairs)
            rows -= len(shorter.rows) if isinstance(shorter, Table) else 0
            pairs -= len(shorter.pairs) if isinstance(shorter, Pairs) else 0
            blocks.append(shorter)
        sections.append(replace(section, blocks=tuple(blocks)))
    return replace(page, sections=tuple(sections))


def _shortened(block: Block, rows: int, pairs: int) -> Block:
    if isinstance(block, Table) and len(block.rows) > rows:
        return replace(block, rows=block.rows[:rows], left_out=len(block.rows) - rows)
    if isinstance(block, Pairs) and len(block.pairs) > pairs:
        return replace(block, pairs=block.pairs[:pairs], left_out=len(block.pairs) - pairs)
    if isinstance(block, Code) and len(lines := block.text.splitlines(keepends=True)) > MOST_LINES:
        return replace(block, text="".join(lines[:MOST_LINES]), left_out=len(lines) - MOST_LINES)
    return block
