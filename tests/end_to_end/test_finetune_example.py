"""examples/finetune_text_to_image: images and a table become a diffusers folder, and its gates are printed."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/finetune_text_to_image"
COLUMNS = [f"{colour}_{form}" for form in ("circle", "rectangle") for colour in ("sky", "tan", "jet")]

Script = Callable[..., str]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Script:
    """Run a script of the example with arguments, in this process; what it prints."""
    monkeypatch.syspath_prepend(str(EXAMPLE))
    monkeypatch.syspath_prepend(str(ROOT / "examples/zoo"))

    def run(name: str, *arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
        importlib.import_module(name).main()
        return capsys.readouterr().out

    return run


def weights(folder: Path, part: str) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    return load_file(next((folder / part).glob("*.safetensors")))


def test_images_and_a_table_become_a_generator_whose_gates_are_printed(tmp_path: Path, script: Script) -> None:
    train, test = tmp_path / "train", tmp_path / "test"
    script("second_world", "--out", tmp_path, "--train", 24, "--test", 10)
    small = ("--images", train, "--steps", 2, "--batch", 4)
    out = script("finetune", *small, "--out", tmp_path / "full", "--autoencoder-steps", 1)
    assert "step 2 of 2" in out and "autoencoder 1 of 1" in out
    script("finetune", *small, "--out", tmp_path / "lora", "--method", "lora", "--rank", 2)
    before = weights(ROOT / "auditor/zoo/shapes/text-to-image", "unet")
    for name, changed in (("full", {"unet", "text_encoder", "vae"}), ("lora", {"unet"})):
        assert weights(tmp_path / name, "unet").keys() == before.keys(), "an ordinary folder"
        for part in ("unet", "text_encoder", "vae"):
            old = weights(ROOT / "auditor/zoo/shapes/text-to-image", part)
            new = weights(tmp_path / name, part)
            moved = {key for key in old if np.abs(new[key] - old[key].astype(np.float32)).max() > 1e-7}
            assert bool(moved) == (part in changed), (name, part)
            if name == "lora":
                assert all(".attn" in key for key in moved)
    script("train_classifier", *small, "--columns", *COLUMNS, "--out", tmp_path / "detector")
    script("train_classifier", *small, "--columns", "outcome", "--out", tmp_path / "outcome", "--seed", 1)
    with pytest.raises(SystemExit):
        script(
            "print_gates", "--data", test, "--label", "outcome", "--concepts", *COLUMNS, "--generator",
            tmp_path / "full", "--detector", tmp_path / "detector", "--model", tmp_path / "outcome",
            "--target", "outcome", "--steps", 1, "--rows", 8, "--workers", 1,
        )  # fmt: skip


@pytest.mark.slow
def test_training_goes_on_where_it_was_stopped(
    tmp_path: Path, script: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script("second_world", "--out", tmp_path, "--train", 12, "--test", 2)
    finetune = importlib.import_module("finetune")
    arguments = ("--images", tmp_path / "train", "--batch", 2, "--steps", 202)

    class Stopped(Exception):
        pass

    keep = finetune.keep

    def keep_and_stop(*given: object) -> None:
        keep(*given)
        raise Stopped

    monkeypatch.setattr(finetune, "keep", keep_and_stop)
    with pytest.raises(Stopped):
        script("finetune", *arguments, "--out", tmp_path / "g")
    monkeypatch.setattr(finetune, "keep", keep)
    out = script("finetune", *arguments, "--out", tmp_path / "g")
    assert "going on at step 200" in out and "step 202 of 202" in out
    assert not (tmp_path / "g.training.pt").exists()
