"""Section: the document as resolved, and as written."""

from __future__ import annotations

from auditor.report.page import Code, Section
from auditor.report.source import Source

GUIDE = "The document that asked for this audit: first with every default written out, then as its author wrote it."


def document_section(source: Source) -> Section:
    """Both texts, unchanged."""
    result = source.result
    blocks = (Code("The document as resolved", result.resolved_text), Code("The document as written", result.spec_text))
    return Section("document", "The document", GUIDE, blocks)
