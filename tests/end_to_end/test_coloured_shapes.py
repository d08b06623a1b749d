"""The models and pictures of examples/papers/property_gradients: exact is exact, and biased is biased."""

from __future__ import annotations

import csv
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import yaml
from PIL import Image

FOLDER = Path(__file__).parents[2] / "examples" / "papers" / "property_gradients"
OWN = ("coloured_shapes", "exact_truth", "networks", "make_data", "train_dynamics")


@pytest.fixture(scope="module")
def modules() -> Iterator[dict[str, ModuleType]]:
    """The example's files by name; `train_classifiers` is also the name of a file in examples/zoo."""
    sys.path.insert(0, str(FOLDER))
    before = {name: sys.modules.pop(name, None) for name in (*OWN, "train_classifiers")}
    try:
        yield {name: importlib.import_module(name) for name in (*OWN, "train_classifiers")}
    finally:
        sys.path.remove(str(FOLDER))
        for name, module in before.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module


def run(module: ModuleType, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", [module.__name__, *arguments])
    module.main()


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_recolouring_gives_the_picture_drawn_in_the_other_colour(modules: dict[str, ModuleType]) -> None:
    world, labels = modules["coloured_shapes"], np.arange(10) % 2
    red, blue = (
        world.draw_pictures(labels, np.full(10, share), np.random.default_rng(1), varied=False) for share in (0.0, 1.0)
    )
    for image, mask, wanted in zip(red.images, red.masks, blue.images, strict=True):
        np.testing.assert_array_equal(world.PROPERTY(image, mask, 1.0), wanted)
        np.testing.assert_array_equal(world.PROPERTY(image, mask, 0.0), image)


def test_every_control_is_as_strong_as_the_property(modules: dict[str, ModuleType]) -> None:
    world = modules["coloured_shapes"]
    pictures = world.draw_pictures(np.arange(30) % 2, np.zeros(30), np.random.default_rng(2), varied=False)
    wanted = world.dose(world.PROPERTY, pictures, points=5).mean()
    assert len(world.CONTROLS) >= 3
    for name, change in world.CONTROLS.items():
        assert world.dose(change, pictures, points=5).mean() >= wanted, name


def test_the_data_set_has_the_masks_of_its_pictures(
    modules: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(modules["make_data"], monkeypatch, "--out", str(tmp_path), "--pictures", "6")
    lines = table(tmp_path / "metadata.csv")
    assert [line["label"] for line in lines] == ["rectangle", "circle"] * 3
    for line in lines:
        picture = np.asarray(Image.open(tmp_path / line["file_name"]).convert("RGB"))
        mask, ground, frame = (np.asarray(Image.open(tmp_path / line[part])) for part in ("mask", "ground", "frame"))
        red = (picture == modules["coloured_shapes"].RED).all(-1)
        np.testing.assert_array_equal(mask, np.where(red, 255, 0))
        np.testing.assert_array_equal(ground, 255 - mask)
        np.testing.assert_array_equal(frame, np.where(modules["coloured_shapes"].RING, ground, 0))


@pytest.mark.parametrize("document", ["dynamics.yaml", "audit_colour.py"])
def test_audits_change_pictures_as_the_exact_truth_does(
    document: str, modules: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A control that is not what its name says, such as a frame that covers the whole picture, spoils every ratio."""
    world = modules["coloured_shapes"]
    run(modules["make_data"], monkeypatch, "--out", str(tmp_path), "--pictures", "6")
    text = (FOLDER / document).read_text(encoding="utf-8")
    if document.endswith(".py"):
        text = text.split('SPEC = """\\\n')[1].split('"""')[0].format(models="  []")
    wanted = {"blue shapes": world.PROPERTY, "darker ground": world.CONTROLS["darker ground"],
              "tinted ground": world.CONTROLS["tinted ground"], "framed": world.CONTROLS["frame"]}  # fmt: skip
    blended = [one for one in yaml.safe_load(text)["interventions"] if "colour" in one]
    assert {one["name"] for one in blended} == set(wanted)
    for line in table(tmp_path / "metadata.csv"):
        picture = np.asarray(Image.open(tmp_path / line["file_name"]).convert("RGB")).astype(float)
        mask = np.asarray(Image.open(tmp_path / line["mask"])) > 0
        for one in blended:
            where = (np.asarray(Image.open(tmp_path / line[one["region"]["column"]])) > 0)[..., None]
            share = where * one["sweep"]["opacity"]["to"]
            changed = picture * (1 - share) + np.array(one["colour"], float) * share
            exact = wanted[one["name"]](picture.astype(np.uint8), mask, 1.0).astype(float)
            assert np.abs(changed - exact).max() <= 1.0, one["name"]


def test_a_model_that_learned_from_tied_colours_follows_the_colour(
    modules: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modules["train_classifiers"], "PICTURES", 640)
    monkeypatch.setattr(modules["exact_truth"], "PICTURES", 40)
    run(modules["train_classifiers"], monkeypatch, "--out", str(tmp_path), "--biased", "1", "--unbiased", "0")
    lines = table(tmp_path / "truth.csv")
    assert [line["architecture"] for line in lines] == ["regnet"]
    for line in lines:
        assert float(line["flips: blue"]) >= 0.9
        assert all(float(line[name]) <= 0.1 for name in line if name.startswith("flips: ") and name != "flips: blue")
        assert (tmp_path / line["model"] / "model.safetensors").is_file()


def test_dynamics_keep_every_epoch_and_begin_from_what_was_learned(
    modules: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    dynamics = modules["train_dynamics"]
    monkeypatch.setattr(dynamics, "ARCHITECTURES", {"resnet": dynamics.ARCHITECTURES["resnet"]})
    for name in ("PICTURES", "PRETRAINING_PICTURES"):
        monkeypatch.setattr(dynamics, name, 64)
    run(dynamics, monkeypatch, "--out", str(tmp_path), "--epochs", "2")
    folders = sorted(path.parent.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("model.safetensors"))
    assert folders == [f"runs/resnet-{kind}/epoch_0{k}" for kind in ("pretrained", "scratch") for k in (1, 2)]
    assert [line["epoch"] for line in table(tmp_path / "dynamics.csv")] == ["1", "2"] * 2
    counting = dynamics.pretrained("resnet", [1])
    begun = dynamics.start_model("resnet", counting, [2])
    first, learned = (model.resnet.embedder.embedder.convolution.weight for model in (begun, counting))
    assert torch.equal(first, learned)
    assert begun.config.id2label == {0: "rectangle", 1: "circle"}
