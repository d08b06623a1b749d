"""Draw the labelled pictures of `builtin:shapes/test`, and where each shape stands in them.

    python examples/zoo/make_test_set.py --out build/zoo/test

1,000 pictures with `metadata.csv`: file_name, the six concepts, the outcome, the caption. `masks/` holds a picture of
labels for each of them, as in the Pascal VOC data set: a pixel's value says which shape stands there, 0 that none
does, and `masks/values.csv` which concept a value is.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from PIL import Image

from shapes_world import (
    BACKGROUND,
    COLOURS,
    CONCEPTS,
    SIZE,
    Box,
    caption,
    draw_presences,
    outcome,
    paint,
    paint_mask,
    place_shapes,
)

SEED = 20_260_105
ROWS = 1_000


def label_picture(shapes: list[tuple[int, Box]]) -> Image.Image:
    """Which shape stands in each pixel: 0 none, 1 the first concept, .. 6; coloured for the eye."""
    labels = np.zeros((SIZE, SIZE), np.uint8)
    for concept, box in shapes:
        labels[paint_mask(CONCEPTS[concept].split()[1], box)] = concept + 1
    picture = Image.fromarray(labels, "P")
    picture.putpalette([*BACKGROUND, *(part for name in CONCEPTS for part in COLOURS[name.split()[0]])])
    return picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/zoo/test"))
    parser.add_argument("--masks-only", action="store_true", help="leave pictures and table as they are")
    arguments = parser.parse_args()
    rng = np.random.default_rng(SEED)
    presences = draw_presences(ROWS, rng)
    placed = [place_shapes(presence, rng) for presence in presences]
    masks = arguments.out / "masks"
    masks.mkdir(parents=True, exist_ok=True)
    with (masks / "values.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["value", "column"])
        table.writerows((number, name.replace(" ", "_")) for number, name in enumerate(CONCEPTS, 1))
    for number, shapes in enumerate(placed):
        label_picture(shapes).save(masks / f"{number:04d}.png", optimize=True)
    print(f"{ROWS} masks, {sum(path.stat().st_size for path in masks.iterdir()) / 1e6:.2f} MB")
    if not arguments.masks_only:
        write_pictures(arguments.out, presences, placed)


def write_pictures(out: Path, presences: np.ndarray, placed: list[list[tuple[int, Box]]]) -> None:
    """The pictures and their table."""
    labels = outcome(presences)
    with (out / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["file_name", *(name.replace(" ", "_") for name in CONCEPTS), "outcome", "caption"])
        for number, (presence, shapes, label) in enumerate(zip(presences, placed, labels, strict=True)):
            name = f"{number:04d}.png"
            picture = Image.fromarray(paint(shapes))
            picture.quantize(256, dither=Image.Dither.NONE).save(out / name, optimize=True)
            table.writerow([name, *presence.astype(int), label, caption(presence)])
    size = sum(path.stat().st_size for path in out.iterdir() if path.is_file())
    print(f"{ROWS} pictures, {labels.mean():.3f} positive, {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
