"""Pictures for property gradients: shapes of one form and one colour, with the pixels they cover.

The task is the form: circles or rectangles. The property is the colour, from red (0) to blue (1). Edges are hard, so
that recolouring the pixels of the mask gives, bit for bit, the picture that would have been drawn in the other colour:
what a model does then is the truth that a sweep of compositing is compared with.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[2] / "zoo"))

from shapes_world import BACKGROUND, COLOURS, GRID, SIZE, paint_mask, shape_box

CLASSES = ("rectangle", "circle")
"""The outputs of the classifiers, in order."""

RED, BLUE = (np.array(COLOURS[name], float) for name in ("red", "blue"))
DARK, TINTED, FRAME_COLOUR = (np.array(colour, float) for colour in ((110,) * 3, (200, 215, 150), (90,) * 3))
FRAME_WIDTH = 2
MOST_SHAPES = 3
PART = 0.25
"""How far a colour that tells the form lies from its end, red or blue, at most."""

RING = np.ones((SIZE, SIZE), bool)
RING[FRAME_WIDTH:-FRAME_WIDTH, FRAME_WIDTH:-FRAME_WIDTH] = False
"""The pixels of the frame."""

NOISE_SEED = 20_260_500


@dataclass(frozen=True)
class Pictures:
    """`images` (n, 64, 64, 3) uint8; `masks` (n, 64, 64) bool, the shapes' pixels; `labels` (n,) int, 1 for circles;
    `counts` (n,) int, how many shapes; `blueness` (n,), 0 red to 1 blue."""

    images: np.ndarray
    masks: np.ndarray
    labels: np.ndarray
    counts: np.ndarray
    blueness: np.ndarray


def draw_pictures(labels: np.ndarray, blueness: np.ndarray, rng: np.random.Generator, varied: bool) -> Pictures:
    """A picture for each label and colour; `varied`: grounds, tints, frames, light and noise differ, as in training."""
    drawn = [_draw(int(label), float(blue), rng, varied) for label, blue in zip(labels, blueness, strict=True)]
    images, masks, counts = zip(*drawn, strict=True)
    return Pictures(np.stack(images), np.stack(masks), labels, np.array(counts), blueness)


def _draw(label: int, blue: float, rng: np.random.Generator, varied: bool) -> tuple[np.ndarray, np.ndarray, int]:
    count = int(rng.integers(1, MOST_SHAPES + 1))
    mask = np.zeros((SIZE, SIZE), bool)
    for cell in rng.permutation(GRID * GRID)[:count]:
        mask |= paint_mask(CLASSES[label], shape_box(int(cell), CLASSES[label], rng))
    ground, colour = np.array(BACKGROUND, float), RED + (BLUE - RED) * blue
    if varied:
        ground += (DARK - ground) * rng.uniform(0, 0.8) * (rng.random() < 0.6)
        ground += (TINTED - ground) * rng.uniform(0, 1) * (rng.random() < 0.4)
        colour = colour + rng.normal(0, 10, 3)
    picture = np.where(mask[..., None], colour, ground)
    if varied:
        if rng.random() < 0.4:
            picture[RING] += (FRAME_COLOUR - picture[RING]) * rng.random()
        picture += rng.uniform(-40, 20) * (rng.random() < 0.5)
        picture += rng.normal(0, rng.uniform(0, 30) * (rng.random() < 0.5), picture.shape)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8), mask, count


Change = Callable[[np.ndarray, np.ndarray, float], np.ndarray]
"""A picture (64, 64, 3), the mask of its shapes and a strength from 0 to 1: the picture after the change, uint8."""


def _blended(colour: np.ndarray, region: Callable[[np.ndarray], np.ndarray], most: float) -> Change:
    def change(picture: np.ndarray, mask: np.ndarray, strength: float) -> np.ndarray:
        alpha = most * strength * region(mask)[..., None]
        return np.rint(picture * (1 - alpha) + colour * alpha).astype(np.uint8)

    return change


def _darker(picture: np.ndarray, mask: np.ndarray, strength: float) -> np.ndarray:
    return np.clip(np.rint(picture - 24.0 * strength), 0, 255).astype(np.uint8)


def _noisier(picture: np.ndarray, mask: np.ndarray, strength: float) -> np.ndarray:
    noise = np.random.default_rng(NOISE_SEED).normal(0, 30.0, picture.shape)
    return np.clip(np.rint(picture + noise * strength), 0, 255).astype(np.uint8)


PROPERTY: Change = _blended(BLUE, lambda mask: mask, 1.0)
"""Shapes turn blue."""

CONTROLS: dict[str, Change] = {
    "darker ground": _blended(DARK, lambda mask: ~mask, 0.25),
    "tinted ground": _blended(TINTED, lambda mask: ~mask, 0.6),
    "frame": _blended(FRAME_COLOUR, lambda mask: RING & ~mask, 1.0),
    "less light": _darker,
    "noise": _noisier,
}
"""Changes that must not matter to the form, at least as strong as the property in mean absolute distance."""


def dose(change: Change, pictures: Pictures, points: int = 11) -> np.ndarray:
    """Mean absolute distance of the later frames of a sweep from its first, in 8-bit values, (n,)."""
    strengths = np.linspace(0, 1, points)[1:]
    return np.array([
        np.mean([np.abs(change(image, mask, s).astype(int) - image.astype(int)).mean() for s in strengths])
        for image, mask in zip(pictures.images, pictures.masks, strict=True)
    ])  # fmt: skip
