"""The bundled pictures with other labels, and real models of them: a number, and one of four classes.

Both models are the trunk of the bundled outcome model with a last layer fitted to 300 of its pictures, so their truth
is known: the number is 3 for a red circle, 2 for a green one and 1 for a blue one; the class says which of red and
green circles are there. Rectangles matter to neither.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import numpy as np

ZOO = Path(__file__).parents[2] / "auditor" / "zoo" / "shapes"
CLASSES = ("both", "green", "none", "red")
FITTED = 300

SPEC = """\
version: 1
audit: {{id: shapes-{task}, title: "Which shapes does the model use?", revision: "1"}}
models: [{{name: outcome, adapter: transformers, source: {task}, target: {target}{output}}}]
detectors: [{{name: shapes, adapter: transformers, source: "builtin:shapes/detector"}}]
dataset: {{source: data, label: {task}, rows: 200, seed: 0}}
concepts:
  - {{name: red circle, column: red_circle, phrase: red circle}}
  - {{name: green circle, column: green_circle, phrase: green circle}}
  - {{name: blue circle, column: blue_circle, phrase: blue circle}}
  - {{name: red rectangle, column: red_rectangle, phrase: red rectangle}}
  - {{name: green rectangle, column: green_rectangle, phrase: green rectangle}}
  - {{name: blue rectangle, column: blue_rectangle, phrase: blue rectangle}}
interventions:
  - {{name: captions, kind: text_to_image, source: "builtin:shapes/text-to-image", steps: 10, guidance: 2.0,
     noise: {{draws: 2, seed: 0}}}}
analyses:
  - {{name: reliance, kind: permutation_importance, intervention: captions, metric: {metric},
     concepts: [red circle, green circle, blue rectangle], margin: {{response: 0.05}}}}
checks:
  - {{kind: effective_generation, of: reliance}}
  - {{kind: significance, of: reliance, swaps: 1999}}
requirements:
  - {{name: blue rectangles do not matter, analysis: reliance, concept: blue rectangle, importance: {{within: 0.05}}}}
report: {{formats: [html], gallery: {{pairs: 1}}}}
"""


def write_labelled_shapes(folder: Path) -> None:
    """A data set `data` with the columns `number` and `kind`, and the models `number` and `kind`."""
    lines = list(csv.DictReader((ZOO / "test" / "metadata.csv").read_text(encoding="utf-8").splitlines()))
    shutil.copytree(ZOO / "test", folder / "data")
    for line in lines:
        circles = [int(line[f"{colour}_circle"]) for colour in ("red", "green", "blue")]
        line["number"] = f"{3 * circles[0] + 2 * circles[1] + circles[2]}.0"
        line["kind"] = CLASSES[(2, 1, 3, 0)[2 * circles[0] + circles[1]]]
    with (folder / "data" / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(lines[0]))
        table.writeheader()
        table.writerows(lines)
    _save_models(folder, lines)


def _save_models(folder: Path, lines: list[dict[str, Any]]) -> None:
    import torch
    from PIL import Image
    from sklearn.linear_model import LogisticRegression
    from transformers import AutoImageProcessor, AutoModelForImageClassification

    source = ZOO / "outcome"
    processor = AutoImageProcessor.from_pretrained(source, backend="pil")
    model = AutoModelForImageClassification.from_pretrained(source).eval()
    pictures = [np.asarray(Image.open(ZOO / "test" / line["file_name"]).convert("RGB")) for line in lines[:FITTED]]
    with torch.inference_mode():
        pixels = processor(pictures, return_tensors="pt")["pixel_values"]
        features = model.resnet(pixel_values=pixels).pooler_output.flatten(1).double().numpy()
    numbers = np.array([float(line["number"]) for line in lines[:FITTED]])
    fitted = np.linalg.lstsq(np.column_stack([features, np.ones(FITTED)]), numbers, rcond=None)[0]
    kinds = LogisticRegression(C=10.0, max_iter=2000).fit(features, [line["kind"] for line in lines[:FITTED]])
    heads = {
        "number": (fitted[None, :-1], fitted[-1:], ("amount",), "regression"),
        "kind": (kinds.coef_, kinds.intercept_, CLASSES, "single_label_classification"),
    }
    for name, (weight, bias, outputs, problem) in heads.items():
        layer = torch.nn.Linear(features.shape[1], len(outputs))
        layer.weight.data, layer.bias.data = torch.tensor(weight).float(), torch.tensor(bias).float()
        model.classifier[-1] = layer
        model.config.id2label = dict(enumerate(outputs))
        model.config.label2id = {output: number for number, output in enumerate(outputs)}
        model.config.problem_type = problem
        model.save_pretrained(folder / name)
        processor.save_pretrained(folder / name)


def write_spec(folder: Path, task: str, metric: str) -> Path:
    """The document of an audit of `number` or `kind`."""
    given = {"number": ("amount", ", output: value"), "kind": ("red", "")}[task]
    document = folder / f"{task}-{metric}.yaml"
    document.write_text(SPEC.format(task=task, metric=metric, target=given[0], output=given[1]), encoding="utf-8")
    return document
