"""Models that differ in their heads alone: found from their files, and scored with the bits of separate runs."""

from __future__ import annotations

import gc
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from auditor.errors import DataError, ExecutionError
from auditor.models import ModelIdentity, TransformersModel, open_model, open_models, trunk_of
from auditor.models.trunk import ONE_LINEAR_HEAD
from auditor.zoo import builtin_folder
from tests.models.test_classifiers import edit

SMALL = {
    "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32, "image_size": 32,
    "patch_size": 8,
}  # fmt: skip
CONFIGS: dict[str, dict[str, object]] = {
    "Beit": SMALL,
    "ConvNext": {"hidden_sizes": [8, 16], "depths": [1, 1], "num_stages": 2},
    "ConvNextV2": {"hidden_sizes": [8, 16], "depths": [1, 1], "num_stages": 2},
    "DeiT": SMALL,
    "Dinov2": {**SMALL, "mlp_ratio": 2},
    "Dinov2WithRegisters": {**SMALL, "mlp_ratio": 2, "num_register_tokens": 2},
    "MobileNetV2": {"depth_multiplier": 0.25, "finegrained_output": False, "initializer_range": 0.5},
    "RegNet": {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1], "groups_width": 8},
    "ResNet": {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1], "layer_type": "basic"},
    "Siglip": {"vision_config": SMALL, "text_config": {**SMALL, "vocab_size": 32}},
    "Swin": {"image_size": 32, "patch_size": 4, "embed_dim": 8, "depths": [1, 1], "num_heads": [1, 2],
             "window_size": 4},
    "Swinv2": {"image_size": 32, "patch_size": 4, "embed_dim": 8, "depths": [1, 1], "num_heads": [1, 2],
               "window_size": 4},
    "ViT": SMALL,
}  # fmt: skip


def save(folder: Path, family: str, heads: dict[str, int]) -> list[ModelIdentity]:
    """Models of one class with one trunk, and heads of their own with so many outputs."""
    import torch
    import transformers
    from safetensors.torch import load_file, save_file

    found = []
    for number, (name, outputs) in enumerate(heads.items()):
        torch.manual_seed(number)
        config = getattr(transformers, f"{family}Config")(
            **CONFIGS[family],
            id2label={i: f"{name} {i}" for i in range(outputs)},
            problem_type="multi_label_classification",
        )
        model = getattr(transformers, f"{family}ForImageClassification")(config)
        with torch.no_grad():
            for part, tensor in model.named_parameters():
                if part.startswith("classifier."):
                    tensor.normal_()
        model.save_pretrained(folder / name)
        file = folder / name / "model.safetensors"
        if number:
            trunk = load_file(folder / next(iter(heads)) / "model.safetensors")
            own = {part: value for part, value in load_file(file).items() if part.startswith("classifier.")}
            save_file({**{part: value for part, value in trunk.items() if part not in own}, **own}, file)
        processor = transformers.ConvNextImageProcessorPil(do_resize=False, do_center_crop=False)
        processor.save_pretrained(folder / name)
        found.append(identify(folder, name))
    return found


def identify(folder: Path, name: str) -> ModelIdentity:
    return TransformersModel(name=name, adapter="transformers", source=name, target=0).identify(folder, ("models", 0))


def pictures(count: int, side: int = 32) -> list[np.ndarray]:
    return [np.random.default_rng(i).integers(0, 256, (side, side, 3), np.uint8) for i in range(count)]


@pytest.mark.parametrize("family", sorted(CONFIGS))
def test_heads_on_one_trunk_have_the_bits_of_separate_runs(tmp_path, family):
    models = save(tmp_path, family, {"a": 3, "b": 7, "c": 1})
    assert len({trunk_of(model) for model in models}) == 1 and trunk_of(models[0]) is not None
    together = open_models(models, "cpu")
    found = together.score(together.prepare(pictures(5)))
    assert [scores.shape for scores in found] == [(5, 3), (5, 7), (5, 1)]
    for model, scores in zip(models, found, strict=True):
        assert open_model(model, "cpu")(pictures(5)).tobytes() == scores.tobytes(), model.name
        assert np.ptp(scores) > 0


def test_every_class_that_shares_is_tested():
    assert {f"{family}ForImageClassification" for family in CONFIGS} == ONE_LINEAR_HEAD


def test_pictures_of_two_sizes_have_the_bits_of_separate_runs(tmp_path):
    models = save(tmp_path, "ResNet", {"a": 3, "b": 2})
    mixed = [*pictures(3), *pictures(2, side=40)]
    together = open_models(models, "cpu")
    for model, scores in zip(models, together.score(together.prepare(mixed)), strict=True):
        assert open_model(model, "cpu")(mixed).tobytes() == scores.tobytes()


