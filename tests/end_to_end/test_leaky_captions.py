"""Captions from outside that change a second concept in some rows: what that explains is not said to be reliance.

The table is what a careless writer of counterfactuals leaves behind: in 40 % of the rows in which it can be done, a
blue rectangle is not added but takes the place of the red circle, and is not taken out but becomes one. Nothing is
simulated: the bundled pipeline draws these captions, the bundled detector and models see the pictures.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from auditor.cli import main
from auditor.zoo import builtin_folder

CONCEPTS = ("red circle", "green circle", "blue circle", "red rectangle", "green rectangle", "blue rectangle")
PUT_IN, TAKEN_AWAY = "blue rectangle", "red circle"
LEAK, ROWS = 0.4, 90

MODELS = """\
import numpy as np


def blue(images):
    \"\"\"Much blue, or little: pixels of blue shapes.\"\"\"
    pixels = images.astype(np.float32)
    return 40.0 * (pixels[..., 2] - pixels[..., :2].max(axis=3) > 60).mean(axis=(1, 2))[:, None] - 2.0
"""

SPEC = """\
version: 1
audit: {{id: captions-{table}, title: "Do models rely on blue rectangles?", revision: "1"}}
models:
  - {{name: outcome, adapter: transformers, source: "builtin:shapes/outcome", target: outcome}}
  - {{name: blue, adapter: python, source: "models.py:blue", outputs: [much], target: much, revision: "1"}}
detectors: [{{name: shapes, adapter: transformers, source: "builtin:shapes/detector"}}]
dataset: {{source: "builtin:shapes/test", label: outcome, rows: {rows}, seed: 0}}
concepts:
{concepts}
interventions:
  - {{name: captions, kind: text_to_image, source: "builtin:shapes/text-to-image", steps: 6, guidance: 2.0,
     noise: {{draws: 1, seed: 0}}, caption: {{table: {table}.csv}}}}
analyses:
  - {{name: reliance, kind: permutation_importance, intervention: captions, concepts: [red circle, blue rectangle],
     margin: {{response: 0.02}}}}
checks:
  - {{kind: independent_permutation, of: reliance, max_changed: {max_changed}}}
  - {{kind: significance, of: reliance, alpha: 0.05, swaps: 1999}}
requirements:
  - {{name: blue rectangles do not matter, analysis: reliance, concept: blue rectangle, model: outcome,
     response: {{at_most: 0.02, of: mean}}}}
