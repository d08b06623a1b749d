"""Many models, many documents, one store: whatever grows, only what is new is computed. With the bundled models."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from auditor.execute import Silent
from auditor.run import Options, Outcome, run
from auditor.spec import load_spec

OUTCOME = '{name: outcome, adapter: transformers, source: "builtin:shapes/outcome", target: outcome}'
BIASED = '{name: outcome-biased, adapter: transformers, source: "builtin:shapes/outcome-biased", target: outcome}'
BOTH = f"{OUTCOME}, {BIASED}"

SPEC = """\
version: 1
audit: {{id: {id}, title: "Which shapes?", revision: "1"}}
models: [{models}]
detectors: [{{name: shapes, adapter: transformers, source: "builtin:shapes/detector"}}]
dataset: {{source: "builtin:shapes/test", label: outcome, rows: {rows}, seed: 3}}
concepts:
  - {{name: red circle, column: red_circle, phrase: red circle}}
  - {{name: green circle, column: green_circle, phrase: green circle}}
  - {{name: blue rectangle, column: blue_rectangle, phrase: blue rectangle}}{more}
interventions:
  - {{name: captions, kind: text_to_image, source: "builtin:shapes/text-to-image", steps: 2,
     noise: {{draws: {draws}, seed: 0}}}}
analyses:
  - {{name: reliance, kind: permutation_importance, intervention: captions, concepts: [{changed}]}}
checks: [{{kind: independent_permutation, of: reliance}}]
report: {{formats: [html], gallery: {{pairs: 1}}}}
"""
BASE: Mapping[str, object] = {
    "id": "base", "models": BOTH, "rows": 10, "draws": 2, "changed": "red circle, green circle", "more": ""
}  # fmt: skip
ROWS, DRAWS, CHANGED = 10, 2, 2
PICTURES = ROWS * DRAWS * (1 + CHANGED)

Audit = Callable[..., Outcome]


def auditing(folder: Path) -> Audit:
    """Run documents like the base with one store; what is given differs from it."""

    def run_one(**given: object) -> Outcome:
        document = folder / f"{given.get('id', 'base')}.yaml"
        document.write_text(SPEC.format(**{**BASE, **given}), encoding="utf-8")
        return run(load_spec(document), Options(workers=1), Silent())

    return run_one


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[Audit, Outcome]:
    """The base audit, which has run, and a way to run others beside it."""
    audit = auditing(tmp_path_factory.mktemp("many"))
    return audit, audit()


def computed(outcome: Outcome) -> dict[str, int]:
    """Units computed, by op in words."""
    record = (outcome.folder.path / "run.json").read_text(encoding="utf-8")
    return {op["op"]: op["ran"] for op in json.loads(record)["ops"] if op["ran"]}


def test_many_models_are_generated_for_once_and_scored_each(base: tuple[Audit, Outcome]) -> None:
    _, outcome = base
    assert computed(outcome) == {
        "generate captions": PICTURES,
        "predict outcome": ROWS + PICTURES,
        "predict outcome-biased": ROWS + PICTURES,
        "predict shapes": ROWS + PICTURES,
    }
    assert {finding.model for finding in outcome.result.findings} == {"outcome", "outcome-biased"}


def test_a_second_document_reuses_what_the_first_has_made(base: tuple[Audit, Outcome]) -> None:
    audit, _ = base
    assert computed(audit(id="alone", models=BIASED)) == {}
    assert computed(audit(id="titled", models=OUTCOME)) == {}


def test_more_rows_run_the_new_rows_alone(base: tuple[Audit, Outcome]) -> None:
    audit, _ = base
    found = computed(audit(id="rows", models=OUTCOME, rows=ROWS + 3))
    new = 3 * DRAWS * (1 + CHANGED)
    assert found == {"generate captions": new, "predict outcome": 3 + new, "predict shapes": 3 + new}


def test_more_draws_run_the_new_draws_alone(base: tuple[Audit, Outcome]) -> None:
    audit, _ = base
    found = computed(audit(id="draws", models=OUTCOME, draws=DRAWS + 1))
    new = ROWS * 1 * (1 + CHANGED)
    assert found == {"generate captions": new, "predict outcome": new, "predict shapes": new}


def test_fewer_of_anything_run_nothing(base: tuple[Audit, Outcome]) -> None:
    audit, _ = base
    assert computed(audit(id="fewer-rows", rows=ROWS - 2)) == {}
    assert computed(audit(id="fewer-draws", draws=1)) == {}
    assert computed(audit(id="fewer-concepts", changed="green circle")) == {}


def test_one_more_concept_to_change_runs_its_own_pictures_alone(base: tuple[Audit, Outcome]) -> None:
    audit, _ = base
    found = computed(audit(id="changed", models=OUTCOME, changed="red circle, green circle, blue rectangle"))
    new = ROWS * DRAWS
    assert found == {"generate captions": new, "predict outcome": new, "predict shapes": new}


def test_one_more_concept_in_captions_runs_only_rows_that_show_it(base: tuple[Audit, Outcome]) -> None:
    audit, _ = base
    more = "\n  - {name: green rectangle, column: green_rectangle, phrase: green rectangle}"
    outcome = audit(id="declared", models=OUTCOME, more=more)
    shown = outcome.result.sample.concepts["green rectangle"]
    assert 0 < shown < ROWS, "some rows show it, and some do not"
    new = shown * DRAWS * (1 + CHANGED)  # Captions of the other rows are what they were.
    assert computed(outcome) == {"generate captions": new, "predict outcome": new, "predict shapes": new}


def test_seeds_of_rows_do_not_depend_on_the_others(base: tuple[Audit, Outcome]) -> None:
    audit, outcome = base
    more = audit(id="rows", models=OUTCOME, rows=ROWS + 3)

    def noise(one: Outcome) -> dict[tuple[str, int], str]:
        lines = [json.loads(line) for line in one.folder.units.read_text(encoding="utf-8").splitlines()]
        return {(line["row"], line["draw"]): line["seed"] for line in lines if line["kind"] == "generated"}

    first = noise(outcome)
    assert len(first) == ROWS * DRAWS == len(set(first.values()))
    assert {key: seed for key, seed in noise(more).items() if key in first} == first
