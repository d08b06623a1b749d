"""What models say of their concepts on the real pictures: stored scores, or scored now."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from auditor.evaluation import Bottleneck
from auditor.models import ModelIdentity, open_models
from auditor.pictures import read_picture
from auditor.run.folder import RunFolder
from auditor.spec.materials import Materials

SCORED_TOGETHER = 50


def concept_predictions(materials: Materials, bottlenecks: Sequence[Bottleneck], folder: RunFolder) -> list[np.ndarray]:
    """Of each model, its concepts' logits on the real pictures, (n_rows, n_concepts): stored ones, or scored now."""
    stored = _stored_scores(folder)
    logits: dict[str, np.ndarray] = {}
    columns: dict[tuple[str, bytes], np.ndarray] = {}
    for one in bottlenecks:
        model = one.predictor
        if model.digest not in logits:
            logits[model.digest] = _stored(stored, model) if model.name in stored[0] else _scored(materials, model)
        key = (model.digest, one.outputs.tobytes())
        if key not in columns:
            columns[key] = logits[model.digest][:, one.outputs]
    return [columns[one.predictor.digest, one.outputs.tobytes()] for one in bottlenecks]


def _stored_scores(folder: RunFolder) -> list[dict[str, dict[str, float | None]]]:
    """The scores of the real pictures, which stand first in the per-unit table."""
    found = []
    with folder.units.open(encoding="utf-8") as file:
        for line in file:
            unit = json.loads(line)
            if unit["kind"] != "real":
                break
            found.append(unit["scores"])
    return found


def _stored(scores: list[dict[str, dict[str, float | None]]], model: ModelIdentity) -> np.ndarray:
    return np.array([[each[model.name][output] for output in model.outputs] for each in scores], np.float64)


def _scored(materials: Materials, model: ModelIdentity) -> np.ndarray:
    scorer = open_models([model], "cpu")
    paths = materials.rows.paths
    parts = [
        scorer([read_picture(path) for path in paths[start : start + SCORED_TOGETHER]])
        for start in range(0, len(paths), SCORED_TOGETHER)
    ]
    return np.concatenate(parts).astype(np.float64)
