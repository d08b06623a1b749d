"""Classifiers of known reliance, through the `python` adapter and `compositing`, from document to verdict.

Each is logistic in the mean red of a picture's upper left quarter, with a weight of its own, and a little in the light
of the whole picture. Truth is computed here from the pictures, by another way than auditor's, and so is every p-value.
"""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
from PIL import Image

from auditor.execute import Silent
from auditor.results.audit_result import Finding
from auditor.run import Options, Outcome, run
from auditor.spec import load_spec

WEIGHTS = {"blind": 0.0, "weak": 2.0, "middle": 4.0, "strong": 8.0, "against": -6.0}
POINTS = (0.0, 0.15, 0.3, 0.45, 0.6)
IMAGES, SIDE = 12, 32
CONTROLS = ("redder right", "cyan right", "redder below")

MODELS = """\
import numpy as np

def score(images, weight):
    x = images / 255.0
    corner = x[:, : x.shape[1] // 2, : x.shape[2] // 2, 0].mean((1, 2))
    return (weight * (corner - 0.5) + 2.0 * (x.mean((1, 2, 3)) - 0.5))[:, None]

def last_digits(images):
    return 0.3 + 1e-6 * ((images.astype(np.int64).sum((1, 2, 3)) * 2654435761 % 1000) / 1000.0)[:, None]

def constant(images):
    return np.full((len(images), 1), 0.3)

def probability(images):
    return 1.0 / (1.0 + np.exp(-score(images, 4.0)))

def colours(images):
    return 6.0 * (images / 255.0)[:, : images.shape[1] // 2, : images.shape[2] // 2].mean((1, 2))

""" + "\n".join(f"def {name}(images):\n    return score(images, {weight})\n" for name, weight in WEIGHTS.items())

SWEPT = {
    "redder corner": ("red corner", "[255, 0, 0]", "[0, 0, 0.5, 0.5]"),
    "cyan corner": ("cyan corner", "[0, 255, 255]", "[0, 0, 0.5, 0.5]"),
    "redder right": ("red right", "[255, 0, 0]", "[0.5, 0, 1, 0.5]"),
    "cyan right": ("cyan right", "[0, 255, 255]", "[0.5, 0, 1, 0.5]"),
    "redder below": ("red below", "[255, 0, 0]", "[0, 0.5, 0.5, 1]"),
}
NO_RELIANCE = ("blind", "constant", "last_digits")


