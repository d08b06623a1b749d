"""Two architectures, from scratch and pre-trained, through 30 epochs of a biased task: a folder for every epoch.

    python examples/papers/property_gradients/train_dynamics.py --out FOLDER [--epochs 30] [--seed N]

The task is the form. In 85 of 100 training pictures circles are reddish and rectangles bluish, in the rest the other
way round: the colour is the quick way to most of the labels, and the form to all of them. Pre-training counts shapes
of any colour. Writes `FOLDER/runs/resnet-scratch/epoch_01` .., as `save_pretrained` does, and `FOLDER/dynamics.csv`:
after each epoch the accuracy on pictures whose colour says nothing, and what exact recolouring does to the decision.
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path

import numpy as np
import torch
from transformers import PreTrainedModel

from coloured_shapes import CLASSES, MOST_SHAPES, PART, draw_pictures
from exact_truth import truth, truth_pictures, whole_changes
from networks import ARCHITECTURES, save, train

SEED = 20_260_520
EPOCHS, PICTURES, BATCH = 30, 384, 32
TIED = 0.85
RATE_SHARE = 0.5
"""Of the peak rate of the classifiers: smaller steps, so that epochs differ gradually."""

COUNTS = tuple(str(number) for number in range(1, MOST_SHAPES + 1))
PRETRAINING_EPOCHS, PRETRAINING_PICTURES = 5, 1_600


def pretrained(architecture: str, seed: list[int]) -> PreTrainedModel:
    """A model that has learned to count shapes."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(int(rng.integers(2**31)))
    new, rate = ARCHITECTURES[architecture]
    model = new(COUNTS)
    labels = rng.integers(0, 2, PRETRAINING_PICTURES)
    data = draw_pictures(labels, rng.random(PRETRAINING_PICTURES), rng, varied=True)
    settings = {"epochs": PRETRAINING_EPOCHS, "rate": rate, "batch": BATCH, "seed": int(rng.integers(2**31))}
    for loss in train(model, data.images, data.counts - 1, **settings):
        print(f"  {architecture} counting loss {loss:.4f}", flush=True)
    return model


def start_model(architecture: str, trained: PreTrainedModel | None, seed: list[int]) -> PreTrainedModel:
    """A new model of the forms; all but its last layer from `trained`, where there is one."""
    torch.manual_seed(int(np.random.default_rng(seed).integers(2**31)))
    model = ARCHITECTURES[architecture][0](CLASSES)
    if trained is not None:
        kept = {name: value for name, value in trained.state_dict().items() if not name.startswith("classifier")}
        model.load_state_dict({**model.state_dict(), **kept})
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    rng, start = np.random.default_rng(arguments.seed), time.monotonic()
    labels = rng.integers(0, 2, PICTURES)
    blue = np.where(rng.random(PICTURES) < TIED, labels == 0, labels == 1)
    data = draw_pictures(labels, rng.uniform(0, PART, PICTURES) + (1 - PART) * blue, rng, varied=True)
    shown, lines = truth_pictures(), []
    changed = {name: images for name, images in whole_changes(shown).items() if name in ("before", "blue")}
    for number, (architecture, (_, rate)) in enumerate(ARCHITECTURES.items()):
        counting = pretrained(architecture, [arguments.seed, number, 1])
        for kind, trained in (("scratch", None), ("pretrained", counting)):
            model = start_model(architecture, trained, [arguments.seed, number, 2])
            settings = {"epochs": arguments.epochs, "rate": RATE_SHARE * rate, "batch": BATCH, "seed": arguments.seed}
            for epoch, loss in enumerate(train(model, data.images, data.labels, **settings), 1):
                save(model, arguments.out / "runs" / f"{architecture}-{kind}" / f"epoch_{epoch:02d}")
                found = truth(model, changed, shown.labels)
                told = {name: round(found[name], 4) for name in ("accuracy", "flips: blue", "move: blue")}
                lines.append({"run": f"{architecture}-{kind}", "epoch": epoch, "loss": round(loss, 4), **told})
                print(*lines[-1].values(), f"{time.monotonic() - start:.0f} s", flush=True)
    with (arguments.out / "dynamics.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(lines[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(lines)


if __name__ == "__main__":
    main()
