"""Reports of gradual interventions: what stands under which frame, what is left out, and that all of it has words."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from auditor.report import render_html, write_pdf
from auditor.report.build_page import page_of
from auditor.report.page import Figure, Filmstrip, Filmstrips, Page, Table
from auditor.report.paper import MOST_STRIPS, fit_paper
from auditor.report.plots.axis import log_axis_around
from auditor.report.plots.sweep_curves import GREY
from auditor.report.sections.filmstrip import MOST_KEPT, spread, turns_of
from auditor.report.sections.image_sweeps import MOST_LINES
from auditor.results.audit_result import AuditResult
from tests.report.outline import Outline
from tests.report.pdf_tags import tags_of
from tests.report.sample_sweeps import CONTROLS, IMAGES, shown, sweeps_alone, with_sweeps


@pytest.fixture(scope="module")
def both(result: AuditResult, run_folder: Path) -> AuditResult:
    """An audit of concepts and of properties."""
    return with_sweeps(result, run_folder)


@pytest.fixture(scope="module")
def alone(result: AuditResult, run_folder: Path) -> AuditResult:
    """An audit of properties in photographs."""
    return sweeps_alone(result, run_folder)


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


def test_score_stands_under_its_own_frame(both: AuditResult, run_folder: Path) -> None:
    strip = strips_of(page_of(both, run_folder))[0]
    assert [frame.place for frame in strip.frames] == ["original", "0", "45", "90"]
    assert [frame.scores for frame in strip.frames[:2]] == [("not swept",), ("A 0.900", "B 0.900")]
    assert strip.frames[2].scores == ("A 0.500", "B 0.500")
    assert strip.frames[3].scores == ("A 0.100", "A → no", "B 0.100", "B → no")
    assert "point 11 of 21" in strip.frames[2].picture.alt and "3 of 21 frames" in strip.note
    assert [frame.picture.width for frame in strip.frames[1:]] == [24, 25, 26], "each picture at its own place"


def test_of_a_hundred_points_the_drawn_ones_stand_at_their_places(both: AuditResult, run_folder: Path) -> None:
    swept = shown(run_folder, 100, (0, 50, 99))
    page = page_of(both.model_copy(update={"sweeps": swept}), run_folder)
    frames = strips_of(page)[0].frames[1:]
    assert [frame.place for frame in frames] == ["0", "225", "445.5"]
    expected = [f"A {0.9 - 0.8 * k / 99:.3f}" for k in (0, 50, 99)]
    assert [frame.scores[0] for frame in frames] == expected


def test_each_sweep_is_drawn_once_and_controls_by_themselves(both: AuditResult, run_folder: Path) -> None:
    page = page_of(both, run_folder)
    titles = [strip.title for strip in strips_of(page)]
    assert titles == [f"hue in {IMAGES[0]}", f"hue in {IMAGES[5]}", f"left in {IMAGES[0]}"]
    words = words_of(render_html(both, run_folder))
    assert f"hue in {IMAGES[0]} (see Drawn at random)" in words
    failed = blocks_of(page, "sweeps", Table)
    assert [cell.text for cell in failed[0].rows[0]] == ["hue", IMAGES[11], "the frame at 9 is not a number"]


def test_curves_say_in_words_what_they_draw(both: AuditResult, run_folder: Path) -> None:
    strip = strips_of(page_of(both, run_folder))[0]
    assert strip.plot is not None
    for words in ("score 0.900 at 0 and 0.100 at 90", "decided otherwise from 49.5 (no)", "below 0.120 count as none",
                  "decision changes at a score of 0.5", "3 controls it moves by at most 0.000"):  # fmt: skip
        assert words in strip.plot.description
    legend = (*(f"control {name}" for name in CONTROLS), "decision threshold", "null band", "decision changes")
    assert all(f">{words}</text>" in strip.plot.svg for words in legend)
    assert turns_of(both.sweeps[0].curves[0]) == (11,)


def test_each_control_has_a_name_and_dashes_of_its_own(both: AuditResult, run_folder: Path) -> None:
    def dashes(controls: dict[str, tuple[float, ...]]) -> tuple[list[str], str]:
        curve = both.sweeps[0].curves[0].model_copy(update={"controls": controls})
        sweep = both.sweeps[0].model_copy(update={"curves": (curve,)})
        plot = strips_of(page_of(both.model_copy(update={"sweeps": (sweep,)}), run_folder))[0].plot
        assert plot is not None
        return re.findall(rf'<line [^>]*stroke="{GREY}"[^>]*?(?:stroke-dasharray="([^"]*)")?/>', plot.svg), plot.svg

    few, drawn = dashes({f"control {k}": (0.8 - 0.1 * k,) * 21 for k in range(3)})
    assert len(few) == len(set(few)) == 3 and drawn.count(">control control") == 3
    many, drawn = dashes({f"control {k}": (0.8,) * 21 for k in range(19)})
    assert many == [""] and ">controls</text>" in drawn, "of nineteen none can be told from the others by its dashes"


def test_every_line_of_the_legend_lies_inside_the_drawing(both: AuditResult, run_folder: Path) -> None:
    names = ("a rather long name of a control", "b", "another long name of a control", "d", "e")
    curve = both.sweeps[0].curves[0].model_copy(update={"controls": {name: (0.9,) * 21 for name in names}})
    sweep = both.sweeps[0].model_copy(update={"curves": (curve,)})
    plot = strips_of(page_of(both.model_copy(update={"sweeps": (sweep,)}), run_folder))[0].plot
    assert plot is not None
    width, height = (float(found) for found in re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', plot.svg).groups())  # type: ignore[union-attr]
    words = re.findall(r'<text x="([\d.]+)" y="([\d.]+)" font-size="11" text-anchor="start"[^>]*>([^<]*)<', plot.svg)
    assert len(words) == 5 + 4
    assert all(float(x) + 11 * 0.53 * len(said) <= width and float(y) < height - 3 for x, y, said in words)


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


def test_scores_that_are_no_probabilities_have_an_axis_of_their_own(both: AuditResult, run_folder: Path) -> None:
    findings = tuple(one.model_copy(update={"unit": "logit"}) if one.quantity == "range" else one
                     for one in both.findings)  # fmt: skip
    falling = {"scores": tuple(-3.0 - k for k in range(21)), "threshold": 0.0, "controls": {}}
    curves = tuple(one.model_copy(update=falling) for one in both.sweeps[0].curves)
    sweep = both.sweeps[0].model_copy(update={"curves": curves})
    page = page_of(both.model_copy(update={"findings": findings, "sweeps": (sweep,)}), run_folder)
    strip = strips_of(page)[0]
    plot = strip.plot
    assert plot is not None and "Curves: logit upwards" in strip.note and "20</text>" in plot.svg


def test_log_axis_is_even_in_ratios_and_holds_one() -> None:
    axis = log_axis_around((0.05, 20.0, None), 0.0, 100.0)
    assert axis.at(0.1) - axis.at(0.05) == pytest.approx(axis.at(20.0) - axis.at(10.0))
    assert axis.low < 0.05 and axis.high > 20.0 and 1.0 in axis.ticks and len(axis.ticks) <= 6
    for ends in ((0.9, 1.2), (0.5, 71.0), (0.001, 1000.0), (1.1, 1.4)):
        found = log_axis_around(ends, 0.0, 100.0)
        assert 3 <= len(found.ticks) <= 6 and any(abs(tick - 1.0) < 1e-9 for tick in found.ticks)


def test_of_many_properties_some_strips_of_each_stand_open(both: AuditResult, run_folder: Path) -> None:
    first = both.sweeps[0]
    many = tuple(
        first.model_copy(update={"property": name, "intervention": name, "image": f"{k}"})
        for name in ("hue", "angle of view", "frame")
        for k in range(6)
    )
    findings = tuple(
        one.model_copy(update={"subject": one.subject.model_copy(update={"name": name})})
        for name in ("hue", "angle of view", "frame")
        for one in both.findings
        if one.subject.name == "hue"
    )
    page = page_of(both.model_copy(update={"sweeps": many, "findings": findings}), run_folder)
    is_open, folded = blocks_of(page, "sweeps", Filmstrips)
    assert [strip.title for strip in is_open.strips] == [
        f"{name} in {k}" for name in ("hue", "angle of view", "frame") for k in range(2)
    ]
    assert folded.folded and len(folded.strips) == 12 and folded.rule == "12 more sweeps by this rule"
    paper = fit_paper(page)
    assert [len(one.strips) for one in blocks_of(paper, "sweeps", Filmstrips)] == [6, 12]


def test_frames_of_photographs_are_embedded_small(both: AuditResult, run_folder: Path) -> None:
    from PIL import Image

    name = "images/photograph.png"
    noise = np.random.default_rng(0).integers(0, 256, (160, 160, 3)).astype(np.uint8)
    Image.fromarray(noise).save(run_folder / name)
    assert (run_folder / name).stat().st_size > MOST_KEPT
    sweep = both.sweeps[0].model_copy(update={"frames": (name,) * 21})
    frames = strips_of(page_of(both.model_copy(update={"sweeps": (sweep,)}), run_folder))[0].frames
    shapes, photograph = frames[0].picture, frames[1].picture
    assert shapes.source is not None and shapes.source.startswith("data:image/png")
    assert photograph.source is not None and photograph.source.startswith("data:image/jpeg")
    assert (photograph.width, photograph.height) == (160, 160)


def test_paper_holds_few_strips_and_says_so(both: AuditResult, run_folder: Path) -> None:
    first = both.sweeps[0]
    many = tuple(first.model_copy(update={"image": f"{k:03}"}) for k in range(MOST_STRIPS + 3))
    cut = fit_paper(page_of(both.model_copy(update={"sweeps": many}), run_folder))
    kept = blocks_of(cut, "sweeps", Filmstrips)
    assert sum(len(one.strips) for one in kept) == MOST_STRIPS and sum(one.left_out for one in kept) == 3


def test_pdf_has_words_for_every_frame_and_curve(alone: AuditResult, run_folder: Path, tmp_path: Path) -> None:
    pikepdf = pytest.importorskip("pikepdf")
    path = tmp_path / "report.pdf"
    write_pdf(alone, run_folder, path)
    with pikepdf.open(path) as document:
        figures = [tag for tag in tags_of(document) if tag.S == "/Figure"]
        assert len(figures) == 3 * 4 + 3 + 2, "frames with originals, curves, and a figure for each property"
        assert all(str(figure.Alt) for figure in figures)
        with document.open_metadata() as metadata:
            assert str(metadata["pdfuaid:part"]) == "1"
