"""A regression and an audit of classes on the bundled shapes, with real models of known truth."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.execute import Silent
from auditor.run import Options, Outcome, run
from auditor.spec import load_spec
from tests.end_to_end.labelled_shapes import write_labelled_shapes, write_spec


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory, shapes_run: Outcome) -> Path:
    """The folder of the data set and the models; the pictures of `shapes_run` are generated before."""
    folder = tmp_path_factory.mktemp("labelled")
    write_labelled_shapes(folder)
    return folder


def audited(folder: Path, store: Path, task: str, metric: str) -> Outcome:
    options = Options(out=folder / f"out-{task}-{metric}", store=store)
    return run(load_spec(write_spec(folder, task, metric)), options, Silent())


def numbers(outcome: Outcome, quantity: str) -> dict[str, float | None]:
    return {f.subject.name: f.estimate for f in outcome.result.findings if f.quantity == quantity}


def test_a_model_of_a_number(labelled: Path, shapes_store: Path) -> None:
    """Dealing out a circle worth w among half of the rows costs 2 w^2 / 4 of the labels' variance in R2."""
    found = audited(labelled, shapes_store, "number", "r2")
    importance = numbers(found, "importance")
    shares = {"red circle": 9 / 14, "green circle": 4 / 14, "blue rectangle": 0.0}
    for concept, share in shares.items():
        assert importance[concept] == pytest.approx(2 * share, abs=0.15)
    assert not numbers(found, "flips")
    assert found.result.sample.positives is None
    assert found.result.sample.label_range == (0.0, 6.0)
    assert [one.state for one in found.result.requirements] == ["pass"]
    lines = [json.loads(line) for line in found.folder.units.read_text(encoding="utf-8").splitlines()]
    assert {line["label"] for line in lines if line["kind"] == "real"} <= {0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0}
    assert "from 0.000 to 6.000" in found.folder.html.read_text(encoding="utf-8")


@pytest.mark.parametrize("metric", ["macro_auroc", "multiclass_accuracy"])
def test_a_model_of_classes(labelled: Path, shapes_store: Path, metric: str) -> None:
    found = audited(labelled, shapes_store, "kind", metric)
    importance = numbers(found, "importance")
    assert importance["blue rectangle"] == pytest.approx(0.0, abs=0.02)
    for concept in ("red circle", "green circle"):
        assert (importance[concept] or 0.0) > 0.15
        # Whoever loses or gains a circle is of another class.
        assert (numbers(found, "flips")[concept] or 0.0) > 0.95
    assert sum(found.result.sample.classes.values()) == 200
    assert found.result.sample.positives is None
