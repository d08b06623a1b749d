"""No text of a user's ever becomes an element, an attribute or an address."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.report import render_html
from auditor.report.build_page import page_of
from auditor.report.templates import draw_page
from auditor.results.audit_result import AuditResult
from tests.report.outline import Outline
from tests.report.payloads import PAYLOADS, poisoned
from tests.report.sample_sweeps import with_sweeps


def poisoned_result(result: AuditResult, payload: str) -> AuditResult:
    return AuditResult.model_validate(poisoned(result, AuditResult, payload))


@pytest.fixture(scope="module")
def result(result: AuditResult, run_folder: Path) -> AuditResult:
    """The sample with gradual interventions, so that their texts are reached too."""
    return with_sweeps(result, run_folder)


@pytest.fixture(scope="module")
def harmless(result: AuditResult, run_folder: Path) -> Outline:
    return Outline(render_html(poisoned_result(result, "harmless"), run_folder))


def test_the_corpus_is_large_and_reaches_every_text(result: AuditResult) -> None:
    assert len(PAYLOADS) >= 50
    text = poisoned_result(result, "harmless").model_dump_json()
    assert text.count("harmless") > 600 and "blue" not in text and "outcome/" not in text


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_payload_changes_no_element(payload: str, result: AuditResult, run_folder: Path, harmless: Outline) -> None:
    outline = Outline(render_html(poisoned_result(result, payload), run_folder))
    # Names in drawings are broken into lines, so their number may differ; their kind may not.
    assert [one for one in outline.shape() if one[0] != "text"] == [one for one in harmless.shape() if one[0] != "text"]
    assert all(set(element.attributes) <= SVG_TEXT for element in outline.named("text"))


SVG_TEXT = {"x", "y", "font-size", "text-anchor", "fill", "font-weight"}


def test_paper_is_escaped_too(result: AuditResult, run_folder: Path) -> None:
    page = page_of(poisoned_result(result, PAYLOADS[5]), run_folder)
    assert not [one for one in Outline(draw_page(page, "paper")).named("img") if one.attributes.get("src") == "x"]


def test_invisible_characters_are_written_out(result: AuditResult, run_folder: Path) -> None:
    page = render_html(poisoned_result(result, "a\u202eb\x1bc"), run_folder)
    assert "\u202e" not in page and "\x1b" not in page and "a\\u202eb\\u001bc" in page
