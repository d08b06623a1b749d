"""The report of a training: 4 series of 30 checkpoints lead with their curves, and the report stays short."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from auditor.report import render_html
from auditor.report.build_page import page_of
from auditor.report.page import Bullets, Figure, Filmstrips, Page, Table
from auditor.report.paper import MOST_FOLDED, fit_paper
from auditor.report.plots.axis import Axis, LogAxis
from auditor.report.plots.curves import CurvePoint
from auditor.report.plots.epochs import EpochPanel, _across, _upwards
from auditor.results.audit_result import AuditResult, Identity, OpCount, PlanSummary
from auditor.results.sweeps.sweep_result import CheckpointResult
from tests.report.sample_result import interval
from tests.report.sample_sweeps import sweeps_alone

SERIES = ("a-scratch", "a-pretrained", "b-scratch", "b-pretrained")
EPOCHS = range(1, 31)
RELIED = {3, 4, 5, 6, 9, 11, 12}
"""Epochs at which models of every series rely."""


@pytest.fixture(scope="module")
def training(result: AuditResult, run_folder: Path) -> AuditResult:
    """One property of 120 checkpoints, of which one was not measured."""
    alone = sweeps_alone(result, run_folder)
    every = [one for one in alone.findings if one.model == "biased" and one.subject.name == "hue"]
    findings, checkpoints, models = [], [], []
    for series in SERIES:
        for epoch in EPOCHS:
            model = f"{series} {epoch:02}"
            models.append(model)
            checkpoints.append(CheckpointResult(series=series, model=model, order=float(epoch)))
            for one in every:
                changes = {"model": model, "estimate": (one.estimate or 0.1) / epoch, "interval": interval(0.1, 0.05)}
                if one.verdict:
                    changes["verdict"] = "relies" if epoch in RELIED else "inconclusive"
                if model == "a-scratch 07":
                    changes |= {"estimate": None, "interval": None}
                findings.append(one.model_copy(update=changes))
    curves = tuple(alone.sweeps[0].curves[0].model_copy(update={"model": model}) for model in models)
    op = OpCount(op="predict x", as_published=10, asked=20, distinct=20)
    return alone.model_copy(
        update={
            "findings": tuple(findings),
            "checkpoints": tuple(checkpoints),
            "sweeps": tuple(one.model_copy(update={"curves": curves}) for one in alone.sweeps[:1]),
            "plan": PlanSummary(ops=(op.model_copy(update={"op": "load pictures"}), *(op for _ in models))),
            "identities": tuple(Identity(role="model", name=model, digest="0" * 64) for model in models),
        }
    )


def blocks(page: Page, anchor: str) -> tuple[object, ...]:
    return next(one.blocks for one in page.sections if one.anchor == anchor)


def test_curves_of_a_training_come_before_the_numbers_of_its_checkpoints(
    training: AuditResult, run_folder: Path
) -> None:
    page = page_of(training, run_folder)
    anchors = [one.anchor for one in page.sections]
    assert anchors.index("dynamics") < anchors.index("properties") < anchors.index("sweeps")
    properties = blocks(page, "properties")
    assert not [one for one in properties if isinstance(one, Figure)], "a line for each of 120 models is no drawing"
    assert all(one.folded for one in properties if isinstance(one, Table))
    (plan,) = (one for one in blocks(page, "plan") if isinstance(one, Table))
    assert [[cell.text for cell in row[:3]] for row in plan.rows] == [
        ["Load pictures", "10", "20"],
        ["Predict, 120 steps together", "1,200", "2,400"],
    ]
    several = [one for one in blocks(page, "provenance") if isinstance(one, Table) and len(one.rows) == 120]
    assert [(one.caption, one.folded) for one in several] == [("Model: all 120", True)]


def test_figure_of_a_training_has_scores_flips_and_ratios_with_their_limit(
    training: AuditResult, run_folder: Path
) -> None:
    (figure,) = (one for one in blocks(page_of(training, run_folder), "dynamics") if isinstance(one, Figure))
    for words in ("E|grad| per step", "Share of images whose decision changes", "Ratio to the controls"):
        assert f">{words}" in figure.svg
    assert all(f">{series}</text>" in figure.svg for series in SERIES)
    dashes = re.findall(r'<path d="M[^"]* L[^"]*" fill="none"[^>]*stroke-dasharray="([^"]*)"', figure.svg)
    assert len(set(dashes)) == len(SERIES) - 1, "the first is solid, and every other has dashes of its own"
    assert "Over 11 images, intervals two-sided at 95 %." in figure.caption.replace("\N{NO-BREAK SPACE}", " ")


def test_a_checkpoint_without_numbers_is_a_gap_and_a_word(training: AuditResult, run_folder: Path) -> None:
    page = page_of(training, run_folder)
    (figure,) = (one for one in blocks(page, "dynamics") if isinstance(one, Figure))
    assert "nan" not in figure.svg.lower() and "None" not in figure.svg
    (table,) = (one for one in blocks(page, "dynamics") if isinstance(one, Table))
    row = next(row for row in table.rows if row[2].text == "a-scratch 07")
    assert [cell.text for cell in row[4:]] == ["not measured"] * 3


def test_epochs_of_reliance_are_named_by_the_ends_of_their_rows(training: AuditResult, run_folder: Path) -> None:
    (said,) = (one for one in blocks(page_of(training, run_folder), "dynamics") if isinstance(one, Bullets))
    assert said.items[0] == (
        "a-scratch: inconclusive at epochs 1, 2, 7, 8, 10, 13 to 30; relies at epochs 3 to 6, 9, 11, 12."
    )
    assert len(said.items) == len(SERIES)


def test_checkpoints_that_the_document_leaves_out_are_named(training: AuditResult, run_folder: Path) -> None:
    kept = [one for one in training.checkpoints if (one.series, one.order) not in (("a-scratch", 9), ("a-scratch", 10))]
    gone = training.model_copy(update={"checkpoints": tuple(kept)})
    (said,) = (one for one in blocks(page_of(gone, run_folder), "dynamics") if isinstance(one, Bullets))
    assert said.items[0].endswith(" Left out by the document: epochs 9, 10.")
    assert not any("Left out" in item for item in said.items[1:])


def test_sweeps_show_the_last_checkpoint_of_each_series(training: AuditResult, run_folder: Path) -> None:
    (strips,) = (one for one in blocks(page_of(training, run_folder), "sweeps") if isinstance(one, Filmstrips))
    (strip,) = strips.strips
    assert [words[0] for words in strip.frames[1].scores] == ["A", "B", "C", "D"]
    assert strip.plot is not None and all(f"{one} 30" in strip.plot.description for one in SERIES)
    assert "4 of 120 models are drawn, the last checkpoint of each series" in strip.note


def test_a_report_of_120_checkpoints_stays_small(training: AuditResult, run_folder: Path) -> None:
    text = render_html(training, run_folder)
    opened = re.sub(r"<details.*?</details>", "", text, flags=re.S)
    assert len(text) < 1_500_000 and opened.count("<tr>") < 150


def test_axes_of_epochs_begin_at_the_first_and_ratios_are_logarithmic() -> None:
    assert _across(Axis(1.0, 30.0, 0.0, 100.0))[0] == 1.0 and _across(Axis(0.0, 30.0, 0.0, 100.0))[0] == 0.0
    points = [CurvePoint(1.0, 4.0, 2.0, 8.0), CurvePoint(2.0, 0.5, 0.2, 1.0)]
    ratios = _upwards(EpochPanel("", (), 2.0, True), points, 100.0, 0.0)
    assert isinstance(ratios, LogAxis) and ratios.low < 0.2 and ratios.high > 8.0
    assert ratios.at(1.0) - ratios.at(2.0) == pytest.approx(ratios.at(2.0) - ratios.at(4.0))
    scores = _upwards(EpochPanel("", ()), points, 100.0, 0.0)
    assert isinstance(scores, Axis) and scores.low == 0.0


def test_paper_has_the_head_of_each_folded_table_and_says_what_is_left_out(
    training: AuditResult, run_folder: Path
) -> None:
    page = fit_paper(page_of(training, run_folder))
    tables = [one for section in page.sections for one in section.blocks if isinstance(one, Table) and one.folded]
    long = [one for one in tables if len(one.rows) + one.left_out >= 120]
    assert len(long) >= 4 and all(len(one.rows) == MOST_FOLDED and one.left_out >= 80 for one in long)
