"""A second world of shapes, in other colours: labelled pictures as a stranger to the bundled generator has them.

    python examples/finetune_text_to_image/second_world.py --out build/second_world

Writes `OUT/train` and `OUT/test`, each with `metadata.csv`: file_name, the six concepts, the outcome, the caption.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "zoo"))

from shapes_world import CONCEPTS, EMPTY_CAPTION, draw_presences, outcome, paint, place_shapes

WORDS = {"red": "sky", "green": "tan", "blue": "jet"}
"""Words of three letters: the bundled tokenizer spells words it does not know, and reads 32 tokens."""

COLOURS = {"red": (90, 190, 240), "green": (205, 150, 70), "blue": (40, 40, 45)}
"""What the three colours look like here, by their names in the first world."""

PHRASES = tuple(f"{WORDS[name.split()[0]]} {name.split()[1]}" for name in CONCEPTS)
SEED = 20_260_501
TRAIN, TEST = 6_000, 400


def write_world(folder: Path, rows: int, seed: int) -> None:
    """A data set of `rows` pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([SEED, seed])
    presences = draw_presences(rows, rng)
    labels = outcome(presences)
    for number, presence in enumerate(presences):
        path = folder / f"{number:05d}.png"
        picture = paint(place_shapes(presence, rng), COLOURS)
        if not path.exists():
            Image.fromarray(picture).quantize(256, dither=Image.Dither.NONE).save(path)
    with (folder / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["file_name", *(phrase.replace(" ", "_") for phrase in PHRASES), "outcome", "caption"])
        for number, (presence, label) in enumerate(zip(presences, labels, strict=True)):
            caption = ", ".join(phrase for phrase, there in zip(PHRASES, presence, strict=True) if there)
            table.writerow([f"{number:05d}.png", *presence.astype(int), label, caption or EMPTY_CAPTION])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/second_world"))
    parser.add_argument("--train", type=int, default=TRAIN)
    parser.add_argument("--test", type=int, default=TEST)
    given = parser.parse_args()
    write_world(given.out / "train", given.train, 0)
    write_world(given.out / "test", given.test, 1)
    print(f"{given.train} pictures to train with and {given.test} to test with, in {given.out}")


if __name__ == "__main__":
    main()
