"""Images plus a table, as training wants them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from PIL import Image

from auditor.pictures import read_picture


def read_table(folder: Path) -> list[dict[str, str]]:
    """The lines of `metadata.csv`."""
    with (folder / "metadata.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_pictures(folder: Path, names: list[str], size: int) -> np.ndarray:
    """The pictures, cut to a square in the middle and scaled: (n, size, size, 3) uint8."""
    found = np.empty((len(names), size, size, 3), np.uint8)
    for number, name in enumerate(names):
        pixels = read_picture(folder / name)
        side = min(pixels.shape[:2])
        top, left = ((length - side) // 2 for length in pixels.shape[:2])
        square = pixels[top : top + side, left : left + side]
        if side != size:
            square = np.asarray(Image.fromarray(square).resize((size, size), Image.Resampling.LANCZOS))
        found[number] = square
    return found
