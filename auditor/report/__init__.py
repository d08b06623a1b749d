"""From the result of an audit to report.html and report.pdf."""

from __future__ import annotations

from auditor.report.evaluation import render_evaluation
from auditor.report.flip_prediction import render_flip_tables
from auditor.report.html import render_html
from auditor.report.pdf import write_pdf
from auditor.report.run_record import render_run_record

__all__ = ["render_evaluation", "render_flip_tables", "render_html", "render_run_record", "write_pdf"]
