"""The target models of DEPICT's section 4.1: weighted sums of six concept predictions, on one trunk.

"Each task is defined by a weight vector w over the six indicator variables where each component is drawn uniformly
over [0, 1] .. We define a binary classification task by thresholding image scores at the median of the dataset .. The
target model is defined as a weighted sum of the concept predictions."

The trunk and the concept predictions are those of `builtin:shapes/outcome`; each model is a folder of transformers
with another row in its last layer, so that auditor evaluates the trunk once for all of them.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "zoo"))

from auditor.zoo import builtin_folder
from shapes_world import CONCEPTS, draw_pictures, draw_presences

COLUMNS = tuple(name.replace(" ", "_") for name in CONCEPTS)
TARGET = "outcome"
BOTTLENECK = "concepts"
"""The model of the six concept predictions, from which all target models are made."""

HEAD = "classifier.1"
SHARPNESS = 6.0
"""How steep the probability is: it moves no ranking, and no AUROC."""

WEIGHTS_SEED, SCALE_SEED = 20_260_401, 20_260_402
PRIMARY_SEED, PRIMARY_PICTURES = 20_260_403, 1_500
SCALE_PICTURES = 1_000
"""New pictures of the world, on which the concepts' logits are scaled to 0 and 1."""


def drawn_weights(models: int) -> np.ndarray:
    """w ~ U[0, 1]^6, (models, 6); the first k stay the same when there are more."""
    return np.random.default_rng(WEIGHTS_SEED).random((models, len(CONCEPTS)))


def presences_of(folder: Path) -> tuple[list[str], np.ndarray]:
    """File names and presences, (rows, 6) int, of a data set of shapes."""
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    return [line["file_name"] for line in lines], np.array([[int(line[name]) for name in COLUMNS] for line in lines])


def median_labels(weights: np.ndarray, presences: np.ndarray) -> np.ndarray:
    """Whether w's lies above its median over the data set, (models, rows) int."""
    scores = weights @ presences.T
    return (scores > np.median(scores, axis=1, keepdims=True)).astype(int)


def concept_logits(pictures: np.ndarray) -> np.ndarray:
    """The concept outputs of the bundled model, (n, 6), for pictures (n, 64, 64, 3) uint8."""
    import torch
    from transformers import AutoModelForImageClassification

    model = AutoModelForImageClassification.from_pretrained(_outcome(), local_files_only=True, dtype=torch.float32)
    pixels = torch.from_numpy(pictures.astype(np.float32) / 127.5 - 1.0).permute(0, 3, 1, 2)
    with torch.inference_mode():
        found = np.concatenate([model(pixel_values=part).logits.numpy() for part in pixels.split(100)])
    return found[:, : len(CONCEPTS)].astype(np.float64)


@lru_cache(maxsize=1)
def concept_scale() -> tuple[np.ndarray, np.ndarray]:
    """The mean logit of each concept's output without and with the concept, (6,) each."""
    rng = np.random.default_rng(SCALE_SEED)
    presences = draw_presences(SCALE_PICTURES, rng)
    logits = concept_logits(draw_pictures(presences, rng))
    concepts = range(len(CONCEPTS))
    return (
        np.array([logits[~presences[:, j], j].mean() for j in concepts]),
        np.array([logits[presences[:, j], j].mean() for j in concepts]),
    )


def write_models(folder: Path, weights: Mapping[str, np.ndarray]) -> None:
    """A folder for each model below `folder`, by its name; what is there is left."""
    import torch
    from safetensors.torch import load_file

    missing = {name: w for name, w in weights.items() if not (folder / name / "model.safetensors").exists()}
    if not missing:
        return
    without, with_ = concept_scale()
    concepts = len(CONCEPTS)
    whole = load_file(_outcome() / "model.safetensors")
    trunk = {name: tensor for name, tensor in whole.items() if not name.startswith(f"{HEAD}.")}
    rows, offsets = (whole[f"{HEAD}.{part}"][:concepts].float() for part in ("weight", "bias"))
    _write_model(folder / BOTTLENECK, trunk, (rows, offsets), CONCEPTS)
    for name, w in missing.items():
        slope = torch.from_numpy(SHARPNESS * w / (with_ - without)).float()
        middle = SHARPNESS * float((w * (-without / (with_ - without) - 0.5)).sum())
        _write_model(folder / name, trunk, ((slope @ rows)[None], (slope @ offsets + middle)[None]), (TARGET,))


