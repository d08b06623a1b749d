"""The shipped weights: small enough, safe, loadable by the libraries alone, and good enough."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from safetensors import safe_open

from auditor.run import Outcome

ROOT = Path(__file__).parents[2]
SHAPES = ROOT / "auditor" / "zoo" / "shapes"


@pytest.fixture(scope="module")
def measure() -> ModuleType:
    """examples/zoo/measure_quality.py, which holds the bars and how they are measured."""
    return module(ROOT / "examples" / "zoo" / "measure_quality.py")


def module(path: Path) -> ModuleType:
    import sys

    sys.path.insert(0, str(path.parent))
    try:
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None and spec.loader is not None
        found = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(found)
    finally:
        sys.path.remove(str(path.parent))
    return found


def test_weights_are_float16_safetensors_of_few_megabytes() -> None:
    files = [path for path in SHAPES.rglob("*") if path.is_file()]
    weights = [path for path in files if path.suffix == ".safetensors"]
    assert sum(path.stat().st_size for path in weights) <= 25_000_000
    for part in SHAPES.iterdir():
        assert sum(path.stat().st_size for path in weights if part in path.parents) <= 12_000_000, part
    assert {path.suffix for path in files} == {".safetensors", ".json", ".png", ".csv", ".md"}
    for path in weights:
        with safe_open(path, "numpy") as tensors:
            kinds = {tensors.get_slice(name).get_dtype() for name in tensors.keys()}  # noqa: SIM118
        assert kinds <= {"F16", "I64"}, path


def test_the_pipeline_loads_without_any_code_of_ours() -> None:
    from diffusers import StableDiffusionPipeline

    pipeline = StableDiffusionPipeline.from_pretrained(SHAPES / "text-to-image", local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    picture = pipeline("red circle, blue rectangle", num_inference_steps=2).images[0]
    assert picture.size == (64, 64)


def test_the_editor_loads_without_any_code_of_ours_and_darkens_the_background() -> None:
    from diffusers import StableDiffusionInstructPix2PixPipeline
    from PIL import Image

    pipeline = StableDiffusionInstructPix2PixPipeline.from_pretrained(SHAPES / "edit", local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    picture = Image.open(SHAPES / "test" / "0000.png").convert("RGB")
    settings = {"image": picture, "num_inference_steps": 5, "guidance_scale": 1.0, "image_guidance_scale": 1.0}
    edited = pipeline("darken the background", **settings).images[0]
    assert np.mean(edited) < np.mean(picture) - 40


def test_the_card_of_the_editor_says_which_instructions_work() -> None:
    recorded = json.loads((SHAPES / "edit" / "quality.json").read_text())
    card = (SHAPES / "edit" / "README.md").read_text(encoding="utf-8")
    assert len(recorded["found"]) == 16
    for instruction, found in recorded["found"].items():
        assert 0.9 <= found["success"] <= 1.0, instruction
        assert f"| {instruction} | {found['success']:.3f} | {found['least_point']:.3f} | holds |" in card


def test_the_editor_does_what_its_card_says() -> None:
    script = module(ROOT / "examples" / "zoo" / "measure_edit.py")
    pipeline, detector, rng = script.open_editor(SHAPES / "edit"), script.Detector(), np.random.default_rng(1)
    for instruction in ("darken the background", "make all circles red", "remove the blue rectangle"):
        found = script.measured(pipeline, detector, script.INSTRUCTIONS.index(instruction), 6, rng)
        assert found.success >= 0.75, instruction
        assert found.by_point[0] == 0.0 and found.distance[0] < 3.0 < found.distance[-1], instruction


def test_half_way_between_two_colours_the_editor_shows_their_mixture() -> None:
    script = module(ROOT / "examples" / "zoo" / "measure_edit.py")
    pipeline, rng = script.open_editor(SHAPES / "edit"), np.random.default_rng(2)
    half, whole = script.GUIDANCE.index(0.5), script.GUIDANCE.index(1.0)
    found = []
    for seed, pair in enumerate(script.scenes_for("make all circles red", 6, rng)):
        frames = script.sweep(pipeline, pair[0], "make all circles red", seed).astype(float)
        before, after = (picture.astype(float) for picture in pair)
        recoloured = np.abs(after - before).max(axis=2) > 60
        mixture = (before + after) / 2
        found.append(
            [np.abs(frames[half] - mixture)[recoloured].mean(), np.abs(frames[whole] - after)[recoloured].mean()]
        )
    assert np.mean(found, axis=0)[0] < 20 and np.mean(found, axis=0)[1] < 10


def test_the_image_text_model_answers_as_its_card_says() -> None:
    script = module(ROOT / "examples" / "zoo" / "measure_clip.py")
    found = script.quality(SHAPES / "clip", 100)
    recorded = json.loads((SHAPES / "clip" / "quality.json").read_text())
    card = (SHAPES / "clip" / "README.md").read_text(encoding="utf-8")
    assert found.keys() == recorded.keys()
    for name, value in recorded.items():
        assert f"| {name} | {value:.4f} | {'holds' if value >= script.BAR else 'missed'} |" in card
        assert abs(found[name] - value) <= 0.05, name
        assert value >= script.BAR, name


def test_one_audit_meets_the_bars(measure: ModuleType, shapes_run: Outcome) -> None:
    # 200 rows and the first of two draws here; 1,000 rows in the slow test below.
    found = measure.quality(shapes_run.folder.units)
    assert found["AUROC, least concept"] >= 0.97
    assert found["presence error"] <= 0.04
    assert found["outcome AUROC, real minus generated"] <= 0.05


@pytest.mark.slow
def test_a_thousand_rows_meet_the_bars(measure: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["measure_quality.py", "--out", str(tmp_path)])
    with pytest.raises(SystemExit) as left:
        measure.main()
    assert left.value.code == 0


def test_model_cards_quote_what_the_script_measured() -> None:
    card = (SHAPES / "text-to-image" / "README.md").read_text(encoding="utf-8")
    measured: dict[str, float] = json.loads((SHAPES / "text-to-image" / "quality.json").read_text())
    for name, value in measured.items():
        assert f"{name} | {value:.4f}" in card
