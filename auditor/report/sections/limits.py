"""Section: what this audit does not say."""

from __future__ import annotations

from typing import Final

from auditor.report.page import Block, Bullets, Heading, Section, Text
from auditor.report.source import Source

GUIDE = "What this audit did not look at, and what no audit of this kind can say."

ALWAYS: Final = (
    "The findings hold for these rows, this picture generator and these versions of the models. Other data, another "
    "generator or a retrained model need an audit of their own.",
    "Only declared concepts were examined. A model may rely on something that no concept names.",
    "Importance is not reliance: performance can stay the same although a model reacts strongly to a concept. "
    "“Does not rely” is therefore said of the response alone, and only within a declared margin.",
    "“Inconclusive” means that these data do not decide. It is not evidence that there is no effect.",
    "A detector judged what the pictures show. Where the detector errs, the gates err with it.",
)


def limits_section(source: Source) -> Section:
    """The result's own list, then the limits that every such audit has."""
    own = source.result.not_measured
    listed: Block = Bullets(own) if own else Text(("The audit names nothing in particular that it left out.",))
    blocks: tuple[Block, ...] = (Heading("Not measured here"), listed, Heading("Limits of the method"), Bullets(ALWAYS))
    return Section("limits", "Not measured, and limits", GUIDE, blocks)
