"""Write the data set that the classifiers are audited on, and measure how strong property and controls are.

    python examples/papers/property_gradients/make_data.py --out FOLDER [--pictures 120]

Red circles and red rectangles, half each, in `FOLDER`: pictures, `masks/` (white where a shape stands), `grounds/`
(the rest), `frames/` (a ring of two pixels, less the shapes), and `metadata.csv` with file_name, label, mask, ground,
frame. Prints the doses: the mean absolute distance of a sweep's later frames from its first, and its ratio to that of
the property.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from PIL import Image

from coloured_shapes import CLASSES, CONTROLS, PROPERTY, RING, dose, draw_pictures

SEED = 20_260_510
PICTURES = 120


def white(mask: np.ndarray) -> Image.Image:
    """A mask as a picture of one channel: 255 where it holds."""
    return Image.fromarray(np.where(mask, 255, 0).astype(np.uint8))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=PICTURES)
    arguments = parser.parse_args()
    rng = np.random.default_rng(SEED)
    pictures = draw_pictures(np.arange(arguments.pictures) % 2, np.zeros(arguments.pictures), rng, varied=False)
    lines = []
    for part in ("masks", "grounds", "frames"):
        (arguments.out / part).mkdir(parents=True, exist_ok=True)
    for number, (image, mask, label) in enumerate(zip(pictures.images, pictures.masks, pictures.labels, strict=True)):
        name = f"{number:04d}.png"
        Image.fromarray(image).save(arguments.out / name)
        white(mask).save(arguments.out / "masks" / name)
        white(~mask).save(arguments.out / "grounds" / name)
        white(RING & ~mask).save(arguments.out / "frames" / name)
        lines.append([name, CLASSES[label], f"masks/{name}", f"grounds/{name}", f"frames/{name}"])
    with (arguments.out / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([["file_name", "label", "mask", "ground", "frame"], *lines])
    property_dose = dose(PROPERTY, pictures)
    print(f"{'property: blue':<16} dose {property_dose.mean():6.2f} of 255")
    for name, change in CONTROLS.items():
        found = dose(change, pictures)
        ratios = found / property_dose
        print(f"{name:<16} dose {found.mean():6.2f}  ratio of the means {found.mean() / property_dose.mean():.2f}, "
              f"mean of the ratios {ratios.mean():.2f}, least {ratios.min():.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
