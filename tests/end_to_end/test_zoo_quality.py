"""The shipped weights: small enough, safe, loadable by the libraries alone, and good enough."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

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


def test_weights_are_float16_safetensors_of_at_most_15_megabytes() -> None:
    files = [path for path in SHAPES.rglob("*") if path.is_file()]
    weights = [path for path in files if path.suffix == ".safetensors"]
    assert sum(path.stat().st_size for path in weights) <= 15_000_000
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