def _write_model(folder: Path, trunk: Mapping[str, Any], head: tuple[Any, Any], outputs: Sequence[str]) -> None:
    """A folder as `save_pretrained` of transformers writes it: the trunk of the bundled model, and a head."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    config = json.loads((_outcome() / "config.json").read_text(encoding="utf-8"))
    config |= {"id2label": dict(enumerate(outputs)), "label2id": {name: i for i, name in enumerate(outputs)}}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    shutil.copyfile(_outcome() / "preprocessor_config.json", folder / "preprocessor_config.json")
    tensors = {**trunk, f"{HEAD}.weight": head[0].contiguous(), f"{HEAD}.bias": head[1].contiguous()}
    partial = folder / "model.safetensors.part"
    save_file(tensors, partial, {"format": "pt"})
    partial.replace(folder / "model.safetensors")


def bundled_rows(rows: int) -> tuple[list[str], np.ndarray]:
    """File names and presences of the first `rows` pictures of `builtin:shapes/test`."""
    names, presences = presences_of(_test())
    return names[:rows], presences[:rows]


def write_data(folder: Path, rows: int, labels: Mapping[str, np.ndarray]) -> None:
    """The first `rows` pictures of `builtin:shapes/test` and their masks, with a column of labels for each model."""
    source = _test()
    names, presences = bundled_rows(rows)
    (folder / "masks").mkdir(parents=True, exist_ok=True)
    for name in names:
        for copy in (name, f"masks/{name}"):
            if not (folder / copy).exists():
                shutil.copyfile(source / copy, folder / copy)
    shutil.copyfile(source / "masks/values.csv", folder / "masks/values.csv")
    lines = [["file_name", *COLUMNS, *labels]]
    for name, presence, of_row in zip(names, presences.tolist(), zip(*labels.values(), strict=True), strict=True):
        lines.append([name, *presence, *(int(label) for label in of_row)])
    partial = folder / "metadata.csv.part"
    with partial.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)
    os.replace(partial, folder / "metadata.csv")


def primary_weights(concept: int) -> np.ndarray:
    """The weights of a model of DEPICT's section 4.2: in its training data, one concept is the outcome.

    "We resampled the training data such that there was a 1:1 correlation between a concept in the image and the
    outcome .. we learn a linear classifier f(g(x)) parameterized by w to map concepts to a final prediction." The
    outcome is a task of section 4.1; pictures in which it is not the concept are left out, and a logistic regression
    is fitted to the concept predictions of the rest.
    """
    rng = np.random.default_rng([PRIMARY_SEED, concept])
    presences = draw_presences(PRIMARY_PICTURES, rng)
    outcome = median_labels(rng.random((1, len(CONCEPTS))), presences.astype(int))[0]
    kept = presences[:, concept] == outcome
    without, with_ = concept_scale()
    predictions = (concept_logits(draw_pictures(presences[kept], rng)) - without) / (with_ - without)
    return logistic_regression(predictions, outcome[kept])


def logistic_regression(features: np.ndarray, labels: np.ndarray, penalty: float = 1.0, rounds: int = 50) -> np.ndarray:
    """Weights (n_features,) by Newton's method: an intercept, and a penalty on squares, as classes part perfectly."""
    design = np.column_stack([features, np.ones(len(features))])
    shrink = penalty * np.diag([*np.ones(features.shape[1]), 0.0])
    found = np.zeros(design.shape[1])
    for _ in range(rounds):
        chance = 1.0 / (1.0 + np.exp(-design @ found))
        slope = design.T @ (chance - labels) + shrink @ found
        found -= np.linalg.solve(design.T @ (design * (chance * (1.0 - chance))[:, None]) + shrink, slope)
    return found[:-1]


def _test() -> Path:
    folder = builtin_folder("shapes/test")
    assert folder is not None
    return folder


def _outcome() -> Path:
    folder = builtin_folder("shapes/outcome")
    assert folder is not None
    return folder
