"""Reports of gradual interventions: which sections and numbers they have, and that all of it has words."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from auditor.report import render_html
from auditor.report.build_page import page_of
from auditor.report.page import Figure, Filmstrip, Filmstrips, Page, Table
from auditor.report.plots.axis import log_axis_around
from auditor.report.sections.filmstrip import spread
from auditor.report.sections.image_sweeps import MOST_LINES
from auditor.results.audit_result import AuditResult
from tests.report.outline import Outline


def blocks_of(page: Page, anchor: str, kind: type[Any]) -> list[Any]:
    (section,) = (section for section in page.sections if section.anchor == anchor)
    return [block for block in section.blocks if isinstance(block, kind)]


def strips_of(page: Page) -> list[Filmstrip]:
    return [strip for block in blocks_of(page, "sweeps", Filmstrips) for strip in block.strips]


def words_of(document: str) -> str:
    return " ".join(text for element in Outline(document).elements for text in element.text)


def test_audit_of_properties_has_no_section_about_concepts(alone: AuditResult, run_folder: Path) -> None:
    document = render_html(alone, run_folder)
    anchors = [section.anchor for section in page_of(alone, run_folder).sections]
    assert anchors[:4] == ["verdict", "gates", "properties", "sweeps"]
    assert not {"findings", "subgroups", "independence", "pairs", "reach", "dynamics"} & set(anchors)
    words = words_of(document)
    assert "Images examined" in words and "Rows examined" not in words and "Counterfactual" not in words
    assert not re.search(r"\b[Cc]oncepts?\b", words.split("The document as resolved")[0])
    assert not re.search(r"\b(nan|None|inf)\b", words)
    levels = [int(element.name[1]) for element in Outline(document).named("h1", "h2", "h3")]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_audit_of_concepts_has_no_section_about_properties(result: AuditResult, run_folder: Path) -> None:
    assert not {"properties", "sweeps", "dynamics"} & {one.anchor for one in page_of(result, run_folder).sections}


def test_audit_of_both_has_all_sections(both: AuditResult, run_folder: Path) -> None:
    anchors = {one.anchor for one in page_of(both, run_folder).sections}
    assert {"properties", "sweeps", "dynamics", "findings", "pairs"} <= anchors
    findings = blocks_of(page_of(both, run_folder), "findings", Table)
    assert not any(cell.text == "hue" for table in findings for row in table.rows for cell in row)


def test_numbers_about_properties_count_images(both: AuditResult, run_folder: Path) -> None:
    page = page_of(both, run_folder)
    (every,) = [one for one in blocks_of(page, "properties", Table) if "every number" in one.caption]
    assert [column.title for column in every.columns][6:8] == ["Images", "Left out"]
    assert "changes no pixel" in every.note and not any("rows" in cell.text for row in every.rows for cell in row)
    for table in blocks_of(page, "properties", Table)[:3]:
        assert "Over 11 images, intervals two-sided at 95" in table.note, table.caption
    assert "units.jsonl" in blocks_of(page, "properties", Table)[0].note
    (concepts,) = [one for one in blocks_of(page, "findings", Table) if "Every number" in one.caption][:1]
    assert [column.title for column in concepts.columns][6] == "Rows"


def test_departures_with_their_reasons_come_before_plain_fields(both: AuditResult, run_folder: Path) -> None:
    departures, fields = blocks_of(page_of(both, run_folder), "fidelity", Table)
    assert len(departures.columns) == 4 and all(row[3].text not in ("", "none") for row in departures.rows)
    assert len(fields.columns) == 3 and len(departures.rows) + len(fields.rows) == len(both.fidelity)


def test_many_models_are_spread_over_their_order(both: AuditResult, run_folder: Path) -> None:
    first = both.sweeps[0]
    curves = tuple(first.curves[0].model_copy(update={"model": f"epoch {k}"}) for k in range(12))
    assert [one.model for one in spread(curves)] == [f"epoch {k}" for k in (0, 2, 4, 7, 9, 11)]
    page = page_of(both.model_copy(update={"sweeps": (first.model_copy(update={"curves": curves}),)}), run_folder)
    strip = strips_of(page)[0]
    assert strip.frames[1].scores == ("0.900",) and "6 of 12 models are drawn" in strip.note


def test_sixty_checkpoints_fold_their_words_and_are_named_by_their_ends(both: AuditResult, run_folder: Path) -> None:
    names = [f"epoch {k:02}" for k in range(60)]
    one_model = [one for one in both.findings if one.model == "biased"]
    findings = tuple(one.model_copy(update={"model": name}) for name in names for one in one_model)
    page = page_of(both.model_copy(update={"findings": findings, "performance": ()}), run_folder)
    tables = {table.caption: table for table in blocks_of(page, "properties", Table)}
    assert tables["gradients: every verdict in words"].folded
    assert len(blocks_of(page, "properties", Figure)) == 2 * 3, "no drawing is taller than a sheet"
    assert ("Audited models", "60, from epoch 00 to epoch 59") in [(k, cell.text) for k, cell in page.header.rows]


def test_single_images_are_shortened_with_a_count(both: AuditResult, run_folder: Path) -> None:
    first = both.image_sweeps[0]
    many = tuple(first.model_copy(update={"image": f"{k:03}", "range": 0.001 * k}) for k in range(100))
    page = page_of(both.model_copy(update={"image_sweeps": many}), run_folder)
    (table,) = [one for one in blocks_of(page, "properties", Table) if "single images" in one.caption]
    assert table.folded and len(table.rows) == MOST_LINES and table.rows[0][0].text == "099"
    assert "60 are left out" in table.note and "result.json" in table.note


def test_moves_of_single_images_are_plain_decimals(both: AuditResult, run_folder: Path) -> None:
    tiny = {"range": 7.7e-10, "net_change": -3e-9, "gradient": 0.00421, "changed": False}
    sweeps = tuple(one.model_copy(update=tiny) for one in both.image_sweeps)
    page = page_of(both.model_copy(update={"image_sweeps": sweeps}), run_folder)
    (table,) = [one for one in blocks_of(page, "properties", Table) if "single images" in one.caption]
    line = dict(zip((column.title for column in table.columns), (cell.text for cell in table.rows[0]), strict=True))
    assert (line["Range"], line["Net change"], line["E|grad| per step"]) == ("0.0000", "0.0000", "0.0042")
    assert line["Moves"] == "left as it is"
    (scores,) = [one for one in blocks_of(page, "properties", Table) if "significance and flips" in one.caption]
    assert {row[-1].text for row in scores.rows} == {"not tested"}, "an unchanged image is smooth of no curve"


def test_published_test_is_smoothness_with_its_side(both: AuditResult, run_folder: Path) -> None:
    page = page_of(both, run_folder)
    (table,) = [one for one in blocks_of(page, "properties", Table) if "significance and flips" in one.caption]
    heads = [column.title for column in table.columns]
    line = dict(zip(heads, (cell.text for cell in table.rows[0]), strict=True))
    assert line["Significant"].startswith("yes") and line["Smoothness (published test)"] == (
        "smoother in 10, rougher in 1 of 11 images"
    )
    (every,) = [one for one in blocks_of(page, "properties", Table) if "every number" in one.caption]
    abouts = [(row[0].text, row[1].text) for row in every.rows]
    assert len(abouts) == len(set(abouts)) and ("hue, biased", "Range (probability)") in abouts
    described = dict(zip(heads, (cell.text for cell in table.rows[2]), strict=True))
    assert described["Significant"] == "not tested" and described["Smoothness (published test)"] == "not tested"


def test_epochs_are_one_figure_a_property(both: AuditResult, run_folder: Path) -> None:
    figures = blocks_of(page_of(both, run_folder), "dynamics", Figure)
    assert [figure.title for figure in figures] == ["hue over the checkpoints", "angle of view over the checkpoints"]
    assert "from scratch" in figures[0].description and ">from scratch</text>" in figures[0].svg


def test_what_was_not_measured_is_said_in_words(alone: AuditResult, run_folder: Path) -> None:
    bare = {"estimate": None, "interval": None, "verdict": "invalid", "margin": None}
    findings = tuple(one.model_copy(update=bare) for one in alone.findings if one.quantity == "range")
    sweeps = tuple(one.model_copy(update={"curves": (), "frames": (None,) * 21}) for one in alone.sweeps)
    nothing = {"findings": findings, "sweeps": sweeps, "image_sweeps": (), "checkpoints": ()}
    document = render_html(alone.model_copy(update=nothing), run_folder)
    assert document.count("not measured") > 8 and "nothing to compare with" in document
    assert not re.search(r"\b(nan|None|inf)\b", words_of(document))


def test_log_axis_is_even_in_ratios_and_holds_one() -> None:
    axis = log_axis_around((0.05, 20.0, None), 0.0, 100.0)
    assert axis.at(0.1) - axis.at(0.05) == pytest.approx(axis.at(20.0) - axis.at(10.0))
    assert axis.low < 0.05 and axis.high > 20.0 and 1.0 in axis.ticks and len(axis.ticks) <= 6
    for ends in ((0.9, 1.2), (0.5, 71.0), (0.001, 1000.0), (1.1, 1.4)):
        found = log_axis_around(ends, 0.0, 100.0)
        assert 3 <= len(found.ticks) <= 6 and any(abs(tick - 1.0) < 1e-9 for tick in found.ticks)
