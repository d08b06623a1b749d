"""Folders of image classifiers: identified without loading, refused where they cannot be trusted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from auditor import codes
from auditor.errors import ExecutionError
from auditor.models import TransformersModel, open_model, refuse_shared_backbones
from auditor.models.model import ModelIdentity, target_index
from tests.tiny import CONCEPTS, save_classifier

LOC = ("models", 0)


def identify(base: Path, source: str = "outcome", **fields) -> ModelIdentity:
    node = TransformersModel(name="outcome", adapter="transformers", source=source, **{"target": "outcome", **fields})
    return node.identify(base, LOC)


def edit(path: Path, **changes) -> None:
    """Change keys of a JSON file; None deletes."""
    held = json.loads(path.read_text())
    held.update(changes)
    path.write_text(json.dumps({key: value for key, value in held.items() if value is not None}))


def test_a_classifier_is_identified_from_its_files(tiny, tmp_path):
    found = identify(tiny)
    assert found.outputs == (*CONCEPTS, "outcome") and found.target == 3
    assert found.multi_label and found.scale == "probability" and found.adapter == "transformers"
    assert found.digest == identify(tiny).digest != identify(tiny, "detector", target=None).digest


def test_the_digest_follows_what_decides_scores_and_nothing_else(tiny_copy):
    before = identify(tiny_copy).digest
    (tiny_copy / "outcome" / "README.md").write_text("a note")
    assert identify(tiny_copy).digest == before
    edit(tiny_copy / "outcome" / "preprocessor_config.json", image_mean=[0.4, 0.5, 0.5])
    after = identify(tiny_copy).digest
    assert after != before
    file = tiny_copy / "outcome" / "model.safetensors"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    assert identify(tiny_copy).digest not in (before, after)


def test_a_declared_digest_is_held_against_the_files(tiny, fault):
    assert identify(tiny, digest=identify(tiny).digest)
    found = fault(lambda: identify(tiny, digest="0" * 64))
    assert found.code == codes.DIGEST_MISMATCH and "model `outcome` has the digest" in found.message


def test_scores_are_those_of_the_library(tiny):
    import torch
    from transformers import AutoModelForImageClassification

    pictures = [np.random.default_rng(i).integers(0, 256, (16, 16, 3), np.uint8) for i in range(3)]
    found = open_model(identify(tiny), "cpu")(pictures)
    model = AutoModelForImageClassification.from_pretrained(tiny / "outcome").eval()
    pixels = torch.from_numpy(np.stack(pictures).astype(np.float32) / 127.5 - 1).permute(0, 3, 1, 2)
    with torch.no_grad():
        assert found == pytest.approx(model(pixel_values=pixels).logits.numpy(), abs=1e-4)
    assert found.shape == (3, 4)


def test_pictures_of_two_sizes_are_scored_as_each_alone(tiny):
    pictures = [np.random.default_rng(i).integers(0, 256, (16 + 8 * (i % 2), 16, 3), np.uint8) for i in range(4)]
    score = open_model(identify(tiny), "cpu")
    assert np.array_equal(score(pictures)[::2], score([*pictures[::2], *pictures[::2]])[:2])


@pytest.mark.parametrize(
    ("spoil", "code", "said"),
    [
        (lambda f: (f / "config.json").unlink(), codes.CONFIG_UNREADABLE, "has no `config.json`"),
        (lambda f: (f / "config.json").write_text("{"), codes.CONFIG_UNREADABLE, "is no JSON: line 1"),
        (lambda f: (f / "config.json").write_text("[" * 100_000), codes.CONFIG_UNREADABLE, "is no JSON"),
        (lambda f: (f / "config.json").write_bytes(b"\xff\xfe"), codes.CONFIG_UNREADABLE, "is no JSON in UTF-8"),
        (lambda f: (f / "config.json").write_text("[1]"), codes.CONFIG_UNREADABLE, "holds no JSON object"),
        (lambda f: (f / "preprocessor_config.json").unlink(), codes.CONFIG_UNREADABLE, "has no `preprocessor_config"),
        (lambda f: edit(f / "config.json", auto_map={"AutoModel": "x.Y"}), codes.REMOTE_CODE, "code of its own"),
        (lambda f: edit(f / "config.json", architectures=["ResNetModel"]), codes.UNSUPPORTED_CLASS, "a ResNetModel"),
        (lambda f: edit(f / "config.json", architectures=None), codes.UNSUPPORTED_CLASS, "holds a no class"),
        (lambda f: edit(f / "config.json", id2label=None), codes.OUTPUT_LABELS, "names no outputs"),
        (lambda f: edit(f / "config.json", id2label={"0": "a", "2": "b"}), codes.OUTPUT_LABELS, "from 0 to 1"),
        (lambda f: edit(f / "config.json", id2label={"0": "a", "1": "a"}), codes.OUTPUT_LABELS, "two outputs"),
        (lambda f: (f / "model.safetensors").unlink(), codes.NO_SAFETENSORS, "has no weights"),
    ],
)  # fmt: skip
def test_folders_that_cannot_be_used(tiny_copy, fault, spoil, code, said):
    spoil(tiny_copy / "outcome")
    found = fault(lambda: identify(tiny_copy))
    assert found.code == code and found.loc == ("models", 0, "source") and said in found.message


def test_pickled_weights_are_refused_and_said_to_be_dangerous(tiny_copy, fault):
    (tiny_copy / "outcome" / "model.safetensors").rename(tiny_copy / "outcome" / "pytorch_model.bin")
    found = fault(lambda: identify(tiny_copy))
    assert found.code == codes.PICKLED_WEIGHTS
    assert "`pytorch_model.bin`, a format that can run code" in found.message and "save_pretrained" in found.way_out


@pytest.mark.parametrize("cut", [1, 100, 10_000, 20_000])
def test_truncated_weights_are_found_without_reading_them(tiny_copy, fault, cut):
    file = tiny_copy / "outcome" / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-cut])
    found = fault(lambda: identify(tiny_copy))
    assert found.code == codes.WEIGHTS_UNREADABLE and "the copy may have been cut short" in found.way_out


def header(tensor: object) -> bytes:
    text = json.dumps({"weight": tensor}).encode() if not isinstance(tensor, bytes) else tensor
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x00" * 8, b"\xff" * 16, header(b"[]"), header(b"{}x"), header(b"[" * 200_000),
        header({"shape": [2], "data_offsets": [0, 99]}), header({"shape": [2], "data_offsets": [-50, 0]}),
        header({"shape": [2], "data_offsets": [9, 1]}), header({"shape": 2, "data_offsets": [0, 0]}),
        header({"shape": [2]}), header({"shape": [2], "data_offsets": [1e400, 1e400]}), header("text"),
    ],
)  # fmt: skip
def test_headers_that_lie_are_refused(tiny_copy, fault, data):
    (tiny_copy / "outcome" / "model.safetensors").write_bytes(data)
    assert fault(lambda: identify(tiny_copy)).code == codes.WEIGHTS_UNREADABLE


def test_a_shard_that_is_missing_is_named(tiny_copy, fault):
    index = {"weight_map": {"a": "model.safetensors", "b": "model-00002.safetensors"}}
    (tiny_copy / "outcome" / "model.safetensors.index.json").write_text(json.dumps(index))
    found = fault(lambda: identify(tiny_copy))
    assert found.code == codes.WEIGHTS_UNREADABLE and "`model-00002.safetensors`" in found.message


def test_weights_that_are_missing_from_the_file_are_not_made_up(tiny_copy):
    """The library would fill them with random numbers and warn."""
    file = tiny_copy / "outcome" / "model.safetensors"
    tensors = load_file(file)
    del tensors["classifier.1.bias"]
    save_file(tensors, file, metadata={"format": "pt"})
    with pytest.raises(
        ExecutionError, match=r"weights of the model `outcome` lack `classifier\.1\.bias`, which would be"
    ):
        open_model(identify(tiny_copy), "cpu")


def test_a_softmax_of_one_output_is_refused(tmp_path, fault):
    save_classifier(tmp_path / "one", ("only",), seed=5, problem="regression")
    edit(tmp_path / "one" / "config.json", problem_type=None)
    found = fault(lambda: identify(tmp_path, "one", target="only"))
    assert found.code == codes.OUTPUT_LABELS and "the softmax of one output is 1 for every picture" in found.message
    edit(tmp_path / "one" / "config.json", problem_type="multi_label_classification")
    assert identify(tmp_path, "one", target=0).target == 0


def test_targets_are_labels_or_indices():
    outputs = ("cat", "dog", "2")
    assert target_index("dog", outputs, "m", LOC) == 1 and target_index(2, outputs, "m", LOC) == 2
    assert target_index("2", outputs, "m", LOC) == 2 and target_index(None, outputs, "m", LOC) is None


@pytest.mark.parametrize("target", ["dgo", 3, -1, ""])
def test_an_unknown_target_lists_the_outputs(fault, target):
    found = fault(lambda: target_index(target, ("cat", "dog"), "m", LOC))
    assert found.code == codes.UNKNOWN_TARGET and found.loc == ("models", 0, "target")
    assert found.message == f"model `m` has no output `{target}`" and found.way_out == "its outputs: `cat`, `dog`"
    assert found.suggestion == ("dog" if target == "dgo" else "")


def test_many_outputs_are_listed_in_part(fault):
    found = fault(lambda: target_index("x", tuple(f"o{i}" for i in range(30)), "m", LOC))
    assert found.way_out.endswith("`o19` and 10 more")


def test_a_detector_on_the_audited_models_weights_is_refused(tmp_path, fault):
    """One equal tensor of 10,000 elements is a shared backbone; small equal tensors are chance."""
    rng = np.random.default_rng(0)
    large, small = rng.normal(size=(100, 100)).astype(np.float32), np.zeros(50, np.float32)
    files = {}
    for name, tensors in (
        ("model", {"trunk": large, "bias": small}),
        ("copy", {"renamed.trunk": large, "head": rng.normal(size=20).astype(np.float32)}),
        ("other", {"trunk": large + 1, "bias": small}),
    ):
        files[name] = tmp_path / f"{name}.safetensors"
        save_file(tensors, files[name])

    def model(name: str) -> ModelIdentity:
        return ModelIdentity(name, "transformers", tmp_path, name, ("a",), True, "logit", 0, (files[name],))

    refuse_shared_backbones([model("model")], [model("other")])
    refuse_shared_backbones([model("model")], [model("copy")], ["copy"])
    found = fault(lambda: refuse_shared_backbones([model("model")], [model("other"), model("copy")], ["other"]))
    assert found.code == codes.SHARED_BACKBONE and found.loc == ("detectors", 1, "source")
    assert found.message == "detector `copy` has the weights `renamed.trunk` of the audited model `model`"
    assert "shares its blind spots" in found.way_out
