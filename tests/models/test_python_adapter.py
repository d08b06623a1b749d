"""The python adapter: identified from its text, which is not run before somebody allows it."""

from __future__ import annotations

import numpy as np
import pytest

from auditor import codes
from auditor.errors import ExecutionError
from auditor.models import PythonModel, open_model
from auditor.spec import parse_spec
from auditor.spec.materials import gather

LOC = ("models", 0)
MODEL = """
import numpy as np
raise_if_run = open("ran", "w").close()

def score(images):
    print("looking")
    return images.reshape(len(images), -1).mean(1, keepdims=True) / 10

def _helper(): ...
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "weights.bin").write_bytes(b"1")
    return tmp_path


def model(**fields) -> PythonModel:
    given = {"name": "mine", "adapter": "python", "source": "model.py:score", "outputs": ("dark",), "revision": "1"}
    return PythonModel(**{**given, **fields})


def test_identifying_runs_nothing(folder):
    found = model(target="dark", weights=("weights.bin",)).identify(folder, LOC)
    assert found.outputs == ("dark",) and found.target == 0 and found.entry == "score" and found.multi_label
    assert not (folder / "ran").exists()


def test_the_digest_follows_file_function_weights_outputs_and_revision(folder):
    digest = model(weights=("weights.bin",)).identify(folder, LOC).digest
    others = [
        model().identify(folder, LOC).digest,
        model(weights=("weights.bin",), revision="2").identify(folder, LOC).digest,
        model(weights=("weights.bin",), outputs=("light",)).identify(folder, LOC).digest,
        model(weights=("weights.bin",), source="model.py:_helper").identify(folder, LOC).digest,
    ]
    (folder / "weights.bin").write_bytes(b"2")
    others.append(model(weights=("weights.bin",)).identify(folder, LOC).digest)
    (folder / "model.py").write_text(MODEL + "\n")
    others.append(model(weights=("weights.bin",)).identify(folder, LOC).digest)
    assert len({digest, *others}) == 7


def test_scores_are_what_the_function_returns_and_stdout_stays_clean(folder, capsys):
    score = open_model(model().identify(folder, LOC), "cpu")
    pictures = [np.full((4, 4, 3), level, np.uint8) for level in (0, 100)]
    assert score(pictures).tolist() == [[0.0], [10.0]] and score(pictures).dtype == np.float32
    said = capsys.readouterr()
    assert said.out == "" and "looking" in said.err


def test_pictures_of_two_sizes_are_scored_in_turn(folder):
    score = open_model(model().identify(folder, LOC), "cpu")
    pictures = [np.full((4 + i % 2, 4, 3), 10 * i, np.uint8) for i in range(4)]
    assert score(pictures)[:, 0].tolist() == [0.0, 1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("model.py:scor", "`model.py` defines no function `scor`"),
        ("model.py:np", "defines no function `np`"),
        ("model.py", "`model.py` names a file and no function"),
        ("weights.bin:score", "defines no function"),
        ("broken.py:score", "line 1 of `broken.py` is no Python"),
        (":score", "`:score` names no file"),
    ],
)
def test_entries_that_are_not_there(folder, fault, source, said):
    (folder / "broken.py").write_text("def score(:\n")
    found = fault(lambda: model(source=source).identify(folder, LOC))
    assert found.code == codes.PYTHON_ENTRY and found.loc == ("models", 0, "source") and said in found.message
    if source == "model.py:scor":
        assert found.suggestion == "model.py:score"


def test_files_outside_the_document_are_refused(folder, fault):
    assert fault(lambda: model(source="../model.py:score").identify(folder, LOC)).code == codes.SOURCE_OUTSIDE
    found = fault(lambda: model(weights=("weights.bin", "/etc/passwd")).identify(folder, LOC))
    assert found.code == codes.SOURCE_OUTSIDE and found.loc == ("models", 0, "weights", 1)
    assert fault(lambda: model(weights=("none.bin",)).identify(folder, LOC)).code == codes.FOLDER_MISSING


def test_outputs_that_cannot_be_told_apart(folder, fault):
    found = fault(lambda: model(outputs=("a", "b", "a")).identify(folder, LOC))
    assert found.code == codes.OUTPUT_LABELS and found.loc == ("models", 0, "outputs") and "`a`" in found.message
    found = fault(lambda: model(multi_label=False).identify(folder, LOC))
    assert "the softmax of one output is 1 for every picture" in found.message


@pytest.mark.parametrize(
    "body", ["return np.zeros((len(images), 2))", "return np.zeros(len(images))", "return 'text'", "return None"]
)
def test_what_breaks_the_contract_is_named(folder, body):
    (folder / "model.py").write_text(f"import numpy as np\ndef score(images):\n    {body}\n")
    with pytest.raises(ExecutionError, match="model `mine` "):
        open_model(model().identify(folder, LOC), "cpu")([np.zeros((4, 4, 3), np.uint8)] * 3)


def test_python_runs_only_when_it_is_allowed(tiny_copy):
    text = (
        (tiny_copy / "audit.yaml")
        .read_text()
        .replace(
            "{name: outcome, adapter: transformers, source: outcome, target: outcome}",
            '{name: outcome, adapter: python, source: "model.py:score", outputs: [one], target: one, revision: "1"}',
        )
    )
    (tiny_copy / "model.py").write_text(MODEL)
    loaded = parse_spec(text.encode(), tiny_copy / "audit.yaml")
    materials, errors = gather(loaded.spec, tiny_copy, allow_python=False, decode=False)
    assert materials is None and [error.code for error in errors] == [codes.PYTHON_NOT_ALLOWED]
    assert errors[0].loc == ("models", 0, "adapter") and "--allow-python" in errors[0].way_out
    materials, errors = gather(loaded.spec, tiny_copy, allow_python=True, decode=False)
    assert materials is not None and not errors
