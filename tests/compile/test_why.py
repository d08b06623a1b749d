"""`plan --why` gives every unit that runs one reason, and raises no alarm where nothing needs to run."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from PIL import Image

from auditor.audit import explain_work, plan_audit, resources_of, run_audit
from auditor.compile import WhyOp
from auditor.execute import Executor, Journal, Numerics, Silent, Store, default_numerics, schedule
from auditor.spec import load_spec
from auditor.spec.materials import gather
from tests.execute.classes import batches
from tests.tiny import ROWS, save_classifier, save_pipeline

PICTURES = ROWS * 2 * 4
FILES = 22  # Two of the rows have the picture of another.


@pytest.fixture(scope="module")
def filled(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a finished run of the tiny audit. Planning only reads it."""
    folder = tmp_path_factory.mktemp("filled")
    loaded = load_spec(tiny / "audit.yaml")
    materials, _ = gather(loaded.spec, tiny, allow_python=False, decode=False)
    assert materials is not None
    with closing(Store(folder / "store")) as store, Journal(folder / "journal.jsonl") as journal:
        executor = Executor(store, journal, resources_of(materials), default_numerics(), 1, Silent())
        run_audit(loaded.spec, materials, executor)
        executor.close()
    return folder / "store"


Why = Callable[..., dict[str, WhyOp]]


@pytest.fixture
def why(filled: Path, tiny_copy: Path) -> Iterator[Why]:
    """Why a run of the copied audit, as it stands in the file by then, has something to do."""

    def ask(numerics: Numerics | None = None, where: Path = filled) -> dict[str, WhyOp]:
        loaded = load_spec(tiny_copy / "audit.yaml")
        materials, errors = gather(loaded.spec, tiny_copy, allow_python=False, decode=False)
        assert materials is not None, errors
        view, plan = plan_audit(loaded.spec, materials)
        with closing(Store(where)) as store:
            tables = schedule(plan, store, numerics or default_numerics())
            found = explain_work(view, plan, tables, store)
        assert [op.to_run for op in found] == [int(table.run.sum()) for table in tables if table.run.any()]
        for op in found:
            assert sum(reason.units for reason in op.reasons) == op.to_run > 0, op
        return {op.op: op for op in found}

    yield ask


def respell(folder: Path, *changes: tuple[str, str]) -> None:
    path = folder / "audit.yaml"
    text = path.read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text)


def said(found: dict[str, WhyOp]) -> dict[str, list[tuple[int, str]]]:
    return {name: [(reason.units, reason.sentence) for reason in op.reasons] for name, op in found.items()}


def in_another_order(folder: Path) -> None:
    """Every mapping back to front, and every list of checks and requirements."""

    def turned(node):  # type: ignore[no-untyped-def]
        if isinstance(node, dict):
            return {key: turned(node[key]) for key in reversed(node)}
        return [turned(each) for each in node] if isinstance(node, list) else node

    document = turned(yaml.safe_load((folder / "audit.yaml").read_text()))
    document["checks"].reverse()
    document["requirements"].reverse()
    (folder / "audit.yaml").write_text(yaml.safe_dump(document, sort_keys=False))


HARMLESS: dict[str, Callable[[Path], None]] = {
    "nothing": lambda folder: None,
    "a comment": lambda folder: respell(folder, ("version: 1\n", "# Written by the statistics group.\nversion: 1\n\n")),
    "the order of keys and lists": in_another_order,
    "the title": lambda folder: respell(folder, ("Does the tiny classifier rely on circles?", "Circles")),
    "the revision": lambda folder: respell(folder, ("revision: 1.0.0", "revision: 1.1.0")),
    "a gate's threshold": lambda folder: respell(
        folder, ("{kind: effective_generation, of", "{kind: effective_generation, max_drop: 0.4, of")
    ),
    "another threshold": lambda folder: respell(
        folder, ("{kind: independent_permutation, of", "{kind: independent_permutation, max_changed: 0.3, of")
    ),
    "the tests": lambda folder: respell(folder, ("alpha: 0.05, swaps: 199", "alpha: 0.2, swaps: 499, seed: 7")),
    "a check less": lambda folder: respell(folder, ("  - {kind: independent_permutation, of: reliance}\n", "")),
    "a requirement": lambda folder: respell(folder, ("importance: {within: 0.1}", "importance: {within: 0.2}")),
    "the margin": lambda folder: respell(folder, ("margin: {response: 0.05}", "margin: {response: 0.5}")),
    "the report": lambda folder: respell(folder, ("pairs: 2", "pairs: 4"), ("[html]", "[html, pdf]")),
    "what stops a run": lambda folder: respell(folder, ("report:", "fail_on_invalid: 3\nreport:")),
    "sampled permutations": lambda folder: respell(folder, ("margin:", "permutations: 25, margin:")),
    "names": lambda folder: respell(
        folder, ("name: outcome", "name: the new one"), ("captions", "pictures"), ("name: shapes", "name: seer")
    ),
}


@pytest.mark.parametrize("edit", HARMLESS)
def test_what_changes_no_picture_and_no_score_causes_no_work(why, tiny_copy, edit):
    """The copy lies in another folder than the audit that ran; that is harmless, too."""
    HARMLESS[edit](tiny_copy)
    assert why() == {}


def test_an_empty_store(why, tmp_path):
    found = why(where=tmp_path / "empty")
    assert said(found) == {
        "generate captions": [(PICTURES, "no picture was generated into this store yet")],
        "predict outcome": [(PICTURES + FILES, "nothing was scored into this store yet")],
        "predict shapes": [(PICTURES + FILES, "nothing was scored into this store yet")],
    }


