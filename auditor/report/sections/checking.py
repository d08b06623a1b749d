"""Section: how a stranger checks the numbers."""

from __future__ import annotations

from auditor.report.page import Block, Cell, Code, Column, Section, Table, Text
from auditor.report.source import RESULT_FILE, Source

GUIDE = "Nobody has to take this report at its word: its numbers can be computed again without us."

HOW = (
    "The run folder that comes with this report holds units.jsonl: one line for each picture and score, with the row "
    "it came from, the caption, the seed, every score, and the reason where one was left out. Every number of this "
    "report follows from that file.",
    "The first command below, run inside the run folder, prints digests, which must equal those in the table. The "
    "second compares them itself, ends with exit status 6 where a file was changed, and else draws this report again. "
    "Neither needs a network, a graphics card or a model.",
)


def checking_section(source: Source) -> Section:
    """The digests to compare, and the commands."""
    rows = [(Cell("units.jsonl"), Cell(source.result.units_digest))]
    if source.digest_of == RESULT_FILE:
        rows.append((Cell(RESULT_FILE), Cell(source.digest)))
    names = " ".join(name.text for name, _ in rows)
    commands = f"sha256sum {names}\nauditor report .    # version {source.result.tool_version}\n"
    columns = (Column("File"), Column("SHA-256", "code"))
    blocks: tuple[Block, ...] = (
        Text(HOW), Table("Digests to compare", columns, tuple(rows)), Code("Commands", commands),
    )  # fmt: skip
    return Section("checking", "How to check these numbers", GUIDE, blocks)
