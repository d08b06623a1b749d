"""Models that predict a number: known by their configuration, scored as they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auditor import codes
from auditor.errors import DataError
from auditor.models import ModelIdentity, PythonModel, TransformersModel, open_model
from tests.tiny import SIZE, save_classifier


def model(output: str, source: str = "age") -> TransformersModel:
    return TransformersModel(name="age", adapter="transformers", source=source, output=output, target=0)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("regression")
    save_classifier(folder / "age", ("age",), seed=5, problem="regression")
    save_classifier(folder / "kind", ("cat", "dog"), seed=6, problem="single_label_classification")
    return folder


def test_the_score_is_the_number_itself(base):
    identity = model("value").identify(base, ("models", 0))
    pictures = [np.random.default_rng(i).integers(0, 256, (SIZE, SIZE, 3), np.uint8) for i in range(3)]
    logits = open_model(identity, "cpu")(pictures)
    assert logits.shape == (3, 1)
    assert np.array_equal(identity.rankable(logits, 0), logits[:, 0].astype(np.float64))
    assert np.array_equal(identity.scaled(logits), logits.astype(np.float64))


@pytest.mark.parametrize(
    ("source", "output", "way_out"),
    [("age", "probability", "say `output: value`"), ("kind", "value", "say `output: probability`")],
)
def test_a_scale_that_is_not_the_models(base, source, output, way_out):
    with pytest.raises(DataError) as caught:
        model(output, source).identify(base, ("models", 0))
    assert caught.value.code == codes.OUTPUT_SCALE
    assert caught.value.loc == ("models", 0, "output")
    assert way_out in caught.value.way_out


def test_a_python_function_may_return_numbers(tmp_path):
    (tmp_path / "age.py").write_text("def age(images):\n    return images.mean(axis=(1, 2, 3))[:, None]\n")
    node = PythonModel(
        name="age", adapter="python", source="age.py:age", outputs=("age",), revision="1", multi_label=False,
        output="value", target="age",
    )  # fmt: skip
    identity: ModelIdentity = node.identify(tmp_path, ())
    logits = open_model(identity, "cpu")([np.full((4, 4, 3), 7, np.uint8)])
    assert identity.rankable(logits, 0).tolist() == [7.0]
