"""Which models show how they add up their concepts, and which are black boxes."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from auditor import codes
from auditor.errors import DataError
from auditor.evaluation import bottleneck_of
from auditor.models import ModelIdentity, TransformersModel, open_model
from auditor.pictures import read_picture
from auditor.zoo import builtin_folder

CONCEPTS = [f"{colour} {form}" for form in ("circle", "rectangle") for colour in ("red", "green", "blue")]
LOC = ("models", 0)


def bundled(name: str = "outcome", target: str = "outcome", folder: Path | None = None) -> ModelIdentity:
    source = f"builtin:shapes/{name}" if folder is None else folder.name
    base = Path(".") if folder is None else folder.parent
    return TransformersModel(name=name, adapter="transformers", source=source, target=target).identify(base, LOC)


def test_the_target_is_what_the_bottleneck_adds_up() -> None:
    identity = bundled("outcome-biased")
    found = bottleneck_of(identity, CONCEPTS, loc=LOC)
    assert found.residual < 0.001
    folder = builtin_folder("shapes/test")
    assert folder is not None
    pictures = [read_picture(folder / f"{number:04d}.png") for number in range(16)]
    logits = open_model(identity, "cpu")(pictures).astype(float)
    added = logits[:, found.outputs] @ found.weights
    assert np.ptp(added - logits[:, -1]) < 0.02 * np.ptp(logits[:, -1]), "up to a constant"


def test_weights_are_read_in_every_precision(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    whole = bottleneck_of(bundled(), CONCEPTS).weights
    for dtype in (torch.float64, torch.float32, torch.bfloat16):
        folder = tmp_path / str(dtype).rpartition(".")[2]
        shutil.copytree(builtin_folder("shapes/outcome") or "", folder)
        file = folder / "model.safetensors"
        save_file({name: tensor.to(dtype) for name, tensor in load_file(file).items()}, file, {"format": "pt"})
        found = bottleneck_of(bundled(folder=folder), CONCEPTS).weights
        assert found == pytest.approx(whole, abs=2e-2 if dtype == torch.bfloat16 else 1e-9)


def test_a_target_that_sees_more_than_its_concepts_is_a_black_box(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "outcome"
    shutil.copytree(builtin_folder("shapes/outcome") or "", folder)
    tensors = load_file(folder / "model.safetensors")
    tensors["classifier.1.weight"][-1] += tensors["classifier.1.weight"][-1].roll(1)
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(DataError, match="of its target is not made of its concept outputs") as caught:
        bottleneck_of(bundled(folder=folder), CONCEPTS, loc=LOC)
    assert caught.value.code == codes.BLACK_BOX and caught.value.loc == LOC and caught.value.way_out


def test_a_model_on_the_same_trunk_may_have_the_concepts(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "alone"
    shutil.copytree(builtin_folder("shapes/outcome") or "", folder)
    tensors = load_file(folder / "model.safetensors")
    tensors["classifier.1.weight"] = tensors["classifier.1.weight"][-1:].clone()
    tensors["classifier.1.bias"] = tensors["classifier.1.bias"][-1:].clone()
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    config |= {"id2label": {"0": "outcome"}, "label2id": {"outcome": 0}}
    (folder / "config.json").write_text(json.dumps(config))
    alone = bundled(folder=folder)
    with pytest.raises(DataError, match="neither it nor a model on its trunk has an output `red circle`"):
        bottleneck_of(alone, CONCEPTS)
    found = bottleneck_of(alone, CONCEPTS, [bundled("outcome-biased")])
    assert found.predictor.name == "outcome-biased"
    assert found.weights == pytest.approx(bottleneck_of(bundled(), CONCEPTS).weights, abs=1e-9)
    detector = TransformersModel(name="d", adapter="transformers", source="builtin:shapes/detector")
    with pytest.raises(DataError, match="has an output"):
        bottleneck_of(alone, CONCEPTS, [detector.identify(Path("."), ())])


@pytest.mark.parametrize(
    ("identity", "concepts", "said"),
    [
        (bundled(), [*CONCEPTS, "yellow star"], "has an output `yellow star`"),
        (bundled(target="red circle"), CONCEPTS, "`red circle` is a concept itself"),
        (dataclasses.replace(bundled(), adapter="python"), CONCEPTS, "its python adapter runs cannot be looked into"),
    ],
    ids=["no output", "target is a concept", "python"],
)
def test_other_black_boxes_are_told(identity: ModelIdentity, concepts: list[str], said: str) -> None:
    with pytest.raises(DataError, match=said) as caught:
        bottleneck_of(identity, concepts, loc=LOC)
    assert caught.value.code == codes.BLACK_BOX


def test_a_class_that_does_not_end_in_one_layer_is_a_black_box(tmp_path: Path) -> None:
    folder = tmp_path / "outcome"
    shutil.copytree(builtin_folder("shapes/outcome") or "", folder)
    config = (folder / "config.json").read_text()
    (folder / "config.json").write_text(config.replace("ResNetForImage", "LevitForImage"))
    with pytest.raises(DataError, match="does not end in one linear layer"):
        bottleneck_of(bundled(folder=folder), CONCEPTS)
