"""Pictures of the shapes world with some shapes of two colours, as a generator draws them that cannot decide."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from shapes_world import BACKGROUND, COLOURS, CONCEPTS, GRID, SIZE, shape_box

MIXED = 0.45
"""How many of the shapes have two colours."""

PURE = 0.15
"""A shape with less than this of another colour still counts as its own."""


def mixed_pictures(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (count, 64, 64, 3) uint8, and the concepts that they show in a pure colour, (count, 6) bool."""
    drawn = [_mixed_picture(rng) for _ in range(count)]
    return np.stack([picture for picture, _ in drawn]), np.stack([shown for _, shown in drawn])


def _mixed_picture(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    count = int(rng.integers(1, len(CONCEPTS) + 1))
    canvas = np.full((SIZE, SIZE, 3), BACKGROUND, np.float64)
    shown = np.zeros(len(CONCEPTS), bool)
    cells, concepts = rng.permutation(GRID * GRID)[:count], rng.permutation(len(CONCEPTS))[:count]
    for cell, concept in zip(cells, concepts, strict=True):
        colour, form = CONCEPTS[concept].split()
        left, top, right, bottom = shape_box(int(cell), form, rng)
        cover = _cover(form, (left, top, right, bottom))
        inside = cover > 0.5
        other = COLOURS[str(rng.choice([name for name in COLOURS if name != colour]))]
        share = np.zeros((SIZE, SIZE))
        if rng.random() < MIXED:
            share = _shares(((left + right) / 2, (top + bottom) / 2), max(right - left, bottom - top) / 2, rng)
        fill = (1 - share[..., None]) * np.array(COLOURS[colour]) + share[..., None] * np.array(other)
        canvas += cover[..., None] * (fill - canvas)
        shown[concept] = share[inside].mean() < PURE
    return np.rint(canvas).astype(np.uint8), shown


def _cover(form: str, box: tuple[float, float, float, float]) -> np.ndarray:
    """How much of each pixel lies inside a shape, (64, 64) from 0 to 1."""
    mask = Image.new("L", (4 * SIZE, 4 * SIZE))
    pen = ImageDraw.Draw(mask)
    (pen.ellipse if form == "circle" else pen.rectangle)([4 * edge for edge in box], fill=255)
    return np.asarray(mask.resize((SIZE, SIZE), Image.Resampling.BOX), np.float64) / 255


def _shares(centre: tuple[float, float], radius: float, rng: np.random.Generator) -> np.ndarray:
    """The share of the other colour in each pixel, (64, 64): even, from side to side, or from the middle outwards."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE]
    across, down = (columns - centre[0]) / radius, (rows - centre[1]) / radius
    middle = rng.uniform(0.2, 0.8)
    match int(rng.integers(3)):
        case 0:
            return np.full((SIZE, SIZE), middle)
        case 1:
            angle = rng.uniform(0, 2 * np.pi)
            return np.clip(0.5 + (across * np.cos(angle) + down * np.sin(angle)) * middle, 0, 1)
        case _:
            return np.clip(middle + (np.hypot(across, down) - 0.6) * rng.uniform(-1.5, 1.5), 0, 1)