def test_other_parameters_are_named_with_their_old_values(why, tiny_copy):
    respell(tiny_copy, ("steps: 2, guidance: 2.0", "steps: 3, guidance: 2.5"))
    scores = [(PICTURES, "the pictures they are of must be made")]
    assert said(why()) == {
        "generate captions": [(PICTURES, "stored with other parameters: guidance 2.0 -> 2.5, steps 2 -> 3")],
        "predict outcome": scores,
        "predict shapes": scores,
    }


def test_other_weights_of_a_model_touch_no_picture(why, tiny_copy):
    save_classifier(tiny_copy / "outcome", ("red circle", "green circle", "blue square", "outcome"), seed=77)
    found = said(why())
    assert list(found) == ["predict outcome"]
    ((units, sentence),) = found["predict outcome"]
    assert units == PICTURES + FILES and sentence.startswith("nothing is stored of these weights (")


def test_other_weights_of_the_generator(why, tiny_copy):
    save_pipeline(tiny_copy / "pipeline", seed=77)
    found = why()
    assert [reason.kind for reason in found["generate captions"].reasons] == ["weights"]
    assert [reason.kind for reason in found["predict outcome"].reasons] == ["inputs"]


def test_another_numerics_class_says_which_part(why, numerics):
    scores = [(PICTURES, "the pictures they are of must be made anew")]
    assert said(why(batches(numerics, generate=4))) == {
        "generate captions": [(PICTURES, "stored under another numerics class: batch 16 -> 4")],
        "predict outcome": scores,
        "predict shapes": scores,
    }
    every = [(PICTURES + FILES, "stored under another numerics class: batch 32 -> 4")]
    assert said(why(batches(numerics, predict=4))) == {"predict outcome": every, "predict shapes": every}


def test_a_raised_revision_is_ours(why, monkeypatch):
    from auditor.plan import Op

    monkeypatch.setattr(Op, "REVISIONS", {**Op.REVISIONS, "predict": 2})
    sentence = "stored with other parameters: revision of predict 1 -> 2, with this version of auditor"
    assert said(why())["predict outcome"] == [(PICTURES + FILES, sentence)]


def test_another_phrase_is_new_prompts(why, tiny_copy):
    respell(tiny_copy, ("phrase: blue square", "phrase: navy square"))
    found = said(why())
    ((units, sentence),) = found["generate captions"]
    assert sentence.startswith("4 new prompts: `") and "navy square`" in sentence and sentence.endswith(" and 1 more")
    assert 0 < units < PICTURES
    assert found["predict outcome"] == [(units, "the pictures they are of must be made")]


def test_more_draws_are_new_noise_of_known_rows(why, tiny_copy):
    respell(tiny_copy, ("draws: 2", "draws: 4"))
    assert said(why())["generate captions"] == [(PICTURES, f"draw 3, 4 of {ROWS} rows is new")]


def test_another_noise_seed_is_new_noise_of_every_row(why, tiny_copy):
    respell(tiny_copy, ("seed: 0", "seed: 5"))
    rows = f"new noise of {ROWS} rows: `000.png`, `001.png`, `002.png` and {ROWS - 3} more"
    assert said(why())["generate captions"] == [(PICTURES, rows)]


def test_a_row_more_is_new_noise_and_a_new_picture(why, tiny_copy):
    Image.new("RGB", (16, 16), (200, 10, 10)).save(tiny_copy / "data" / "new.png")
    with (tiny_copy / "data" / "metadata.csv").open("a", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(["new.png", 1, 0, 0, 0, "p99"])
    found = said(why())
    assert found["generate captions"] == [(8, "new noise of 1 row: `new.png`")]
    assert found["predict shapes"] == [
        (8, "the pictures they are of must be made"),
        (1, "1 picture file not scored yet: `new.png`"),
    ]


def test_a_concept_more_is_the_prompts_that_it_adds(why, tiny_copy):
    """Its presence is a caption that no row had; the pictures of the other concepts stay."""
    with (tiny_copy / "data" / "metadata.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    for number, row in enumerate(table):
        row["yellow_star"] = str(number % 2)
    with (tiny_copy / "data" / "metadata.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, table[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    save_classifier(tiny_copy / "detector", ("red circle", "green circle", "blue square", "yellow star"), seed=3)
    star = "  - {name: yellow star, column: yellow_star, phrase: yellow star}\ninterventions:"
    respell(tiny_copy, ("interventions:", star))
    found = why()
    assert {reason.kind for reason in found["generate captions"].reasons} == {"prompts"}
    assert all("yellow star" in reason.sentence for reason in found["generate captions"].reasons)


def test_a_model_more_is_that_model_alone(why, tiny_copy):
    save_classifier(tiny_copy / "second", ("outcome", "other"), seed=9)
    respell(
        tiny_copy,
        ("detectors:", "  - {name: second, adapter: transformers, source: second, target: outcome}\ndetectors:"),
    )
    assert list(why()) == ["predict second"]


def test_reasons_are_values_that_machines_read(why, tiny_copy):
    from dataclasses import asdict

    respell(tiny_copy, ("draws: 2", "draws: 3"))
    told = json.loads(json.dumps([asdict(op) for op in why().values()]))
    assert told[0]["reasons"] == [
        {"kind": "noise", "units": PICTURES // 2, "sentence": f"draw 3 of {ROWS} rows is new"}
    ]