def test_the_audited_models_of_the_zoo_share_a_trunk_and_the_detector_does_not():
    zoo = builtin_folder("shapes/outcome").parent
    outcome, biased, detector = (identify(zoo, name) for name in ("outcome", "outcome-biased", "detector"))
    assert trunk_of(outcome) == trunk_of(biased) is not None
    assert trunk_of(detector) != trunk_of(outcome)
    together = open_models((outcome, biased), "cpu")
    found = together.score(together.prepare(pictures(32, side=64)))
    for model, scores in zip((outcome, biased), found, strict=True):
        assert open_model(model, "cpu")(pictures(32, side=64)).tobytes() == scores.tobytes()


def test_names_of_outputs_and_the_readme_part_no_trunk(tmp_path):
    models = save(tmp_path, "ResNet", {"a": 3, "b": 3})
    edit(tmp_path / "b" / "config.json", problem_type="single_label_classification", _name_or_path="elsewhere")
    (tmp_path / "b" / "README.md").write_text("a note")
    assert trunk_of(identify(tmp_path, "b")) == trunk_of(models[0])


def flip_a_trunk_bit(folder: Path) -> None:
    from safetensors.numpy import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    name = next(name for name in sorted(tensors) if not name.startswith("classifier."))
    tensors[name] = tensors[name] + np.float32(1e-6)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


@pytest.mark.parametrize("part", [
    flip_a_trunk_bit,
    lambda folder: edit(folder / "config.json", hidden_act="gelu"),
    lambda folder: edit(folder / "preprocessor_config.json", image_mean=[0.1, 0.2, 0.3]),
    lambda folder: edit(folder / "config.json", architectures=["RegNetForImageClassification"]),
    lambda folder: edit(folder / "config.json", architectures=["LevitForImageClassification"]),
])  # fmt: skip
def test_what_parts_trunks(tmp_path, part):
    models = save(tmp_path, "ResNet", {"a": 3, "b": 3})
    part(tmp_path / "b")
    assert trunk_of(identify(tmp_path, "b")) != trunk_of(models[0]) is not None


def test_a_head_that_lacks_a_weight_is_never_taken_for_one_that_has_it(tmp_path):
    from safetensors.numpy import load_file, save_file

    models = save(tmp_path, "ResNet", {"a": 3, "b": 3})
    file = tmp_path / "b" / "model.safetensors"
    tensors = load_file(file)
    bias = next(name for name in tensors if name.startswith("classifier.") and name.endswith("bias"))
    save_file({name: value for name, value in tensors.items() if name != bias}, file, metadata={"format": "pt"})
    spoiled = identify(tmp_path, "b")
    assert trunk_of(spoiled) != trunk_of(models[0])
    with pytest.raises(ExecutionError, match=r"the weights of the model `b` lack `classifier\..*bias`"):
        open_models((models[0], spoiled), "cpu")


def test_a_head_of_another_shape_than_its_labels_is_refused(tmp_path):
    models = save(tmp_path, "ResNet", {"a": 3, "b": 3})
    with pytest.raises(ExecutionError, match="the weights of the model `b` lack"):
        open_models((models[0], replace(models[1], outputs=("x", "y"))), "cpu")
    labels = {"0": "x", "1": "y"}
    edit(tmp_path / "b" / "config.json", id2label=labels, label2id={"x": 0, "y": 1})
    with pytest.raises(DataError, match=r"names 2 outputs .* and its weights have 3: `classifier.1"):
        identify(tmp_path, "b")


def test_memory_grows_by_the_heads_alone(tmp_path):
    import torch

    first, _ = save(tmp_path, "ResNet", {"m0": 3, "m1": 3})
    for number in range(2, 10):
        shutil.copytree(tmp_path / "m1", tmp_path / f"m{number}")
    models = [first, *(identify(tmp_path, f"m{number}") for number in range(1, 10))]

    def weights() -> int:
        gc.collect()
        return sum(found.numel() for found in gc.get_objects() if issubclass(type(found), torch.Tensor))

    before = weights()
    alone = open_models(models[:1], "cpu")
    one = weights() - before
    together = open_models(models, "cpu")
    ten = weights() - before - one
    head = 3 * (16 + 1)
    assert 0 < ten - one <= 10 * head, (one, ten)
    del alone, together


def test_a_python_model_shares_nothing(tmp_path):
    from auditor.models import PythonModel

    (tmp_path / "m.py").write_text("def f(images):\n    return images.mean((1, 2))\n")
    node = PythonModel(name="m", adapter="python", source="m.py:f", outputs=("r", "g", "b"), revision="1", target="r")
    assert trunk_of(node.identify(tmp_path, ("models", 0))) is None
