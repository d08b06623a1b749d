"""`auditor evaluate` of gradual interventions: which scores tell what flips, on a bundled model of known bias."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from auditor.zoo import builtin_folder
from tests.cli.conftest import Command, snapshot

SPEC = """\
version: 1
audit: {id: fading, title: "Fading shapes", revision: "1"}
models:
  - {name: biased, adapter: transformers, source: "builtin:shapes/outcome-biased", target: outcome}
  - {name: fair, adapter: transformers, source: "builtin:shapes/outcome", target: outcome}
dataset: {source: data, label: outcome}
properties: [{name: blue rectangle fades}]
interventions:
  - {name: fade, kind: compositing, realises: blue rectangle fades, colour: [235, 235, 235],
     region: {column: blue_pixels}, sweep: {opacity: {from: 0, to: 1, points: 5}}}
analyses:
  - {name: gradient, kind: property_gradient, interventions: [fade], shuffles: 99}
report: {formats: [html]}
"""
ROWS = 16


@pytest.fixture
def shapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Bundled pictures that show a blue rectangle, each with a mask of its pixels."""
    source = builtin_folder("shapes/test")
    assert source is not None
    (tmp_path / "data/blue").mkdir(parents=True)
    with (source / "metadata.csv").open(encoding="utf-8", newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["blue_rectangle"] == "1"][:ROWS]
    with (tmp_path / "data/metadata.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, [*lines[0], "blue_pixels"], lineterminator="\n")
        table.writeheader()
        for line in lines:
            name = line["file_name"]
            shutil.copyfile(source / name, tmp_path / "data" / name)
            labels = np.asarray(Image.open(source / "masks" / name))
            Image.fromarray((labels == 6).astype(np.uint8) * 255).save(tmp_path / "data/blue" / name)
            table.writerow(line | {"blue_pixels": f"blue/{name}"})
    (tmp_path / "audit.yaml").write_text(SPEC, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_scores_and_maps_predict_flips(shapes: Path, auditor: Command) -> None:
    command = ("evaluate", "audit.yaml", "--baseline", "grad_cam", "--pictures", "12", "--workers", "1")
    said = auditor(*command)
    assert said.status == 0, said.err
    assert "gradient: fade, fair: not defined: none of 12 predictions flips" in said.out
    folder = shapes / "audits/fading/1"
    found = json.loads((folder / "flips.json").read_text(encoding="utf-8"))
    biased, fair = found["tables"]
    assert [biased["name"], fair["name"]] == ["gradient: fade, biased", "gradient: fade, fair"]
    assert [row["method"] for row in biased["rows"]] == ["majority", "E|grad|", "|p_end - p_start|", "Grad-CAM"]
    units = [json.loads(line) for line in (folder / "units.jsonl").read_text(encoding="utf-8").splitlines()]
    frames = [one for one in units if one["kind"] == "frame"]
    rows = list(dict.fromkeys(one["row"] for one in frames))[:12]
    logits = {(one["row"], one["point"]): one["scores"]["biased"]["outcome"] for one in frames}
    flips = sum((logits[row, 0] > 0) != (logits[row, 4] > 0) for row in rows)
    assert biased["flips"]["count"] == flips > 0 and biased["n"] == biased["units"] == 12
    assert biased["about_maps"].startswith("of the probability, on 16 x 16 cells; baseline grey;")
    assert fair["flips"]["count"] == 0 and all(row["held_out"] is None for row in fair["rows"])
    page = (folder / "flips.html").read_text(encoding="utf-8")
    assert "gradient: fade, biased" in page and "Grad-CAM" in page and not (folder / "evaluation.html").exists()
    again = auditor(*command, "--json")
    assert json.loads(again.out)["flips"]["gradient: fade, biased"]["flips"]["count"] == flips
    assert (folder / "flips.html").read_text(encoding="utf-8") == page
    whole = auditor("evaluate", "audit.yaml", "--workers", "1")
    assert f"of {ROWS} predictions flip" in whole.out and "Grad-CAM" not in whole.out


def test_maps_that_need_gradients_are_refused_before_anything_runs(shapes: Path, auditor: Command) -> None:
    (shapes / "model.py").write_text("def score(images):\n    return images[:, 0, 0, :1] / 255.0\n", encoding="utf-8")
    text = SPEC.replace(
        '{name: fair, adapter: transformers, source: "builtin:shapes/outcome", target: outcome}',
        '{name: box, adapter: python, source: "model.py:score", outputs: [outcome], target: outcome, revision: "1"}',
    )
    (shapes / "audit.yaml").write_text(text, encoding="utf-8")
    before = snapshot(shapes)
    said = auditor("evaluate", "audit.yaml", "--allow-python", "--baseline", "deep_lift", "--baseline", "occlusion")
    assert said.status == 2 and said.err.startswith("audit.yaml:5:") and "AUD355" in said.err
    assert "DeepLift needs the gradients of the model `box`, and its python adapter gives none" in said.err
    assert snapshot(shapes) == before, "nothing is written"
