"""examples/papers/property_gradients/attribution_table.py: from pictures with masks to the table of flips."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from auditor.digest import digest_file
from auditor.execute import Resources, default_numerics
from auditor.execute.kernels.composite import CompositeKernel
from auditor.execute.kernels.kernel import UnitRows
from auditor.plan import composite
from auditor.zoo import builtin_folder

EXAMPLE = Path(__file__).parents[2] / "examples/papers/property_gradients"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(EXAMPLE))
    return importlib.import_module("attribution_table")


def test_frames_are_those_of_compositing(script: ModuleType, tmp_path: Path) -> None:
    from PIL import Image

    images, regions = script.shapes_with("blue_rectangle", builtin_folder("shapes/test"), 2)
    assert images.shape == (2, 64, 64, 3) and regions.shape == (2, 64, 64) and regions.any(axis=(1, 2)).all()
    strengths = np.array([[0.0, 0.3, 1.0], [0.0, 0.5, 0.7]])
    found = script.swept(images, regions, (200, 30, 90), strengths)
    assert np.array_equal(found[:, 0], images) and not np.array_equal(found[:, 1], images)
    kernel = CompositeKernel([composite("colour", colour=[200, 30, 90])], Resources({}, {}), default_numerics(), "cpu")
    for i, region in enumerate(regions):
        mask = tmp_path / f"{i}.png"
        Image.fromarray(region.astype(np.uint8) * 255).save(mask)
        texts = {"mask": (f"{digest_file(mask)} {mask}",) * 3, "overlay": ("",) * 3}
        rows = UnitRows(texts, np.zeros(0, np.uint64), (images[i],) * 3, 3, {"strength": strengths[i]})
        assert np.array_equal(np.stack(kernel.run(rows)[0]), found[i])


def test_the_table_of_a_biased_model_and_of_one_that_never_flips(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    models = ["builtin:shapes/outcome-biased", "builtin:shapes/outcome"]
    options = ["--rows", "24", "--points", "5", "--methods", "grad_cam", "--out", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["attribution_table.py", *models, *options])
    script.main()
    assert "not defined: none of 24 predictions flips" in capsys.readouterr().out
    found = json.loads((tmp_path / "table.json").read_text(encoding="utf-8"))
    biased, other = (found[name] for name in models)
    assert [row["method"] for row in biased["rows"]] == [
        "majority", "E|grad|", "|p_end - p_start|", "Grad-CAM"
    ]  # fmt: skip
    assert 0 < biased["flips"]["count"] < 24 and other["flips"]["count"] == 0
    gradient = biased["rows"][1]
    assert gradient["held_out"]["accuracy"]["value"] > biased["rows"][0]["held_out"]["accuracy"]["value"]
    assert all(row["held_out"] is None for row in other["rows"])
    lines = (tmp_path / "table.md").read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith("| E\\|grad\\| |") for line in lines) == 2
    assert "Which scores tell what flips" in (tmp_path / "table.html").read_text(encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["attribution_table.py", *models, "--points", "4", "--out", str(tmp_path)])
    with pytest.raises(SystemExit):
        script.main()
    assert "must be odd" in capsys.readouterr().err