def spec() -> str:
    models = [
        f'  - {{name: {name}, adapter: python, source: "models.py:{name}", outputs: [x], target: x, revision: "1"}}'
        for name in (*WEIGHTS, "constant", "last_digits", "probability")
    ]
    models.append(
        '  - {name: colours, adapter: python, source: "models.py:colours", outputs: [red, green, blue], target: red, '
        'multi_label: false, revision: "1"}'
    )
    sweeps = [
        f"  - {{name: {name}, kind: compositing, realises: {changed}, colour: {colour}, region: {{box: {box}}}, "
        f"sweep: {{opacity: {{values: {list(POINTS)}}}}}}}"
        for name, (changed, colour, box) in SWEPT.items()
    ]
    return "\n".join(
        [
            "version: 1",
            'audit: {id: graded, title: "Which of these follow the red of a corner?", revision: "1"}',
            "models:", *models,
            "dataset: {source: data}",
            "properties:", *(f"  - {{name: {changed}}}" for changed, _, _ in SWEPT.values()),
            "interventions:", *sweeps,
            "analyses:",
            "  - name: gradients",
            "    kind: property_gradient",
            "    interventions: [redder corner, cyan corner]",
            f"    controls: [{', '.join(CONTROLS)}]",
            "    min_dose_ratio: 0.5",
            "    margin: {range: 0.05}",
            "checks: [{kind: significance, of: gradients, alpha: 0.01}]",
            "requirements:",
            "  - {name: red matters little, analysis: gradients, property: red corner, range: {at_most: 0.05}}",
            "report: {formats: [html], gallery: {pairs: 1}}",
        ]
    )  # fmt: skip


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """Blurred noise with a colour cast of its own in each, (IMAGES, SIDE, SIDE, 3) uint8."""
    rng = np.random.default_rng(5)
    coarse = rng.uniform(40, 215, (IMAGES, 4, 4, 3)) + rng.uniform(-40, 40, (IMAGES, 1, 1, 3))
    fine = coarse.repeat(SIDE // 4, 1).repeat(SIDE // 4, 2) + rng.normal(0, 8, (IMAGES, SIDE, SIDE, 3))
    return np.clip(fine, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory, pictures: np.ndarray) -> Outcome:
    folder = tmp_path_factory.mktemp("graded")
    (folder / "data").mkdir()
    names = [f"{number:02d}.png" for number in range(IMAGES)]
    for name, picture in zip(names, pictures, strict=True):
        Image.fromarray(picture).save(folder / "data" / name)
    (folder / "data/metadata.csv").write_text("\n".join(["file_name", *names, ""]), encoding="utf-8")
    (folder / "models.py").write_text(MODELS, encoding="utf-8")
    (folder / "audit.yaml").write_text(spec(), encoding="utf-8")
    return run(load_spec(folder / "audit.yaml"), Options(allow_python=True, workers=1), Silent())


@pytest.fixture(scope="module")
def found(outcome: Outcome) -> dict[tuple[str, str, str], Finding]:
    return {(one.model, one.subject.name, one.quantity): one for one in outcome.result.findings}


def true_curves(pictures: np.ndarray, weight: float, intervention: str) -> np.ndarray:
    """Probabilities along each picture's sweep, from the definition of model and composite, (IMAGES, points)."""
    _, colour, box = SWEPT[intervention]
    left, top, right, bottom = (round(edge * SIDE) for edge in json.loads(box))
    curves = []
    for opacity in POINTS:
        frames = pictures.astype(np.float64)
        part = frames[:, top:bottom, left:right]
        frames[:, top:bottom, left:right] = np.round((1 - opacity) * part + opacity * np.array(json.loads(colour)))
        corner = frames[:, : SIDE // 2, : SIDE // 2, 0].mean((1, 2)) / 255
        light = frames.mean((1, 2, 3)) / 255
        curves.append(1 / (1 + np.exp(-(weight * (corner - 0.5) + 2 * (light - 0.5)))))
    return np.stack(curves, axis=1)


def roughness(curves: np.ndarray) -> np.ndarray:
    """E|grad| per step of each curve."""
    return np.array([np.abs(np.gradient(curve)).mean() for curve in curves])


def test_size_sign_and_order_are_those_of_the_truth(pictures, found):
    for model, weight in WEIGHTS.items():
        for intervention in ("redder corner", "cyan corner"):
            name, truth = SWEPT[intervention][0], true_curves(pictures, weight, intervention)
            assert found[model, name, "range"].estimate == pytest.approx(np.ptp(truth, axis=1).mean(), abs=2e-3)
            assert found[model, name, "gradient"].estimate == pytest.approx(roughness(truth).mean(), abs=1e-3)
            change = found[model, name, "net_change"]
            assert change.estimate == pytest.approx((truth[:, -1] - truth[:, 0]).mean(), abs=2e-3)
            if weight:
                rises = (weight > 0) == (name == "red corner")
                assert change.interval.low > 0 if rises else change.interval.high < 0
    for quantity in ("range", "gradient", "ratio"):
        sizes = [found[model, "red corner", quantity].estimate for model in ("blind", "weak", "middle", "strong")]
        assert sizes == sorted(sizes) and sizes[1] > 2 * sizes[0] and sizes[3] > 1.5 * sizes[1]
    assert found["colours", "red corner", "net_change"].interval.low > 0
    assert found["colours", "cyan corner", "net_change"].interval.high < 0


def test_all_biased_are_found_and_no_unbiased_is_accused(found):
    biased = [(model, name) for model in (*WEIGHTS, "colours") for name in ("red corner", "cyan corner")]
    for model, name in biased:
        ratio, word = found[model, name, "ratio"], found[model, name, "range"].verdict
        if model == "blind":
            continue
        assert word == "relies" and ratio.p_adjusted <= 0.01 and ratio.interval.low > 2.0
    for model, name in itertools.product(NO_RELIANCE, ("red corner", "cyan corner")):
        ratio = found[model, name, "ratio"]
        assert found[model, name, "range"].verdict == "does_not_rely" and ratio.p_adjusted > 0.2
    # In the last digits of a float there is nothing to compare: two flat curves have the ratio 1.
    assert found["last_digits", "red corner", "ratio"].estimate == 1.0


def test_p_values_are_those_of_every_pattern_of_signs(pictures, found):
    patterns = np.array(list(itertools.product((1.0, -1.0), repeat=IMAGES)))
    for model, weight in WEIGHTS.items():
        exact = []
        for intervention in ("redder corner", "cyan corner"):
            mine = roughness(true_curves(pictures, weight, intervention))
            theirs = [roughness(true_curves(pictures, weight, name)) for name in CONTROLS]
            log = np.mean([np.log(mine / each) for each in theirs], axis=0)
            ratio = found[model, SWEPT[intervention][0], "ratio"]
            assert ratio.estimate == pytest.approx(math.exp(log.mean()), rel=0.02)
            shifted = log - math.log(2.0)
            exact.append(np.mean(patterns @ shifted >= shifted.sum() - 1e-9))
            assert ratio.p_value == pytest.approx(exact[-1], abs=2e-3)
        low, high = sorted(exact)
        holm = {low: min(1.0, 2 * low), high: min(1.0, max(2 * low, high))}
        for intervention, p_value in zip(("redder corner", "cyan corner"), exact, strict=True):
            adjusted = found[model, SWEPT[intervention][0], "ratio"].p_adjusted
            assert adjusted == pytest.approx(holm[p_value], abs=4e-3)


def test_promises_hold_of_the_unbiased_and_are_broken_by_the_biased(outcome):
    states = {one.model: one.state for one in outcome.result.requirements if one.model != "probability"}
    assert {model for model, state in states.items() if state == "pass"} == set(NO_RELIANCE)
    assert {model for model, state in states.items() if state == "fail"} == {*WEIGHTS, "colours"} - {"blind"}
    assert outcome.result.outcome == "fail"
    said = outcome.result.summary[0]
    assert said.startswith("red matters little: fails for weak, ") and "holds for blind, constant" in said


def test_weak_controls_take_away_comparisons_and_nothing_else(outcome, tmp_path):
    base = outcome.folder.path.parents[2]
    weak = spec().replace("min_dose_ratio: 0.5", "min_dose_ratio: 30").replace("id: graded", "id: weak")
    (base / "weak.yaml").write_text(weak, encoding="utf-8")
    again = run(load_spec(base / "weak.yaml"), Options(allow_python=True, workers=1), Silent()).result
    words = {one.model: one.verdict for one in again.findings if one.quantity == "range"}
    assert {words[model] for model in NO_RELIANCE} == {"does_not_rely"}
    assert {word for model, word in words.items() if model not in NO_RELIANCE} == {"invalid"}
    assert any("controls are too weak" in said for said in again.summary)


def test_images_without_scores_are_counted_where_the_answer_stands(outcome, pictures):
    base = outcome.folder.path.parents[2]
    lines = [line for line in spec().splitlines() if "adapter: python" not in line or "name: constant" in line]
    text = "\n".join(lines).replace("constant", "sometimes").replace("models.py", "sometimes.py")
    text = text.replace("id: graded", "id: sometimes")
    # The last pixel is in no region, so that one picture has no score in any frame.
    brightest = int(pictures[:, -1, -1, 0].max())
    (base / "sometimes.py").write_text(
        "import numpy as np\n\ndef sometimes(images):\n"
        f"    return np.where(images[:, -1, -1, 0] == {brightest}, np.nan, 0.3)[:, None]\n",
        encoding="utf-8",
    )
    (base / "sometimes.yaml").write_text(text, encoding="utf-8")
    found = run(load_spec(base / "sometimes.yaml"), Options(allow_python=True, workers=1), Silent()).result
    left_out = int((pictures[:, -1, -1, 0] == brightest).sum())
    assert left_out == 1
    assert any(
        said == "Of 12 images, 1 is left out of gradients; the first because the model returned numbers that are not "
        "finite (model sometimes, redder corner)."
        for said in found.summary
    ), found.summary
    assert {one.n for one in found.findings} == {11}


def test_a_function_that_returns_probabilities_is_told(outcome):
    doubts = [said for said in outcome.result.summary if "as probabilities do" in said]
    assert len(doubts) == 1 and "of probability returned" in doubts[0] and "the 300 scores" in doubts[0]
