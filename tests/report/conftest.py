"""One sample result and its drawings for all tests of the report: rendering takes seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.report import render_html, write_pdf
from auditor.results.audit_result import AuditResult
from tests.report.sample_result import sample_result
from tests.report.sample_sweeps import sweeps_alone, with_sweeps


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder with the sample's pictures and its `result.json`."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "result.json").write_text(sample_result(folder).model_dump_json(indent=1), "utf-8")
    return folder


@pytest.fixture(scope="session")
def result(run_folder: Path) -> AuditResult:
    """The sample result, as read back from its file."""
    return AuditResult.model_validate_json((run_folder / "result.json").read_bytes())


@pytest.fixture(scope="session")
def document(result: AuditResult, run_folder: Path) -> str:
    """The sample as HTML."""
    return render_html(result, run_folder)


@pytest.fixture(scope="session")
def pdf_file(result: AuditResult, run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample as PDF."""
    path = tmp_path_factory.mktemp("pdf") / "report.pdf"
    write_pdf(result, run_folder, path)
    return path


@pytest.fixture(scope="session")
def both(result: AuditResult, run_folder: Path) -> AuditResult:
    """An audit of concepts and of properties."""
    return with_sweeps(result, run_folder)


@pytest.fixture(scope="session")
def alone(result: AuditResult, run_folder: Path) -> AuditResult:
    """An audit of properties in photographs."""
    return sweeps_alone(result, run_folder)
