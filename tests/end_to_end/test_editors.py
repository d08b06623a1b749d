"""Every kind of editor runs from document to report; an edit that nobody sees happen makes its findings invalid."""

from __future__ import annotations

import json

import numpy as np
import pytest

from auditor.execute import Silent
from auditor.run import Options, Outcome, run
from auditor.spec import load_spec

SPEC = """\
version: 1
audit: {id: editors, title: What do editors do to the score?, revision: "1"}
models: [{name: outcome, adapter: transformers, source: "builtin:shapes/outcome", target: outcome}]
detectors: [{name: shapes, adapter: transformers, source: "builtin:shapes/detector"}]
dataset: {source: "builtin:shapes/test", rows: 4, seed: 0}
properties: [{name: redrawn}, {name: added}]
interventions:
  - {name: drawn anew, kind: image_edit, editor: image_to_image, realises: redrawn,
     source: "builtin:shapes/text-to-image", instruction: "red circle, blue rectangle", guidance: 2.0, steps: 6,
     sweep: {strength: {values: [0, 0.34, 0.67, 1]}}}
  - {name: added circle, kind: image_edit, editor: ledits_pp, masks: noise, realises: added,
     source: "builtin:shapes/text-to-image", instruction: "red circle", steps: 6, noise: {draws: 2},
     sweep: {guidance: {from: 0, to: 9, points: 4}}}
analyses:
  - {name: strengths, kind: property_gradient, interventions: [drawn anew]}
  - {name: additions, kind: property_gradient, interventions: [added circle], output: logit, margin: {range: 50}}
checks:
  - {kind: edit_success, of: additions, intervention: added circle, output: red circle, min_success: 0.99}
report: {formats: [html], gallery: {pairs: 1}}
"""


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    path = tmp_path_factory.mktemp("editors") / "audit.yaml"
    title = "title: What do editors do to the score?"
    path.write_text(SPEC.replace(title, title.replace("What", '"What') + '"'), encoding="utf-8")
    return run(load_spec(path), Options(), Silent())


def test_image_to_image_sweeps_strength(outcome: Outcome) -> None:
    lines = [json.loads(line) for line in outcome.folder.units.read_text(encoding="utf-8").splitlines()]
    moved = [line["distance"] for line in lines if line.get("intervention") == "drawn anew"]
    by_point = np.array(moved).reshape(4, 4).mean(axis=0)
    assert by_point[0] == 0.0 and by_point[3] > by_point[1] > 0.0
    found = {one.quantity: one for one in outcome.result.findings if one.analysis == "strengths"}
    assert found["range"].verdict == "descriptive" and found["range"].n == 4


def test_an_edit_that_no_detector_sees_makes_findings_invalid(outcome: Outcome) -> None:
    found = {one.quantity: one for one in outcome.result.findings if one.analysis == "additions"}
    gate = next(check for check in outcome.result.checks if check.kind == "edit_success")
    assert gate.state == "fail" and found["range"].verdict == "invalid"
    assert found["range"].unit == "logit" and found["range"].details["variants of a sweep"] == 2
    assert "edit success" in " ".join(outcome.result.summary).lower()
