"""Results with nothing in them, with everything invalid, and with very much: all of them render."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from auditor.report import render_html, write_pdf
from auditor.results.audit_result import AuditResult, Matrix, PlanSummary
from tests.report.outline import Outline
from tests.report.sample_result import findings


def without(result: AuditResult, **changes: Any) -> AuditResult:
    return AuditResult.model_validate(result.model_copy(update=changes).model_dump())


def unmeasured(result: AuditResult) -> AuditResult:
    """The result with every estimate, interval and p-value gone, and every verdict invalid."""
    bare = {"estimate": None, "interval": None, "p_value": None, "p_adjusted": None, "margin": None}
    found = tuple(
        one.model_copy(update={**bare, "verdict": "invalid" if one.verdict else None}) for one in result.findings
    )
    nothing = {"estimate": None, "lower": None, "upper": None, "p_failed": None, "p_adjusted": None, "state": "invalid"}
    requirements = tuple(one.model_copy(update=nothing) for one in result.requirements)
    failed = {"measured": None, "interval": None, "state": "fail"}
    checks = tuple(
        check.model_copy(
            update={
                "state": "fail",
                "measured": None,
                "parts": tuple(part.model_copy(update=failed) for part in check.parts),
                "matrices": tuple(
                    matrix.model_copy(update={"values": ((None,) * 6,) * 6, "limit": None}) for matrix in check.matrices
                ),
            }
        )
        for check in result.checks
    )
    performance = tuple(one.model_copy(update={"real": None, "generated": None}) for one in result.performance)
    return without(result, findings=found, requirements=requirements, checks=checks, performance=performance)


def empty(result: AuditResult) -> AuditResult:
    return without(
        result, requirements=(), checks=(), findings=(), pairs=(), performance=(), fidelity=(), identities=(),
        summary=(), not_measured=(), plan=PlanSummary(ops=()), spec_text="", resolved_text="",
        sample=result.sample.model_copy(update={"rows": 0, "positives": 0, "concepts": {}, "invalid_rows": 0}),
    )  # fmt: skip


def large(result: AuditResult) -> AuditResult:
    """Six models, and a matrix of twenty concepts with long names."""
    names = tuple(f"a rather long name of the concept number {k}" for k in range(20))
    values = tuple(tuple(-0.01 * i + 0.02 * j for j in range(20)) for i in range(20))
    matrix = Matrix(title="Large", unit="auroc", row_title="Changed", column_title="Seen", rows=names, columns=names,
                    values=values, limit=0.1)  # fmt: skip
    check = result.checks[1].model_copy(update={"matrices": (matrix,)})
    every = tuple(finding for k in range(6) for finding in findings(f"run-2026/epoch_{k:03}"))
    return without(result, checks=(result.checks[0], check), findings=every)


@pytest.mark.parametrize("make", [unmeasured, empty, large])
def test_every_case_renders(make: Any, result: AuditResult, run_folder: Path) -> None:
    outline = Outline(render_html(make(result), run_folder))
    levels = [int(element.name[1]) for element in outline.named("h1", "h2", "h3")]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_nothing_is_said_in_words(result: AuditResult, run_folder: Path) -> None:
    page = render_html(empty(result), run_folder)
    for words in ("declared no requirements", "declares no checks", "no findings", "keeps no pictures", "holds no work",
                  "No performance was measured", "No identities are recorded"):  # fmt: skip
        assert words in page


def test_missing_is_never_zero_or_nan(result: AuditResult, run_folder: Path) -> None:
    page = render_html(unmeasured(result), run_folder)
    assert page.count("not measured") > 50
    words = " ".join(text for element in Outline(page).elements for text in element.text)
    assert not re.search(r"\b(nan|None|inf)\b", words) and "Invalid" in words


def test_empty_report_makes_a_pdf(result: AuditResult, run_folder: Path, tmp_path: Path) -> None:
    write_pdf(empty(result), run_folder, tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-1.7")
