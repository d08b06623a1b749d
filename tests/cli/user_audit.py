"""A user's audit that really runs: own pictures, own Python model, the bundled generator and detector."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from tests.cli.small_world import write_pictures

MODEL = '''\
"""The share of red in a picture, as a logit."""

import numpy as np


def score(images):
    pixels = images.astype(float).mean((1, 2))
    return 0.1 * (pixels[:, :1] - pixels[:, 1:].mean(1, keepdims=True))
'''

SPEC = """\
version: 1
audit: {id: user, title: Does the share of red follow red circles?, revision: 1.0.0}
models:
  - {name: reddish, adapter: python, source: "model.py:score", outputs: [red], revision: "1", target: red}
detectors:
  - {name: shapes, adapter: transformers, source: "builtin:shapes/detector"}
dataset: {source: data, label: outcome, rows: 12}
concepts:
  - {name: red circle, column: red_circle, phrase: red circle}
  - {name: blue rectangle, column: blue_square, phrase: blue rectangle}
interventions:
  - {name: captions, kind: text_to_image, source: "builtin:shapes/text-to-image", steps: 2, noise: {draws: 2}}
analyses:
  - {name: reliance, kind: permutation_importance, intervention: captions, margin: {response: 0.05}}
checks:
  - {kind: effective_generation, of: reliance, max_drop: 0.12}
  - {kind: independent_permutation, of: reliance}
  - {kind: significance, of: reliance, alpha: 0.05, swaps: 99}
requirements:
  - {name: rectangles do not matter, analysis: reliance, concept: blue rectangle, response: {at_most: 0.05}}
report: {formats: [html], gallery: {pairs: 2}}
""".replace("title: Does the share of red follow red circles?", 'title: "Does the share of red follow red circles?"')

PICTURES, SCORES = 12 * 2 * 3, 12 + 12 * 2 * 3
"""Rows x draws x (as it is, and each of two concepts changed); scored with the real pictures by each of two models."""
UNITS = PICTURES + 2 * SCORES

RUN = ("run", "audit.yaml", "--allow-python", "--workers", "1")


def write_user_audit(folder: Path) -> None:
    """`audit.yaml`, `model.py` and `data` in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "audit.yaml").write_text(SPEC, encoding="utf-8")
    (folder / "model.py").write_text(MODEL, encoding="utf-8")
    write_pictures(folder / "data", size=64)
    # Pictures of users differ in size, and the generator's are of a third.
    with Image.open(folder / "data/07.png") as picture:
        picture.resize((80, 48)).save(folder / "data/07.png")


def run_folder(folder: Path) -> Path:
    """Where the run of that audit is."""
    return folder / "audits/user/1.0.0"


def journal(folder: Path) -> Iterator[dict[str, Any]]:
    """The whole records of a run's journal that name a block; probes have records of their own."""
    path = run_folder(folder) / "journal.jsonl"
    for line in path.read_bytes().split(b"\n")[:-1] if path.exists() else ():
        record = json.loads(line)
        if record["event"] == "block":
            yield record
