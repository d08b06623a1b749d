"""Gradual interventions from document to report: composites on bundled models, and photographs without a data set."""

from __future__ import annotations

import csv
import json
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from auditor.cli.main import commands
from auditor.errors import SpecError
from auditor.execute import Silent
from auditor.run import Options, Outcome, run
from auditor.spec import load_spec

ROOT = Path(__file__).parents[2]
SMALL = (("rows: 60", "rows: 9"), ("points: 11", "points: 5"), ("[html, pdf]", "[html]"))


def small(text: str) -> str:
    for whole, cut in SMALL:
        text = text.replace(whole, cut)
    return text + "report: {formats: [html], gallery: {pairs: 2}}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweeps")
    text = small((ROOT / "specs/shapes-gradients.yaml").read_text(encoding="utf-8"))
    (folder / "audit.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def outcome(folder: Path) -> Outcome:
    return run(load_spec(folder / "audit.yaml"), Options(), Silent())


def lines_of(outcome: Outcome) -> list[dict[str, Any]]:
    return [json.loads(line) for line in outcome.folder.units.read_text(encoding="utf-8").splitlines()]


def curves_of(lines: list[dict[str, Any]], model: str, intervention: str) -> np.ndarray:
    """Probabilities along each image's sweep, by a sigmoid of our own, (n_images, n_points)."""
    frames = [line for line in lines if line["kind"] == "frame" and line["intervention"] == intervention]
    curves = []
    for _, group in groupby(frames, key=lambda line: line["row"]):
        curve = sorted(group, key=lambda line: line["position"])
        curves.append([1 / (1 + np.exp(-line["scores"][model]["outcome"])) for line in curve])
    return np.array(curves)


def test_every_finding_can_be_recomputed_from_the_units(outcome: Outcome) -> None:
    lines = lines_of(outcome)
    found = {(one.model, one.quantity): one for one in outcome.result.findings}
    for model in ("outcome", "outcome-biased"):
        turned = curves_of(lines, model, "turned")
        assert turned.shape == (9, 5)
        assert found[model, "range"].estimate == pytest.approx(float(np.ptp(turned, axis=1).mean()), abs=1e-6)
        change = float((turned[:, -1] - turned[:, 0]).mean())
        assert found[model, "net_change"].estimate == pytest.approx(change, abs=1e-6)
        mine = np.abs(np.gradient(turned, axis=1)).mean(axis=1)
        assert found[model, "gradient"].estimate == pytest.approx(float(mine.mean()), abs=1e-6)
        assert found[model, "gradient_per_unit"].estimate == pytest.approx(4 * float(mine.mean()), abs=1e-5)
        names = ("darker above", "darker below", "noisy")
        theirs = [np.abs(np.gradient(curves_of(lines, model, name), axis=1)).mean(axis=1) for name in names]
        ratio = np.exp(np.mean([np.log(np.maximum(mine, 1e-6) / np.maximum(each, 1e-6)) for each in theirs]))
        assert found[model, "ratio"].estimate == pytest.approx(float(ratio), rel=1e-4)
        flips = [any(a != b for a, b in pairwise(row > 0.5)) for row in turned]
        assert found[model, "flips"].estimate == pytest.approx(np.mean(flips))


def test_doses_are_distances_between_stored_frames(outcome: Outcome) -> None:
    frames = [line for line in lines_of(outcome) if line["kind"] == "frame" and line["intervention"] == "noisy"]
    assert {line["position"]: line["distance"] == 0.0 for line in frames if line["row"] == frames[0]["row"]}[0.0]
    assert all(0.0 < line["distance"] < 0.2 and line["ssim"] < 1.0 for line in frames if line["position"] > 0)
    gate = next(check for check in outcome.result.checks if check.kind == "control_dose")
    assert {part.subject for part in gate.parts} == {
        f"hue: {of}" for of in ("darker above", "darker below", "noisy", "without preference")
    }


def test_sweeps_are_shown_by_rule_with_their_frames(outcome: Outcome) -> None:
    shown = outcome.result.sweeps
    rules = [one.rule for one in shown if one.intervention == "turned"]
    assert rules == ["random"] * 2 + ["most_moved"] * 2 + ["least_moved"] * 2
    for one in shown:
        assert all(frame and (outcome.folder.path / frame).is_file() for frame in (one.original, *one.frames))
        assert len(one.curves) == 2 and all(len(curve.scores) == 5 for curve in one.curves)
    spans = [float(np.ptp(one.curves[0].scores)) for one in shown if one.rule in ("most_moved", "least_moved")]
    assert spans == sorted(spans, reverse=True)[:2] + spans[2:] and spans[1] >= spans[2]
    assert len(outcome.result.image_sweeps) == 2 * 9


def test_a_second_run_computes_nothing_and_changes_no_byte(folder: Path, outcome: Outcome) -> None:
    before = (outcome.folder.path / "result.json").read_bytes()
    again = run(load_spec(folder / "audit.yaml"), Options(out=folder / "again"), Silent())
    assert sum(again.ran.values()) == 0
    assert (folder / "again/result.json").read_bytes() == before


def test_the_plan_says_what_can_be_claimed(folder: Path) -> None:
    said = CliRunner().invoke(commands, ["plan", str(folder / "audit.yaml"), "--json"])
    claims = {one["claim"]: one for one in json.loads(said.stdout)["claims"]}
    assert claims["over images"]["reachable"] and claims["over images"]["smallest_p"] == pytest.approx(2**-9)
    assert claims["in general"]["reachable"] and not claims["single images"]["reachable"]


def test_photographs_need_no_data_set(tmp_path: Path) -> None:
    turntable = tmp_path / "turntable"
    turntable.mkdir()
    rows = []
    for toy, side in (("duck", 20), ("car", 30)):
        for angle in (0, 10, 25, 90):
            picture = Image.new("RGB", (64, 64), (230, 230, 230))
            picture.paste(Image.new("RGB", (side, side), (40, 70, 210)).rotate(angle), (10, 10))
            picture.save(turntable / f"{toy}-{angle}.png")
            rows.append({"file_name": f"{toy}-{angle}.png", "toy": toy, "angle": angle})
    with (turntable / "metadata.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["file_name", "toy", "angle"])
        writer.writeheader()
        writer.writerows(reversed(rows))  # In any order: the measured value says where a photograph belongs.
    (tmp_path / "audit.yaml").write_text(
        """\
version: 1
audit: {id: turntable, title: Does the score follow the angle?, revision: "1"}
models: [{name: outcome, adapter: transformers, source: "builtin:shapes/outcome", target: outcome}]
properties: [{name: angle, unit: degrees}]
interventions: [{name: turned, kind: captured, realises: angle, source: turntable, value: angle, object: toy}]
analyses: [{name: gradients, kind: property_gradient, interventions: [turned]}]
report: {formats: [html], gallery: {pairs: 2}}
""".replace("title: Does the score follow the angle?", 'title: "Does the score follow the angle?"'),
        encoding="utf-8",
    )
    outcome = run(load_spec(tmp_path / "audit.yaml"), Options(), Silent())
    assert [one.image for one in outcome.result.image_sweeps] == ["car", "duck"]
    found = {one.quantity: one for one in outcome.result.findings}
    assert found["range"].verdict == "descriptive" and "ratio" not in found
    lines = lines_of(outcome)
    assert [line["position"] for line in lines] == [0.0, 10.0, 25.0, 90.0] * 2
    curves = curves_of(lines, "outcome", "turned")
    slopes = np.abs(np.gradient(curves, np.array([0.0, 10.0, 25.0, 90.0]), axis=1)).mean(axis=1)
    assert found["gradient_per_unit"].estimate == pytest.approx(float(slopes.mean()), abs=1e-7)
    assert "turntable" in outcome.folder.html.read_text(encoding="utf-8")


PICKY = """\
def score(images):
    if images.shape[1] < 32:
        raise ValueError("pictures of 32 pixels are needed")
    return (images.astype(float).mean((1, 2))[:, :1] - 128) / 10
"""


def test_a_picture_smaller_than_a_model_takes_is_told_before_anything_is_computed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for number, side in enumerate((64, 64, 16, 64)):
        Image.new("RGB", (side, side), (40 * number, 90, 90)).save(tmp_path / f"data/{number}.png")
    (tmp_path / "data/metadata.csv").write_text("file_name\n0.png\n1.png\n2.png\n3.png\n", encoding="utf-8")
    (tmp_path / "model.py").write_text(PICKY, encoding="utf-8")
    (tmp_path / "audit.yaml").write_text(
        """\
version: 1
audit: {id: picky, title: Does the score follow the light?, revision: "1"}
models: [{name: picky, adapter: python, source: "model.py:score", outputs: [x], revision: "1", target: x}]
dataset: {source: data}
properties: [{name: light}]
interventions:
  - {name: darker, kind: compositing, realises: light, brightness: 0.5, sweep: {strength: {values: [0, 0.5, 1]}}}
analyses: [{name: gradients, kind: property_gradient, interventions: [darker]}]
""".replace("title: Does the score follow the light?", 'title: "Does the score follow the light?"'),
        encoding="utf-8",
    )
    with pytest.raises(SpecError, match="pictures of 32 pixels are needed") as told:
        run(load_spec(tmp_path / "audit.yaml"), Options(allow_python=True, workers=1), Silent())
    (problem,) = told.value.problems
    assert problem.code == "AUD373" and problem.where is not None and problem.where.line == 3
    assert not list((tmp_path / ".auditor/store").rglob("objects/*/*"))


def test_a_single_picture_is_explained_by_its_sweeps_and_nothing_is_claimed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    Image.linear_gradient("L").resize((64, 64)).convert("RGB").save(tmp_path / "data/only.png")
    (tmp_path / "data/metadata.csv").write_text("file_name\nonly.png\n", encoding="utf-8")
    (tmp_path / "model.py").write_text("def score(x):\n    return x.mean((1, 2))[:, :1] / 64 - 2\n", encoding="utf-8")
    darker = "kind: compositing, brightness: 0.5, sweep: {strength: {values: [0, 0.5, 1]}}"
    (tmp_path / "audit.yaml").write_text(
        f"""\
version: 1
audit: {{id: one, title: "Does the score of this picture follow its light?", revision: "1"}}
models:
  - {{name: light, adapter: python, source: "model.py:score", outputs: [outcome], revision: "1", target: outcome}}
dataset: {{source: data}}
properties: [{{name: light}}, {{name: left}}, {{name: right}}, {{name: below}}]
interventions:
  - {{name: darker, realises: light, {darker}}}
  - {{name: darker left, realises: left, region: {{box: [0, 0, 0.5, 1]}}, {darker}}}
  - {{name: darker right, realises: right, region: {{box: [0.5, 0, 1, 1]}}, {darker}}}
  - {{name: darker below, realises: below, region: {{box: [0, 0.5, 1, 1]}}, {darker}}}
analyses:
  - name: gradients
    kind: property_gradient
    interventions: [darker]
    controls: [darker left, darker right, darker below]
report: {{formats: [html]}}
""",
        encoding="utf-8",
    )
    outcome = run(load_spec(tmp_path / "audit.yaml"), Options(allow_python=True, workers=1), Silent())
    (image,) = outcome.result.image_sweeps
    curve = curves_of(lines_of(outcome), "light", "darker")[0]
    assert image.image == "only.png" and image.range == pytest.approx(float(np.ptp(curve)), abs=1e-6)
    assert {one.verdict for one in outcome.result.findings} == {"inconclusive", None}
