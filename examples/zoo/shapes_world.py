"""The shapes world: DEPICT's synthetic data set (section 4.1), drawn from a seed.

Six concepts, {red, green, blue} x {circle, rectangle}, each present with probability 0.5,
on 64 x 64 RGB pictures. The paper places shapes at random so that no two overlap and does
not say how; here each shape present takes one cell of a 3 x 3 grid, drawn without
replacement, and is jittered inside it, so that overlap cannot occur.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

SIZE = 64
"""Width and height of a picture in pixels."""

GRID = 3
BACKGROUND = (235, 235, 235)
COLOURS = {"red": (215, 40, 40), "green": (30, 160, 60), "blue": (40, 70, 210)}
CONCEPTS = tuple(f"{colour} {form}" for form in ("circle", "rectangle") for colour in COLOURS)
"""The order of concepts in captions, columns and outputs."""

EMPTY_CAPTION = "nothing"

OUTCOME_WEIGHTS = {
    "red circle": 1.0,
    "green circle": 0.8,
    "blue circle": 0.6,
    "red rectangle": 0.4,
    "green rectangle": 0.2,
    "blue rectangle": 0.0,
}
"""The weights w of the task: the outcome is 1 where w's lies above its median."""

_OVERSAMPLING = 4


@dataclass(frozen=True)
class Picture:
    """One drawn picture: `image` (64, 64, 3) uint8, `presence` (6,) bool."""

    image: np.ndarray
    presence: np.ndarray


def draw_presences(rows: int, rng: np.random.Generator, prevalence: float = 0.5) -> np.ndarray:
    """Presence of each concept, (rows, 6) bool, independent Bernoulli draws."""
    return rng.random((rows, len(CONCEPTS))) < prevalence


Box = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels."""


def place_shapes(presence: np.ndarray, rng: np.random.Generator) -> list[tuple[int, Box]]:
    """The concepts that a picture shows, by their numbers, and where each stands."""
    cells = rng.permutation(GRID * GRID)[: int(presence.sum())]
    return [
        (int(concept), shape_box(int(cell), CONCEPTS[concept].split()[1], rng))
        for cell, concept in zip(cells, np.flatnonzero(presence), strict=True)
    ]


def paint(shapes: list[tuple[int, Box]], colours: Mapping[str, tuple[int, int, int]] = COLOURS) -> np.ndarray:
    """A picture (64, 64, 3) uint8 of shapes where `place_shapes` put them."""
    canvas = Image.new("RGB", (SIZE * _OVERSAMPLING,) * 2, BACKGROUND)
    pen = ImageDraw.Draw(canvas)
    for concept, box in shapes:
        colour, form = CONCEPTS[concept].split()
        _fill(pen, form, box, colours[colour])
    return np.asarray(canvas.resize((SIZE, SIZE), Image.Resampling.BOX))


def paint_mask(form: str, box: Box) -> np.ndarray:
    """The pixels of which a shape covers half or more, (64, 64) bool."""
    canvas = Image.new("L", (SIZE * _OVERSAMPLING,) * 2)
    _fill(ImageDraw.Draw(canvas), form, box, 255)
    return np.asarray(canvas.resize((SIZE, SIZE), Image.Resampling.BOX)) >= 128


def _fill(pen: ImageDraw.ImageDraw, form: str, box: Box, fill: int | tuple[int, int, int]) -> None:
    (pen.ellipse if form == "circle" else pen.rectangle)([_OVERSAMPLING * edge for edge in box], fill=fill)


def draw_picture(presence: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One picture (64, 64, 3) uint8 that shows each present concept exactly once."""
    return paint(place_shapes(presence, rng))


def shape_box(cell: int, form: str, rng: np.random.Generator) -> Box:
    """Left, top, right and bottom in pixels of a shape in a cell of the grid, jittered inside it."""
    if form == "circle":
        half_width = half_height = rng.uniform(6.5, 8.5)
    else:
        half_width, half_height = rng.uniform(5.0, 8.5, size=2)
    x = _centre(cell % GRID, half_width, rng)
    y = _centre(cell // GRID, half_height, rng)
    return x - half_width, y - half_height, x + half_width, y + half_height


def _centre(cell: int, half: float, rng: np.random.Generator) -> float:
    width = SIZE / GRID
    slack = width / 2 - half - 1.0
    return float((cell + 0.5) * width + rng.uniform(-slack, slack))


def draw_pictures(presences: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A picture for each row of `presences` (n, 6): (n, 64, 64, 3) uint8."""
    return np.stack([draw_picture(presence, rng) for presence in presences])


def caption(presence: np.ndarray) -> str:
    """The phrases of the concepts present, joined; `nothing` for an empty picture."""
    return ", ".join(CONCEPTS[i] for i in np.flatnonzero(presence)) or EMPTY_CAPTION


def outcome(presences: np.ndarray) -> np.ndarray:
    """Labels (n,) of the task; in tenths, where the median 1.5 is never met exactly.

    w's takes the values 0, 0.2, .. 3 with a law symmetric about 1.5, so that the label
    is 1 for exactly half of the 64 equally likely presence vectors.
    """
    tenths = np.array([round(10 * OUTCOME_WEIGHTS[name]) for name in CONCEPTS])
    return (presences.astype(int) @ tenths > 15).astype(int)
