"""Write simulated captures: photographs of scikit-image as a tilted camera, or one that steps closer, would show them.

    python examples/real_photographs/make_captured.py --out examples/real_photographs/captured

No real camera moved here: a photograph is turned about its middle, or cut closer, and resized once. A real series has
parallax, another light and another focus in each picture.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

SIDE = 256
"""Side of a picture that is written."""

DEGREES = (0.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0)
"""Rolls of the camera; the distances between them differ, as measured values do."""

DISTANCES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Distances from the thing, as shares of the one at which the photograph was taken."""

NAMES = ("astronaut.png", "chelsea.png", "coffee.png", "hubble_deep_field.jpg", "motorcycle_left.png", "retina.jpg",
         "rocket.jpg")  # fmt: skip
"""Photographs in the wheel of scikit-image."""


def photographs() -> dict[str, Image.Image]:
    """The photographs, RGB, by name."""
    import skimage

    folder = Path(skimage.__file__).parent / "data"
    return {Path(name).stem: Image.open(folder / name).convert("RGB") for name in NAMES}


def rolled(photograph: Image.Image, degrees: float) -> Image.Image:
    """The middle square that a camera rolled by up to 45 degrees still sees whole, (256, 256)."""
    side = min(photograph.size) / math.sqrt(2)
    turned = photograph.rotate(degrees, Image.Resampling.BICUBIC)
    return _middle(turned, side)


def closer(photograph: Image.Image, share: float) -> Image.Image:
    """What a camera at this share of the distance sees of the middle square, (256, 256)."""
    return _middle(photograph, min(photograph.size) * share)


def _middle(photograph: Image.Image, side: float) -> Image.Image:
    width, height = photograph.size
    box = ((width - side) / 2, (height - side) / 2, (width + side) / 2, (height + side) / 2)
    return photograph.resize((SIDE, SIDE), Image.Resampling.LANCZOS, box=box)


def make_captured(out: Path, found: Mapping[str, Image.Image]) -> int:
    """Write a folder for each property, with pictures and `metadata.csv`; returns how many pictures."""
    count = 0
    for folder, column, values, seen in (
        ("roll", "degrees", DEGREES, rolled),
        ("distance", "share", DISTANCES, closer),
    ):
        (out / folder).mkdir(parents=True, exist_ok=True)
        with (out / folder / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(["file_name", "photograph", column])
            for name, photograph in sorted(found.items()):
                for value in values:
                    written = f"{name}-{value:g}.png"
                    seen(photograph, value).save(out / folder / written)
                    table.writerow([written, name, value])
                    count += 1
    return count


def main() -> None:
    """Write the simulated captures of this example from the installed packages."""
    parser = argparse.ArgumentParser(description="Write simulated captures of photographs of scikit-image.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "captured")
    arguments = parser.parse_args()
    print(f"{make_captured(arguments.out, photographs())} pictures in {arguments.out}")


if __name__ == "__main__":
    main()
