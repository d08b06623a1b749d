"""Pairs of pictures for the instruction editor: a scene, what is asked of it, and the scene after the change.

A scene is the shapes world with a background and a frame that may be there. Without an instruction a picture stays as
it is, with one it is changed in full: guidance by the instruction then leads from "no change" at 0 to the whole change
at 1, and is a gradual intervention, as the sweeps of property gradients need it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw

from shapes_world import _OVERSAMPLING, BACKGROUND, COLOURS, CONCEPTS, SIZE, Box, draw_presences, place_shapes

KEEP = "keep everything as it is"
DARKEN = "darken the background"
TINT = "tint the background"
FRAME = "add a thin frame"
RECOLOUR = {f"make all {form}s {colour}": (form, colour) for form in ("circle", "rectangle") for colour in COLOURS}
REMOVE = {f"remove the {concept}": concept for concept in CONCEPTS}
INSTRUCTIONS = (KEEP, DARKEN, TINT, FRAME, *RECOLOUR, *REMOVE)

DARK = (110, 110, 110)
TINTED = (200, 215, 150)
FRAME_COLOUR = (90, 90, 90)
FRAME_WIDTH = 2

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Shape:
    """One shape: `concept` as drawn at first, where, in which colour, and how opaque."""

    concept: str
    box: Box
    colour: Colour
    opacity: float = 1.0


@dataclass(frozen=True)
class Scene:
    """A picture before it is painted."""

    shapes: tuple[Shape, ...]
    background: Colour = BACKGROUND
    frame: float = 0.0
    """Opacity of the frame."""


def draw_scene(rng: np.random.Generator, presence: np.ndarray | None = None) -> Scene:
    """A scene of the shapes world, nearly always on its own background and without a frame."""
    shown = draw_presences(1, rng)[0] if presence is None else presence
    shapes = []
    for number, box in place_shapes(shown, rng):
        colour, _ = CONCEPTS[number].split()
        shapes.append(Shape(CONCEPTS[number], box, COLOURS[colour]))
    return Scene(tuple(shapes))


def edited(scene: Scene, instruction: str, strength: float) -> Scene:
    """The scene after a share of what the instruction asks for: 0 is the scene itself, 1 all of it."""
    if instruction in (DARKEN, TINT):
        return replace(
            scene, background=_between(scene.background, DARK if instruction == DARKEN else TINTED, strength)
        )
    if instruction == FRAME:
        return replace(scene, frame=max(scene.frame, strength))
    if instruction in RECOLOUR:
        form, colour = RECOLOUR[instruction]
        changed = (
            replace(each, colour=_between(each.colour, COLOURS[colour], strength)) if form in each.concept else each
            for each in scene.shapes
        )
        return replace(scene, shapes=tuple(changed))
    if instruction in REMOVE:
        gone = REMOVE[instruction]
        faded = (
            replace(each, opacity=each.opacity * (1 - strength)) if each.concept == gone else each
            for each in scene.shapes
        )
        return replace(scene, shapes=tuple(faded))
    return scene


def paint_scene(scene: Scene) -> np.ndarray:
    """The picture of a scene, (64, 64, 3) uint8."""
    canvas = Image.new("RGB", (SIZE * _OVERSAMPLING,) * 2, _whole(scene.background))
    pen = ImageDraw.Draw(canvas)
    for shape in scene.shapes:
        fill = _whole(_between(scene.background, shape.colour, shape.opacity))
        draw = pen.ellipse if shape.concept.endswith("circle") else pen.rectangle
        draw([_OVERSAMPLING * edge for edge in shape.box], fill=fill)
    picture = np.array(canvas.resize((SIZE, SIZE), Image.Resampling.BOX))
    if scene.frame > 0:
        ring = np.ones((SIZE, SIZE), bool)
        ring[FRAME_WIDTH:-FRAME_WIDTH, FRAME_WIDTH:-FRAME_WIDTH] = False
        mixed = picture[ring] * (1 - scene.frame) + np.array(FRAME_COLOUR) * scene.frame
        picture[ring] = np.round(mixed).astype(np.uint8)
    return picture


def draw_pair(rng: np.random.Generator) -> tuple[Scene, Scene, int]:
    """A scene, the same after the change, and the number of the instruction."""
    scene = draw_scene(rng)
    number = int(rng.integers(len(INSTRUCTIONS)))
    instruction = INSTRUCTIONS[number]
    if instruction in REMOVE and rng.random() < 0.8:  # Mostly what is there is asked to go.
        there = [shape.concept for shape in scene.shapes]
        if there:
            instruction = f"remove the {there[int(rng.integers(len(there)))]}"
            number = INSTRUCTIONS.index(instruction)
    return scene, edited(scene, instruction, 1.0), number


def draw_part(rng: np.random.Generator) -> Scene:
    """A scene after a part of a change: what the autoencoder must be able to take in."""
    scene, instruction = draw_scene(rng), INSTRUCTIONS[int(rng.integers(len(INSTRUCTIONS)))]
    return edited(scene, instruction, 1.0 if rng.random() < 0.25 else float(rng.random()))


def _between(first: Colour, second: Colour, share: float) -> Colour:
    return tuple(a + (b - a) * share for a, b in zip(first, second, strict=True))  # type: ignore[return-value]


def _whole(colour: Colour) -> tuple[int, int, int]:
    return tuple(round(value) for value in colour)  # type: ignore[return-value]
