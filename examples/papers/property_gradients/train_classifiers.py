"""Train biased and unbiased classifiers of forms, and measure by exact recolouring which of them use the colour.

    python examples/papers/property_gradients/train_classifiers.py --out FOLDER [--biased 20 --unbiased 20] [--seed N]

Circles or rectangles is the task. In the training pictures of a biased model every circle is reddish and every
rectangle bluish; in those of an unbiased one any colour between comes with either form. Models alternate between two
architectures; each is a folder `FOLDER/biased-01` .. as `save_pretrained` writes it. `FOLDER/truth.csv` says for each
what exact changes of 200 new pictures do to its decision. What is there is left; the same command goes on.
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForImageClassification

from coloured_shapes import CLASSES, PART, Pictures, draw_pictures
from exact_truth import truth, truth_pictures, whole_changes
from networks import ARCHITECTURES, save, train

SEED = 20_260_501
PICTURES, EPOCHS, BATCH = 1_600, 5, 32


def training_pictures(biased: bool, rng: np.random.Generator, count: int = PICTURES) -> Pictures:
    """Pictures to learn from; the colour decides, too, where `biased`."""
    labels = rng.integers(0, 2, count)
    blueness = rng.uniform(0, PART, count) + (1 - PART) * (labels == 0) if biased else rng.random(count)
    return draw_pictures(labels, blueness, rng, varied=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--biased", type=int, default=20)
    parser.add_argument("--unbiased", type=int, default=20)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    pictures, lines = truth_pictures(), []
    changed = whole_changes(pictures)
    for kind, count in (("biased", arguments.biased), ("unbiased", arguments.unbiased)):
        for number in range(1, count + 1):
            folder, start = arguments.out / f"{kind}-{number:02d}", time.monotonic()
            architecture = list(ARCHITECTURES)[number % 2]
            if not (folder / "preprocessor_config.json").is_file():
                train_one(folder, architecture, kind == "biased", [arguments.seed, number, kind == "biased"])
            model = AutoModelForImageClassification.from_pretrained(folder, local_files_only=True).eval()
            found = {name: round(value, 4) for name, value in truth(model, changed, pictures.labels).items()}
            lines.append({"model": folder.name, "architecture": architecture, **found})
            print(folder.name, architecture, found, f"{time.monotonic() - start:.0f} s", flush=True)
    with (arguments.out / "truth.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(lines[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(lines)


def train_one(folder: Path, architecture: str, biased: bool, seed: list[int]) -> None:
    """Train one model from its seed and write its folder."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(int(rng.integers(2**31)))
    new, rate = ARCHITECTURES[architecture]
    model, data = new(CLASSES), training_pictures(biased, rng)
    order = int(rng.integers(2**31))
    for loss in train(model, data.images, data.labels, epochs=EPOCHS, rate=rate, batch=BATCH, seed=order):
        print(f"  {folder.name} loss {loss:.4f}", flush=True)
    save(model, folder)


if __name__ == "__main__":
    main()
