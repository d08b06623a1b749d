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
SCALE_PICTURES = 2_000
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


def concept_scale() -> tuple[np.ndarray, np.ndarray]:
    """The mean logit of each concept's output without and with the concept, (6,) each."""
    import torch
    from transformers import AutoModelForImageClassification

    rng = np.random.default_rng(SCALE_SEED)
    presences = draw_presences(SCALE_PICTURES, rng)
    pictures = draw_pictures(presences, rng).astype(np.float32) / 127.5 - 1.0
    model = AutoModelForImageClassification.from_pretrained(_outcome(), local_files_only=True, dtype=torch.float32)
    with torch.inference_mode():
        logits = np.concatenate(
            [
                model(pixel_values=part.permute(0, 3, 1, 2)).logits.numpy()
                for part in torch.from_numpy(pictures).split(100)
            ]
        )
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


def write_data(folder: Path, rows: int, weights: Mapping[str, np.ndarray]) -> np.ndarray:
    """The first `rows` pictures of `builtin:shapes/test`, with a column of labels for each model; the labels."""
    source = builtin_folder("shapes/test")
    assert source is not None
    names, presences = presences_of(source)
    names, presences = names[:rows], presences[:rows]
    labels = median_labels(np.array(list(weights.values())), presences)
    (folder / "masks").mkdir(parents=True, exist_ok=True)
    for name in names:
        for copy in (name, f"masks/{name}"):
            if not (folder / copy).exists():
                shutil.copyfile(source / copy, folder / copy)
    shutil.copyfile(source / "masks/values.csv", folder / "masks/values.csv")
    lines = [["file_name", *COLUMNS, *weights]]
    for name, presence, of_row in zip(names, presences.tolist(), labels.T.tolist(), strict=True):
        lines.append([name, *presence, *of_row])
    partial = folder / "metadata.csv.part"
    with partial.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)
    os.replace(partial, folder / "metadata.csv")
    return labels


def model_lines(names: Sequence[str], labels: bool = True) -> list[str]:
    """The entries of `models:` in a spec."""
    return [
        "  - "
        + json.dumps(
            {
                "name": name, "adapter": "transformers", "source": f"models/{name}", "target": TARGET,
                **({"label": name} if labels else {}),
            }
        )
        for name in names
    ]  # fmt: skip


def _outcome() -> Path:
    folder = builtin_folder("shapes/outcome")
    assert folder is not None
    return folder