report: {{formats: [html], gallery: {{pairs: 1}}}}
"""


def write_table(path: Path, leak: float) -> int:
    """A caption for every row, concept and value; how many of them change a second concept."""
    source = builtin_folder("shapes/test")
    assert source is not None
    rng, leaking = np.random.default_rng(4), 0
    with (source / "metadata.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["file_name", "concept", "value", "caption"])
        for row in rows:
            there = {name: row[name.replace(" ", "_")] == "1" for name in CONCEPTS}
            leaks = rng.random() < leak and there[PUT_IN] != there[TAKEN_AWAY]
            for concept in (TAKEN_AWAY, PUT_IN):
                for value in (False, True):
                    shown = {**there, concept: value}
                    if leaks and concept == PUT_IN and value != there[PUT_IN]:
                        shown[TAKEN_AWAY] = not there[TAKEN_AWAY]
                        leaking += 1
                    caption = ", ".join(name for name in CONCEPTS if shown[name]) or "nothing"
                    table.writerow([row["file_name"], concept, int(value), caption])
    return leaking


def audited(folder: Path, table: str, max_changed: float = 0.3) -> dict[str, Any]:
    """The result of `auditor run`."""
    concepts = "\n".join(f"  - {{name: {name}, column: {name.replace(' ', '_')}, phrase: {name}}}" for name in CONCEPTS)
    document = folder / f"{table}.yaml"
    document.write_text(
        SPEC.format(table=table, rows=ROWS, concepts=concepts, max_changed=max_changed), encoding="utf-8"
    )
    out = folder / f"{table}-{max_changed}"
    with pytest.MonkeyPatch.context() as patch:
        words = (
            "auditor",
            "run",
            document,
            "--allow-python",
            "--out",
            out,
            "--store",
            folder / "store",
            "--workers",
            1,
        )
        patch.setattr("sys.argv", [str(word) for word in words])
        with pytest.raises(SystemExit) as left:
            main()
    assert left.value.code in (0, 1, 7), "the audit was run to its end"
    found: dict[str, Any] = json.loads((out / "result.json").read_text(encoding="utf-8"))
    return found


def finding(result: dict[str, Any], model: str, concept: str, quantity: str = "response") -> dict[str, Any]:
    return next(
        one
        for one in result["findings"]
        if (one["model"], one["subject"]["name"], one["quantity"]) == (model, concept, quantity)
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    found = tmp_path_factory.mktemp("captions")
    (found / "models.py").write_text(MODELS, encoding="utf-8")
    assert write_table(found / "leaky.csv", LEAK) > 100
    assert write_table(found / "honest.csv", 0.0) == 0
    yield found


@pytest.fixture(scope="module")
def leaky(folder: Path) -> dict[str, Any]:
    return audited(folder, "leaky")


@pytest.fixture(scope="module")
def honest(folder: Path) -> dict[str, Any]:
    return audited(folder, "honest")


def test_what_the_captions_do_beside_the_concept_is_no_reliance(leaky: dict[str, Any], honest: dict[str, Any]) -> None:
    """The bundled outcome model: in its task red circles weigh most, and blue rectangles nothing."""
    model = "outcome"
    raw = finding(leaky, model, PUT_IN)
    assert raw["interval"]["high"] < -0.02 and raw["p_adjusted"] <= 0.05, "by the scores alone it relies"
    assert raw["verdict"] == "invalid" and raw["sentence"].startswith("explained by side effects")
    unmixed = finding(leaky, model, PUT_IN, "unmixed_response")
    assert unmixed["interval"]["low"] < 0 < unmixed["interval"]["high"]
    assert abs(unmixed["estimate"]) < abs(raw["estimate"]) / 3
    assert finding(honest, model, PUT_IN)["verdict"] in ("does_not_rely", "inconclusive")
    assert abs(finding(honest, model, PUT_IN)["estimate"]) < abs(raw["estimate"]) / 2


def test_reliance_that_is_there_is_not_excused(leaky: dict[str, Any], honest: dict[str, Any]) -> None:
    for result in (leaky, honest):
        assert finding(result, "blue", PUT_IN)["verdict"] == "relies"
        assert finding(result, "outcome", TAKEN_AWAY)["verdict"] == "relies"


def test_a_promise_broken_by_captions_alone_is_invalid(leaky: dict[str, Any], honest: dict[str, Any]) -> None:
    (broken,), (kept,) = leaky["requirements"], honest["requirements"]
    assert broken["state"] == "invalid" and broken["sentence"].startswith("explained by side effects")
    assert kept["state"] in ("pass", "inconclusive")


def test_the_detector_sees_what_the_captions_do(leaky: dict[str, Any], honest: dict[str, Any]) -> None:
    subject = f"{PUT_IN} -> {TAKEN_AWAY}"
    shares = [
        next(part["measured"] for check in result["checks"] for part in check["parts"] if part["subject"] == subject)
        for result in (leaky, honest)
    ]
    assert 0.1 < shares[0] < 0.3 and shares[1] < 0.05


def test_the_gate_as_it_is_by_default_lets_none_of_it_through(folder: Path, leaky: object) -> None:
    strict = audited(folder, "leaky", max_changed=0.05)
    for model in ("outcome", "blue"):
        word = finding(strict, model, PUT_IN)
        assert word["verdict"] == "invalid" and word["sentence"].startswith("a gate failed")
