"""One entry for the checkpoints of trainings: each folder is a model, in order, and a gap is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.errors import SpecError
from auditor.spec import LoadedSpec, load_spec, resolved_text

SPEC = """\
version: 1
audit: {id: dynamics, title: When does the classifier learn the colour?, revision: "1"}
models:
  - {name: first, adapter: transformers, source: runs/a/epoch_1, target: 0}
  - {name: run, adapter: transformers, pattern: "runs/*/epoch_*", order: epoch, target: 0}
dataset: {source: data}
properties: [{name: hue}]
interventions:
  - {name: turned, kind: compositing, realises: hue, hue: 90, sweep: {strength: {from: 0, to: 1, points: 5}}}
analyses:
  - {name: gradients, kind: property_gradient, interventions: [turned], models: [run]}
"""


def loaded(folder: Path, *checkpoints: str, spec: str = SPEC) -> LoadedSpec:
    for each in checkpoints:
        (folder / each).mkdir(parents=True)
    (folder / "audit.yaml").write_text(spec.replace("learn the colour?", "learn it"), encoding="utf-8")
    return load_spec(folder / "audit.yaml")


def problem(folder: Path, *checkpoints: str, spec: str = SPEC) -> tuple[str, str, int]:
    with pytest.raises(SpecError) as told:
        loaded(folder, *checkpoints, spec=spec)
    (found,) = told.value.problems
    return found.code, found.message, found.where.line if found.where else 0


def test_every_checkpoint_is_a_model_in_the_order_of_its_number(tmp_path: Path) -> None:
    spec = loaded(tmp_path, *(f"runs/{run}/epoch_{i}" for run in "ab" for i in (1, 2, 10, 3, 4, 5, 6, 7, 8, 9))).spec
    assert [model.name for model in spec.models[:4]] == ["first", "run a epoch 1", "run a epoch 2", "run a epoch 3"]
    assert [model.epoch for model in spec.models if model.series == "run b"] == list(range(1, 11))
    assert spec.models[10].source == "runs/a/epoch_10"
    assert spec.analyses[0].models == tuple(model.name for model in spec.models[1:])


def test_the_resolved_audit_names_every_checkpoint_and_reads_the_same(tmp_path: Path) -> None:
    spec = loaded(tmp_path, "runs/a/epoch_1", "runs/a/epoch_2").spec
    text = resolved_text(spec)
    assert "run epoch 2" in text and "epoch_*" not in text
    (tmp_path / "audit.yaml").write_text(text, encoding="utf-8")
    assert load_spec(tmp_path / "audit.yaml").spec == spec


def test_faults_of_a_checkpoint_stand_where_the_pattern_does(tmp_path: Path) -> None:
    found = loaded(tmp_path, "runs/a/epoch_1", "runs/a/epoch_2")
    assert found.positions.of_value(("models", 2, "source")).line == 5
    assert found.positions.of_value(("models", 0, "source")).line == 4
    assert found.positions.of_value(("dataset", "source")).line == 6


@pytest.mark.parametrize(
    ("folders", "said"),
    [
        (("runs/a/epoch_1", "runs/a/epoch_2", "runs/a/epoch_4"), "`runs/a/epoch_*` has no epoch 3, between 1 and 4"),
        (("runs/a/epoch_1", "runs/a/epoch_x"), "has no number after `epoch`"),
        (("runs/a/epoch_1", "runs/a/epoch_3", "runs/a/epoch_6"), "has no epoch 5, between 1 and 6"),
        (("runs/a/step_1",), "matches no folder"),
    ],
)
def test_a_missing_epoch_is_told(tmp_path: Path, folders: tuple[str, ...], said: str) -> None:
    spec = SPEC.replace("runs/a/epoch_1", "runs/a")
    code, message, line = problem(tmp_path, *folders, spec=spec)
    assert (code, line) == ("AUD347", 5) and said.removeprefix("`runs/a/epoch_*` ") in message


def test_a_checkpoint_that_diverged_can_be_left_out(tmp_path: Path) -> None:
    left = SPEC.replace("order: epoch,", "order: epoch, left_out: [runs/b/epoch_2],")
    spec = loaded(tmp_path, *(f"runs/{run}/epoch_{i}" for run in "ab" for i in (1, 2, 3)), spec=left).spec
    audited = [model.name for model in spec.models[1:]]
    assert audited == ["run a epoch 1", "run a epoch 2", "run a epoch 3", "run b epoch 1", "run b epoch 3"]
    text = resolved_text(spec)
    (tmp_path / "audit.yaml").write_text(text, encoding="utf-8")
    assert load_spec(tmp_path / "audit.yaml").spec == spec


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        ("[runs/a/epoch_3]", "`runs/a/epoch_3` is left out, and is no folder that `runs/*/epoch_*` matches"),
        ("[runs/a/epoch_1, runs/a/epoch_2]", "every folder that `runs/*/epoch_*` matches is left out"),
    ],
)
def test_what_is_left_out_must_be_there_and_not_all(tmp_path: Path, left_out: str, said: str) -> None:
    spec = SPEC.replace("order: epoch,", f"order: epoch, left_out: {left_out},")
    assert problem(tmp_path, "runs/a/epoch_1", "runs/a/epoch_2", spec=spec) == ("AUD347", said, 5)


def test_two_folders_of_one_number_are_told(tmp_path: Path) -> None:
    code, message, _ = problem(tmp_path, "runs/a/epoch_1", "runs/a/epoch_01", "runs/a/epoch_2")
    assert (code, message) == ("AUD347", "`runs/a/epoch_01` and `runs/a/epoch_1` are both epoch 1")


@pytest.mark.parametrize("pattern", ["runs/**x/epoch_*", "runs/***/epoch_*", "."])
def test_what_is_no_pattern_is_told(tmp_path: Path, pattern: str) -> None:
    found = problem(tmp_path, "runs/a/epoch_1", spec=SPEC.replace("runs/*/epoch_*", pattern))
    assert found == ("AUD347", f"`{pattern}` is no pattern of folders", 5)


def test_series_are_named_by_what_differs(tmp_path: Path) -> None:
    folders = [f"runs/{run}/resnet/epoch_{i}" for run in "ab" for i in (1, 2)]
    spec = loaded(tmp_path, *folders, spec=SPEC.replace("runs/*/epoch_*", "runs/*/resnet/epoch_*")).spec
    assert {model.series for model in spec.models[1:]} == {"run a", "run b"}


@pytest.mark.parametrize(
    ("written", "instead", "code"),
    [
        ('pattern: "runs/*/epoch_*", ', "", "AUD105"),
        ("source: runs/a/epoch_1,", 'source: runs/a/epoch_1, pattern: "runs/*",', "AUD105"),
        ("source: runs/a/epoch_1,", "source: runs/a/epoch_1, order: epoch,", "AUD347"),
        ("source: runs/a/epoch_1,", "source: runs/a/epoch_1, left_out: [runs/b],", "AUD347"),
        ("source: runs/a/epoch_1,", "source: runs/a/epoch_1, series: mine,", "AUD347"),
    ],
)
def test_a_model_has_a_source_or_a_pattern(tmp_path: Path, written: str, instead: str, code: str) -> None:
    with pytest.raises(SpecError) as told:
        loaded(tmp_path, "runs/a/epoch_1", spec=SPEC.replace(written, instead))
    assert told.value.problems[0].code == code


def test_a_pattern_leads_nowhere_outside(tmp_path: Path) -> None:
    code, _, _ = problem(tmp_path, spec=SPEC.replace("runs/*/epoch_*", "../*/epoch_*"))
    assert code == "AUD314"
