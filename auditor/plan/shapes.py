"""The shapes of ops: which columns their units have, and what the columns hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from auditor.digest import KEY_BYTES

OpKind = Literal[
    "load",
    "generate",
    "edit",
    "image_to_image",
    "ledits_pp",
    "locate",
    "composite",
    "composite_located",
    "compare",
    "predict",
]

SEED_BYTES = 8
NUMBER_BYTES = 8
"""A number is a float64, little-endian."""


@dataclass(frozen=True)
class OpShape:
    """The columns of an op's units, in the order of the row that is hashed.

    Attributes:
        columns: the width of each in bytes.
        operands: columns that hold unit keys.
        payloads: columns that hold the digest of a text that the plan carries beside.
        makes: what a unit's output is.
        numbers: columns of one float64.
        weights: the parameter that names what is loaded for the op: a `pipeline` that diffuses, a `model` that scores.
        together: columns in which units that are computed together are equal; the first changes least often.
    """

    columns: tuple[tuple[str, int], ...]
    operands: tuple[str, ...]
    payloads: tuple[str, ...]
    makes: Literal["image", "scores"]
    numbers: tuple[str, ...] = ()
    weights: Literal["pipeline", "model"] | None = None
    together: tuple[str, ...] = ()


def _edited(*numbers: str, together: tuple[str, ...] = ()) -> OpShape:
    """A picture after an instruction; which numbers an editor takes is what tells editors apart."""
    columns = (
        ("image", KEY_BYTES),
        ("instruction", KEY_BYTES),
        *((number, NUMBER_BYTES) for number in numbers),
        ("seed", SEED_BYTES),
    )
    return OpShape(columns, ("image",), ("instruction",), "image", numbers, "pipeline", together)


SHAPES: Mapping[OpKind, OpShape] = {
    # A picture file: the digest of its bytes. The payload is its path, which is no part of the meaning.
    "load": OpShape((("file", KEY_BYTES),), (), ("file",), "image"),
    "generate": OpShape((("prompt", KEY_BYTES), ("seed", SEED_BYTES)), (), ("prompt",), "image", weights="pipeline"),
    # Guidance by the instruction, and by the picture itself.
    "edit": _edited("guidance", "image_guidance"),
    # Units of one strength take the same steps, others other ones.
    "image_to_image": _edited("guidance", "strength", together=("strength",)),
    # A picture is inverted with the noise of a seed, and then edited; never beside another one.
    "ledits_pp": _edited("guidance", together=("image", "seed", "instruction")),
    # A picture with an effect blended in: an overlay and a mask are files by their digests, or none.
    "composite": OpShape(
        (("image", KEY_BYTES), ("overlay", KEY_BYTES), ("mask", KEY_BYTES), ("strength", NUMBER_BYTES)),
        ("image",),
        ("overlay", "mask"),
        "image",
        ("strength",),
    ),
    # Where a model sees one of its outputs: a mask as large as the picture, white where it is.
    "locate": OpShape((("image", KEY_BYTES),), ("image",), (), "image", weights="model"),
    # `composite`, with the mask that a unit of `locate` made.
    "composite_located": OpShape(
        (("image", KEY_BYTES), ("region", KEY_BYTES), ("overlay", KEY_BYTES), ("strength", NUMBER_BYTES)),
        ("image", "region"),
        ("overlay",),
        "image",
        ("strength",),
    ),
    # How far two pictures are from each other: `COMPARED`.
    "compare": OpShape((("image", KEY_BYTES), ("other", KEY_BYTES)), ("image", "other"), (), "scores"),
    "predict": OpShape((("image", KEY_BYTES),), ("image",), (), "scores", weights="model"),
}
