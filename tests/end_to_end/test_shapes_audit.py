"""The whole way: the bundled models have known truth, and the audit must find it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from auditor.errors import Exit
from auditor.execute import Silent
from auditor.run import Options, Outcome, run
from auditor.spec import load_spec

SPECS = Path(__file__).parents[2] / "specs"
ROWS_TOO_FEW = pytest.mark.xfail(
    strict=True,
    reason="the bundled generator changes other concepts in up to 3 % of pictures; 200 rows bound that by 5 % for blue "
    "rectangles, and leave the gate on independent permutation undecided for the other concepts",
)

CONCEPTS = ("red circle", "green circle", "blue circle", "red rectangle", "green rectangle", "blue rectangle")
WEIGHTS = np.array([1.0, 0.8, 0.6, 0.4, 0.2, 0.0])


def estimates(outcome: Outcome, model: str, quantity: str) -> np.ndarray:
    found = {f.subject.name: f.estimate for f in outcome.result.findings if (f.model, f.quantity) == (model, quantity)}
    return np.array([found[name] for name in CONCEPTS])


def test_generated_pictures_are_seen_as_real_ones_are(shapes_run: Outcome) -> None:
    (gate,) = (check for check in shapes_run.result.checks if check.kind == "effective_generation")
    assert gate.state == "pass"


@ROWS_TOO_FEW
def test_all_gates_pass(shapes_run: Outcome) -> None:
    states = {check.kind: check.state for check in shapes_run.result.checks}
    assert states == {"effective_generation": "pass", "independent_permutation": "pass", "significance": None}


def test_requirements_tell_the_biased_model_from_the_other(shapes_run: Outcome) -> None:
    states = {(one.model, one.quantity): one.state for one in shapes_run.result.requirements}
    assert states["outcome", "systematic_response"] == "pass"
    assert states["outcome", "importance"] == "pass"
    assert states["outcome-biased", "systematic_response"] == "fail"
    assert shapes_run.status == Exit.FAIL


def response_verdicts(outcome: Outcome) -> dict[tuple[str, str], str | None]:
    return {(f.model, f.subject.name): f.verdict for f in outcome.result.findings if f.quantity == "response"}


def test_verdicts_on_blue_rectangles_follow_the_weights(shapes_run: Outcome) -> None:
    verdicts = response_verdicts(shapes_run)
    assert verdicts["outcome", "blue rectangle"] == "does_not_rely"
    assert verdicts["outcome-biased", "blue rectangle"] == "relies"


@ROWS_TOO_FEW
def test_verdicts_on_the_other_concepts_follow_the_weights(shapes_run: Outcome) -> None:
    verdicts = response_verdicts(shapes_run)
    assert all(verdicts["outcome", name] == "relies" for name in CONCEPTS[:4])


def test_the_response_tells_the_models_apart_before_any_gate(shapes_run: Outcome) -> None:
    found = {
        (f.model, f.quantity): f
        for f in shapes_run.result.findings
        if f.subject.name == "blue rectangle" and f.interval is not None
    }
    blind, biased = (found[model, "response"].interval for model in ("outcome", "outcome-biased"))
    assert blind is not None and blind.low > -0.05 and blind.high < 0.05
    assert biased is not None and biased.low > 0.1


def test_importance_agrees_with_permutation_at_the_bottleneck(
    shapes_run: Outcome, shapes_units: list[dict[str, Any]]
) -> None:
    found = estimates(shapes_run, "outcome", "importance")
    oracle = bottleneck_importance([line for line in shapes_units if line["kind"] == "real"], "outcome", rounds=300)
    correlation = float(np.corrcoef(found, oracle)[0, 1])
    assert correlation >= 0.97
    assert spearman(found, WEIGHTS) >= 0.9
    print(f"Pearson with the bottleneck {correlation:.4f}, Spearman with the weights {spearman(found, WEIGHTS):.3f}")


def bottleneck_importance(real: list[dict[str, Any]], model: str, rounds: int) -> np.ndarray:
    """Importance by permuting the concept logits of real pictures inside the linear outcome."""
    logits = np.array([[line["scores"][model][name] for name in CONCEPTS] for line in real])
    outcome = np.array([line["scores"][model]["outcome"] for line in real])
    labels = np.array([line["label"] for line in real])
    design = np.column_stack([logits, np.ones(len(logits))])
    weights, *_ = np.linalg.lstsq(design, outcome, rcond=None)
    assert np.abs(design @ weights - outcome).max() < 1e-3, "the outcome is a linear layer over the concepts"
    rng = np.random.default_rng(0)
    drops = np.zeros(len(CONCEPTS))
    for j in range(len(CONCEPTS)):
        for _ in range(rounds):
            moved = outcome + weights[j] * (rng.permutation(logits[:, j]) - logits[:, j])
            drops[j] += (auroc(labels, outcome) - auroc(labels, moved)) / rounds
    return drops


def test_importance_recomputed_from_the_unit_table(shapes_run: Outcome, shapes_units: list[dict[str, Any]]) -> None:
    # From the definition: in a uniform permutation, rows p and q get values v and w with
    # probability n_v (n_w - [v = w]) / (N (N - 1)).
    labels = {line["row"]: line["label"] for line in shapes_units if line["kind"] == "real"}
    values = {line["row"]: line["values"]["green circle"] for line in shapes_units if line["kind"] == "real"}
    score: dict[tuple[str, int, int | None], float] = {}
    for line in shapes_units:
        if line["kind"] == "generated":
            changed = line["changed"]
            value = None if changed is None else changed["value"]
            if changed is None or changed["concept"] == "green circle":
                score[line["row"], line["draw"], value] = line["scores"]["outcome"]["outcome"]
    rows, draws = sorted(labels), (0, 1)
    counts = [sum(values[row] == v for row in rows) for v in (0, 1)]
    n = len(rows)
    positive = [row for row in rows if labels[row] == 1]
    negative = [row for row in rows if labels[row] == 0]

    def pairs(of_positive: int | None, of_negative: int | None) -> float:
        first = np.array([score[row, draw, of_positive] for row in positive for draw in draws])
        second = np.array([score[row, draw, of_negative] for row in negative for draw in draws])
        return float(np.mean((first[:, None] > second) + 0.5 * (first[:, None] == second)))

    expected = sum(counts[v] * (counts[w] - (v == w)) / (n * (n - 1)) * pairs(v, w) for v in (0, 1) for w in (0, 1))
    reported = estimates(shapes_run, "outcome", "importance")[CONCEPTS.index("green circle")]
    assert pairs(None, None) - expected == pytest.approx(reported, abs=1e-12)


def test_the_second_document_generates_nothing(shapes_run: Outcome, shapes_store: Path, tmp_path: Path) -> None:
    again = run(load_spec(SPECS / "shapes-biased.yaml"), Options(out=tmp_path, store=shapes_store), Silent())
    assert again.ran == {}
    assert {finding.model for finding in again.result.findings} == {"outcome-biased"}


def test_a_changed_threshold_judges_again_and_computes_nothing(
    shapes_run: Outcome, shapes_store: Path, tmp_path: Path
) -> None:
    text = (SPECS / "shapes-reliance.yaml").read_text(encoding="utf-8")
    (tmp_path / "spec.yaml").write_text(text.replace("response: {at_most: 0.05}", "response: {at_most: 0.0001}"))
    options = Options(out=tmp_path / "out", store=shapes_store)
    again = run(load_spec(tmp_path / "spec.yaml"), options, Silent())
    assert again.ran == {}
    assert {one.threshold for one in again.result.requirements if one.quantity != "importance"} == {0.0001}
    assert again.result.requirements[0].state == "inconclusive"


def test_the_run_folder_holds_what_the_readme_says(shapes_run: Outcome) -> None:
    names = {path.name for path in shapes_run.folder.path.iterdir()} - {".lock"}
    assert names == {
        "blocks.txt", "images", "journal.jsonl", "plan.json", "report.html", "report.pdf", "resolved.yaml",
        "result.json", "run-record.html", "run.json", "spec.yaml", "units.jsonl",
    }  # fmt: skip
    assert json.loads(shapes_run.folder.result.read_text())["outcome"] == shapes_run.result.outcome
    for pair in shapes_run.result.pairs:
        assert pair.factual_image is not None
        assert (shapes_run.folder.path / pair.factual_image).is_file()


def auroc(labels: np.ndarray, scores: np.ndarray) -> float:
    positive, negative = scores[labels == 1], scores[labels == 0]
    return float(np.mean((positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)))


def spearman(first: np.ndarray, second: np.ndarray) -> float:
    ranks = [np.argsort(np.argsort(values)) for values in (first, second)]
    return float(np.corrcoef(*ranks)[0, 1])
