"""report.html: one file that opens from a disk without a network and without a script."""

from __future__ import annotations

from pathlib import Path

from auditor.report.build_page import page_of
from auditor.report.templates import draw_page
from auditor.results.audit_result import AuditResult


def render_html(result: AuditResult, folder: Path) -> str:
    """The report as one HTML document.

    Args:
        result: what the audit found.
        folder: the run folder, which holds the pictures that `result.pairs` names; a picture
            that is not there is replaced by a sentence that says so.

    Equal results and folders give equal text, wherever the folder lies.
    """
    return draw_page(page_of(result, folder), "screen")
