"""Filmstrips of reports: which frames and curves are drawn, where, and that all of them have words."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from auditor.report import render_html, write_pdf
from auditor.report.build_page import page_of
from auditor.report.page import Filmstrips, Table
from auditor.report.paper import MOST_STRIPS, fit_paper
from auditor.report.plots.sweep_curves import GREY
from auditor.report.sections.filmstrip import MOST_KEPT, turns_of
from auditor.results.audit_result import AuditResult
from tests.report.pdf_tags import tags_of
from tests.report.sample_sweeps import CONTROLS, IMAGES, shown
from tests.report.test_report_sweeps import blocks_of, strips_of, words_of


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
