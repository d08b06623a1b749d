"""From the result of an audit to report.html and report.pdf."""

from __future__ import annotations

from auditor.report.html import render_html
from auditor.report.pdf import write_pdf

__all__ = ["render_html", "write_pdf"]
