"""A small valid audit on disk, for tests to spoil: a table of drawn pictures, model folders, a pipeline folder.

The folders have the configurations and safetensors headers of real ones and next to no weights, so they
can be validated and planned, never run; nothing here imports torch.
"""

from __future__ import annotations

import csv
import json
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from safetensors.numpy import save_file

CONCEPTS = ("red circle", "blue square")
COLUMNS = ("file_name", "red_circle", "blue_square", "outcome", "patient")
ROWS = 12
SIZE = 16

SPEC = """\
version: 1
audit: {id: small, title: "Does the classifier rely on squares?", revision: 1.0.0}
models:
  - name: outcome
    adapter: transformers
    source: models/outcome
    target: outcome
detectors:
  - name: shapes
    adapter: transformers
    source: models/detector
dataset:
  source: data
  label: outcome
  rows: 12
concepts:
  - {name: red circle, column: red_circle, phrase: red circle}
  - {name: blue square, column: blue_square, phrase: blue square}
interventions:
  - name: captions
    kind: text_to_image
    source: models/pipeline
    steps: 2
analyses:
  - {name: reliance, kind: permutation_importance, intervention: captions, margin: {response: 0.05}}
checks:
  - {kind: effective_generation, of: reliance}
  - {kind: significance, of: reliance, alpha: 0.05, swaps: 99}
requirements:
  - {name: squares do not matter, analysis: reliance, concept: blue square, response: {at_most: 0.05}}
report: {formats: [html]}
"""


def write_world(folder: Path) -> None:
    """`audit.yaml` in `folder`, and everything that it names."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "audit.yaml").write_text(SPEC, encoding="utf-8")
    write_pictures(folder / "data")
    write_classifier(folder / "models/outcome", ("outcome", *CONCEPTS), seed=1)
    write_classifier(folder / "models/detector", CONCEPTS, seed=2)
    write_pipeline(folder / "models/pipeline")


def table_rows(rows: int = ROWS) -> list[dict[str, str]]:
    """The table: every pair of values of the concepts, and the outcome of one with exceptions."""
    found = []
    for number in range(rows):
        red, blue = number % 2, number // 2 % 2
        outcome = 1 - red if number % 5 == 0 else red
        cells = (f"{number:02d}.png", red, blue, outcome, f"p{number // 2}")
        found.append(dict(zip(COLUMNS, map(str, cells), strict=True)))
    return found


def write_table(folder: Path, rows: list[dict[str, str]]) -> None:
    """`metadata.csv` with the columns of the first row."""
    with (folder / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def write_pictures(folder: Path, rows: int = ROWS, size: int = SIZE) -> None:
    """A picture for each row of the table: its shapes on grey."""
    folder.mkdir(parents=True, exist_ok=True)
    table = table_rows(rows)
    write_table(folder, table)
    unit = size // 16
    for number, row in enumerate(table):
        image = Image.new("RGB", (size, size), (235, 235, 235 - number))
        pen = ImageDraw.Draw(image)
        if row["red_circle"] == "1":
            pen.ellipse((unit, unit, 7 * unit, 7 * unit), fill="red")
        if row["blue_square"] == "1":
            pen.rectangle((9 * unit, 9 * unit, 14 * unit, 14 * unit), fill="blue")
        image.save(folder / row["file_name"])


def write_classifier(folder: Path, outputs: tuple[str, ...], seed: int, **config: Any) -> None:
    """What `save_pretrained` leaves of an image classifier, with one tensor for all its weights."""
    write_json(
        folder / "config.json",
        {
            "architectures": ["ResNetForImageClassification"],
            "model_type": "resnet",
            "problem_type": "multi_label_classification",
            "id2label": {str(number): name for number, name in enumerate(outputs)},
            **config,
        },
    )
    write_json(folder / "preprocessor_config.json", {"image_processor_type": "ConvNextImageProcessor"})
    save_file({"weight": weights(seed)}, folder / "model.safetensors")


def weights(seed: int, size: int = 120) -> np.ndarray:
    """Numbers large enough to be known as a backbone: 120 x 120."""
    return np.random.default_rng(seed).normal(size=(size, size)).astype(np.float32)


def write_pipeline(folder: Path, class_name: str = "StableDiffusionPipeline") -> None:
    """What `save_pretrained` leaves of a pipeline: its index, configurations, tokenizer, small weights."""
    parts = {
        "scheduler": ["diffusers", "DDIMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    write_json(folder / "model_index.json", {"_class_name": class_name, **parts, "safety_checker": [None, None]})
    write_json(folder / "scheduler/scheduler_config.json", {"_class_name": "DDIMScheduler"})
    write_json(folder / "text_encoder/config.json", {"model_type": "clip_text_model"})
    write_json(folder / "unet/config.json", {"sample_size": 8})
    write_json(folder / "vae/config.json", {"block_out_channels": [8, 16]})
    names = {"text_encoder": "model", "unet": "diffusion_pytorch_model", "vae": "diffusion_pytorch_model"}
    for number, (part, name) in enumerate(names.items()):
        save_file({"weight": weights(number, 4)}, folder / part / f"{name}.safetensors")
    write_tokenizer(folder / "tokenizer")


def write_tokenizer(folder: Path) -> None:
    """A tokenizer that takes one token for each letter, and reads at most 40 of them."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    letters = {letter: number for number, letter in enumerate("abcdefghijklmnopqrstuvwxyz, ")}
    tokenizer = Tokenizer(models.WordLevel({**letters, "?": len(letters)}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(folder / "tokenizer_config.json", {"model_max_length": 40})


def write_json(path: Path, value: Mapping[str, object]) -> None:
    """A JSON file, with the folders that it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")


def respell(world: Path, old: str, new: str) -> None:
    """Replace `old`, which stands once in the spec, by `new`."""
    path = world / "audit.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (old, text.count(old))
    path.write_text(text.replace(old, new), encoding="utf-8")


def huge_png(width: int, height: int) -> bytes:
    """A black 1-bit PNG of any size: a hundred million pixels take 12 kB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    press = zlib.compressobj(9)
    line = bytes(1 + (width + 7) // 8)
    data = b"".join(press.compress(line) for _ in range(height)) + press.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
