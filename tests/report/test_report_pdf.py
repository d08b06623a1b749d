"""report.pdf: tagged, byte-identical, and closed to the file system."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auditor.errors import ExecutionError
from auditor.report import pdf, write_pdf
from auditor.report.build_page import page_of
from auditor.report.page import Pairs, Table
from auditor.report.paper import MOST_PICTURES, MOST_ROWS, fit_paper
from auditor.report.pdf_process import NO_LIBRARIES, NO_PACKAGE
from auditor.report.sections import sections_of
from auditor.report.source import source_of
from auditor.results.audit_result import AuditResult
from tests.report.pdf_tags import tags_of

pikepdf = pytest.importorskip("pikepdf")
SMALL = "<!DOCTYPE html><html lang=en><title>t</title><body><p>words</p>{}</body></html>"


@pytest.fixture(scope="module")
def opened(pdf_file: Path) -> Any:
    with pikepdf.open(pdf_file) as document:
        yield document


def test_document_is_pdf_ua(opened: Any) -> None:
    root = opened.Root
    assert str(root.Lang) == "en" and bool(root.MarkInfo.Marked)
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    with opened.open_metadata() as metadata:
        assert str(metadata["pdfuaid:part"]) == "1"
        assert "Which shapes does the outcome classifier rely on?" in str(metadata["dc:title"])


def test_outline_names_every_section(opened: Any, result: AuditResult, run_folder: Path) -> None:
    with opened.open_outline() as outline:
        sections = outline.root[0].children
        assert len(sections) == len(sections_of(source_of(result, run_folder)))
        assert sections[0].title.split(maxsplit=1) == ["1", "Verdict"]


def test_every_figure_has_words_and_every_cell_its_heads(opened: Any) -> None:
    tags = tags_of(opened)
    figures = [tag for tag in tags if tag.S == "/Figure"]
    assert len(figures) == 26 + 4 and all(str(figure.Alt) for figure in figures)
    cells = [tag for tag in tags if tag.S == "/TD"]
    assert len(cells) > 300 and all(len(cell.A.Headers) >= 1 for cell in cells)


def test_bytes_are_the_same_twice(pdf_file: Path, result: AuditResult, run_folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.pdf"
    write_pdf(result, run_folder, again)
    assert again.read_bytes() == pdf_file.read_bytes()
    assert [file.name for file in tmp_path.iterdir()] == ["again.pdf"]


@pytest.mark.parametrize(
    "element",
    [
        '<link rel="attachment" href="{}">',
        '<a rel="attachment" href="{}">x</a>',
        '<img src="{}" alt="x">',
        '<link rel="stylesheet" href="{}">',
        '<object data="{}"></object>',
        '<p style="background:url({})">x</p>',
        '<svg width="9" height="9"><image width="9" height="9" href="{}"/></svg>',
    ],
)
def test_local_files_do_not_leak(element: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("p{content:'the secret'} the secret")
    with pytest.raises(ExecutionError, match="refused to fetch file:"):
        pdf.render_pdf(SMALL.format(element.format(secret.as_uri())))


def test_network_is_refused() -> None:
    with pytest.raises(ExecutionError, match="refused to fetch http"):
        pdf.render_pdf(SMALL.format('<img src="http://localhost:9/x.png" alt="x">'))


@pytest.mark.parametrize(
    ("status", "words"),
    [(NO_LIBRARIES, "apt-get install libpango"), (NO_PACKAGE, "pip install weasyprint"), (137, "status 137")],
)
def test_messages_say_what_to_do(status: int, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code = f"import sys; sys.stderr.write('OSError: cannot load library'); sys.exit({status})"
    real = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda command, **kept: real([sys.executable, "-c", code], **kept))
    with pytest.raises(ExecutionError, match=words) as raised:
        pdf.render_pdf(SMALL.format(""))
    assert "{" not in str(raised.value) and "report.html is complete" in str(raised.value)


def test_time_limit_is_an_error(tmp_path: Path, result: AuditResult, run_folder: Path) -> None:
    with pytest.raises(ExecutionError, match=r"more than 0\.01 seconds"):
        write_pdf(result, run_folder, tmp_path / "report.pdf", seconds=0.01)
    assert not list(tmp_path.iterdir())


def test_paper_is_bounded_and_says_so(result: AuditResult, run_folder: Path) -> None:
    page = page_of(
        result.model_copy(
            update={
                "findings": result.findings * 40,
                "pairs": result.pairs[:4] * 60,
                "performance": result.performance * 380,
            }
        ),
        run_folder,
    )
    cut = fit_paper(page)
    blocks = [block for section in cut.sections for block in section.blocks]
    tables = [block for block in blocks if isinstance(block, Table)]
    pairs = [block for block in blocks if isinstance(block, Pairs)]
    assert sum(len(table.rows) for table in tables) == MOST_ROWS
    assert sum(2 * len(block.pairs) for block in pairs) == MOST_PICTURES
    assert sum(block.left_out for block in pairs) == 240 - MOST_PICTURES // 2
    assert all(table.left_out == 0 for table in tables if not table.folded), "details give way first"
    small = page_of(result, run_folder)
    assert fit_paper(small) == small == replace(small)
