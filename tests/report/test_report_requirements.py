"""Figures of requirements: each fits a printed page, however many promises there are."""

from __future__ import annotations

from pathlib import Path

from auditor.report.page import Figure
from auditor.report.sections.verdict import MOST_STRIPS
from auditor.results.audit_result import AuditResult
from tests.report.test_report_checkpoints import blocks, page_of


def test_many_requirements_are_drawn_in_several_figures(result: AuditResult, run_folder: Path) -> None:
    one = result.requirements[0]
    many = tuple(one.model_copy(update={"name": f"promise {k}"}) for k in range(2 * MOST_STRIPS + 1))
    page = page_of(result.model_copy(update={"requirements": many}), run_folder)
    figures = [each for each in blocks(page, "verdict") if isinstance(each, Figure)]
    assert [figure.title[-6:] for figure in figures] == ["1 of 3", "2 of 3", "3 of 3"]
    assert all(sum(f">promise {k}<" in figure.svg for figure in figures) == 1 for k in range(len(many)))
    assert len({figure.svg.split('aria-labelledby="')[1].split('"')[0] for figure in figures}) == 3
