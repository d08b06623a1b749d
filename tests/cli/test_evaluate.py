"""`auditor evaluate`: the bundled models against oracles, and what cannot be evaluated."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from auditor.zoo import builtin_folder
from tests.cli.conftest import Command, snapshot

SPEC = """\
version: 1
audit: {id: two, title: "Two models", revision: "1"}
models:
  - {name: outcome, adapter: transformers, source: "builtin:shapes/outcome", target: outcome}
  - {name: other, adapter: transformers, source: "SOURCE", target: TARGET}
detectors: [{name: shapes, adapter: transformers, source: "builtin:shapes/detector"}]
dataset: {source: data, label: outcome}
concepts:
  - {name: red circle, column: red_circle, phrase: red circle}
  - {name: a green circle, column: green_circle, phrase: green circle, detector_output: green circle}
  - {name: blue circle, column: blue_circle, phrase: blue circle}
  - {name: red rectangle, column: red_rectangle, phrase: red rectangle}
  - {name: green rectangle, column: green_rectangle, phrase: green rectangle}
  - {name: blue rectangle, column: blue_rectangle, phrase: blue rectangle}
interventions:
  - {name: captions, kind: text_to_image, source: "builtin:shapes/text-to-image", steps: 1, noise: {draws: 1}}
analyses:
  - {name: reliance, kind: permutation_importance, intervention: captions}
report: {formats: [html]}
"""
ROWS = 8


@pytest.fixture
def shapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An audit of two bundled models on the first bundled pictures, with their masks."""
    source = builtin_folder("shapes/test")
    assert source is not None
    (tmp_path / "data/masks").mkdir(parents=True)
    lines = (source / "metadata.csv").read_text(encoding="utf-8").splitlines()[: ROWS + 1]
    (tmp_path / "data/metadata.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name in [f"{number:04d}.png" for number in range(ROWS)]:
        shutil.copyfile(source / name, tmp_path / "data" / name)
        shutil.copyfile(source / "masks" / name, tmp_path / "data/masks" / name)
    shutil.copyfile(source / "masks/values.csv", tmp_path / "data/masks/values.csv")
    write(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, source: str = "builtin:shapes/outcome-biased", target: str = "outcome") -> None:
    text = SPEC.replace("SOURCE", source).replace("TARGET", target)
    (folder / "audit.yaml").write_text(text, encoding="utf-8")


def test_an_audit_and_baselines_are_compared_with_oracles(shapes: Path, auditor: Command) -> None:
    command = ("evaluate", "audit.yaml", "--baseline", "lime", "--baseline", "grad_cam", "--pictures", "3",
               "--samples", "12", "--workers", "1")  # fmt: skip
    said = auditor(*command)
    assert said.status == 0, said.err
    for method in ("presences", "audit: reliance", "bottleneck", "LIME", "Grad-CAM"):
        assert f"  {method} " in said.out
    folder = shapes / "audits/two/1"
    found = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    assert found["models"] == ["outcome", "other"] and len(found["concepts"]) == 6
    bottleneck = next(one for one in found["oracles"] if one["name"] == "bottleneck")["importances"]
    ceiling = next(one for one in found["methods"] if one["name"] == "presences")["importances"]
    assert bottleneck[0][5] == pytest.approx(0.0, abs=0.02), "the outcome model does not look at blue rectangles"
    assert sorted(range(6), key=lambda j: -bottleneck[0][j])[0] == 0
    assert all(abs(a - b) < 0.2 for one, other in zip(bottleneck, ceiling, strict=True) for a, b in zip(one, other))  # noqa: B905
    assert all(one["interval"] is None for each in found["agreements"] for one in each["correlations"])
    page = (folder / "evaluation.html").read_text(encoding="utf-8")
    assert "Against bottleneck" in page and "LIME, 12 samples a picture" in page
    again = auditor(*command, "--json")
    assert json.loads(again.out)["agreements"][0]["method"] == "presences"
    assert (folder / "evaluation.html").read_text(encoding="utf-8") == page


def refused(auditor: Command, folder: Path, *more: str) -> str:
    before = snapshot(folder)
    said = auditor("evaluate", "audit.yaml", *more)
    assert said.status == 2 and said.out == "" and "Traceback" not in said.err and "way out: " in said.err
    assert snapshot(folder) == before, "nothing is written"
    return said.err


def test_an_oracle_asked_of_a_black_box_is_refused_at_its_line(shapes: Path, auditor: Command) -> None:
    write(shapes, target="red circle")
    err = refused(auditor, shapes)
    assert err.startswith("audit.yaml:5:") and "AUD354" in err
    assert "the model `other` is a black box to this oracle: its target `red circle` is a concept itself" in err


def test_masks_of_another_size_and_no_masks_are_refused(shapes: Path, auditor: Command) -> None:
    Image.new("L", (32, 64)).save(shapes / "data/masks/0002.png")
    err = refused(auditor, shapes, "--baseline", "lime")
    assert "AUD353" in err and "the mask `0002.png` is 32 x 64 pixels, and its picture 64 x 64" in err
    shutil.rmtree(shapes / "data/masks")
    err = refused(auditor, shapes, "--baseline", "lime")
    assert "AUD351" in err and "there are no masks" in err


def test_maps_that_rank_nothing_are_refused_without_gradual_interventions(shapes: Path, auditor: Command) -> None:
    before = snapshot(shapes)
    said = auditor("evaluate", "audit.yaml", "--baseline", "occlusion")
    assert said.status == 2 and "the baseline occlusion predicts flips along gradual interventions" in said.err
    assert snapshot(shapes) == before, "nothing is written"
