"""examples/papers/depict_shapes in its smallest form: the whole way, from target models to the table."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


def test_the_experiment_runs_from_target_models_to_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "examples/zoo"))
    monkeypatch.syspath_prepend(str(ROOT / "examples/papers/depict_shapes"))
    models = importlib.import_module("target_models")
    script = importlib.import_module("depict_shapes")
    monkeypatch.setattr(models, "SCALE_PICTURES", 150)
    monkeypatch.setattr(models, "PRIMARY_PICTURES", 150)
    size = script.Size(models=3, rows=12, pictures=2, samples=10, replicates=50, permutations=10)
    found = script.experiment(tmp_path / "out", size, workers=1, baselines=False)
    out = capsys.readouterr().out
    assert out.startswith("The ceiling: Pearson r of the exact permutation of the true presences with the weights")
    assert "audit: exact       bottleneck" in out and "gate independent_permutation" in out and "bar: " in out

    # Each model is held against its own task: the labels are the medians of w's.
    weights = models.drawn_weights(3)
    _, presences = models.bundled_rows(12)
    labels = models.median_labels(weights, presences)
    scores = weights @ presences.T
    assert all((scores[m][labels[m] == 1].min() > scores[m][labels[m] == 0].max()) for m in range(3))
    units = tmp_path / "out/audits/depict-shapes-synthetic/1.0.0/units.jsonl"
    lines = [json.loads(line) for line in units.read_text(encoding="utf-8").splitlines()]
    real = {line["row"]: line for line in lines if line["kind"] == "real"}
    for number, name in enumerate(sorted(real)):
        assert real[name]["own_labels"] == {f"m{m:03d}": labels[m, number] for m in range(3)}
        assert set(real[name]["scores"]["m001"]) == {"outcome"}
    generated = {line["unit"] for line in lines if line["kind"] == "generated"}
    assert len(generated) == 12 * 7, "one generated set for all models and both analyses"

    # The bottleneck that was found is the one that was built.
    oracle = next(one for one in found["synthetic"].oracles if one.name == "coefficients")
    assert np.corrcoef(oracle.importances.ravel(), weights.ravel())[0, 1] > 0.95
    primary = next(one for one in found["primary"].methods if one.name == "audit: exact")
    assert (primary.importances.argmax(axis=1) == np.arange(6)).all()
    assert json.loads((tmp_path / "out/measured.json").read_text())["seconds"]["synthetic: audit and oracles"] > 0
