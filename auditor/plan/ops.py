"""The ops a plan is made of: what each does, apart from the units it does it to.

An op is a kind, a revision and parameters with every default written out. Its units are the
rows of a table; each row is fixed-width, and columns named in `operands` hold the keys of
other units.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from auditor.digest import KEY_BYTES, Digest, digest_value

OpKind = Literal["load", "generate", "edit", "composite", "compare", "predict"]

SEED_BYTES = 8
NUMBER_BYTES = 8
"""A number is a float64, little-endian."""


@dataclass(frozen=True)
class OpShape:
    """The columns of an op's units, in the order of the row that is hashed.

    `columns` gives the width of each in bytes; `operands` are columns that hold unit keys;
    `payloads` are columns that hold the digest of a text that the plan carries; `numbers` are columns of one float64.
    `makes` says what a unit's output is.
    """

    columns: tuple[tuple[str, int], ...]
    operands: tuple[str, ...]
    payloads: tuple[str, ...]
    makes: Literal["image", "scores"]
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Op:
    """One op: equal ops have equal digests, whatever the order of their parameters."""

    SHAPES: ClassVar[Mapping[OpKind, OpShape]] = {
        # A picture file: the digest of its bytes. The payload is its path, which is no part of the meaning.
        "load": OpShape((("file", KEY_BYTES),), (), ("file",), "image"),
        "generate": OpShape((("prompt", KEY_BYTES), ("seed", SEED_BYTES)), (), ("prompt",), "image"),
        # A picture after an instruction, with guidance by the instruction and by the picture itself.
        "edit": OpShape(
            (
                ("image", KEY_BYTES),
                ("instruction", KEY_BYTES),
                ("guidance", NUMBER_BYTES),
                ("image_guidance", NUMBER_BYTES),
                ("seed", SEED_BYTES),
            ),
            ("image",),
            ("instruction",),
            "image",
            ("guidance", "image_guidance"),
        ),
        # A picture with an effect blended in: an overlay and a mask are files by their digests, or none.
        "composite": OpShape(
            (("image", KEY_BYTES), ("overlay", KEY_BYTES), ("mask", KEY_BYTES), ("strength", NUMBER_BYTES)),
            ("image",),
            ("overlay", "mask"),
            "image",
            ("strength",),
        ),
        # How far two pictures are from each other: `COMPARED`.
        "compare": OpShape((("image", KEY_BYTES), ("other", KEY_BYTES)), ("image", "other"), (), "scores"),
        "predict": OpShape((("image", KEY_BYTES),), ("image",), (), "scores"),
    }
    # Raise a revision when the meaning of the kernel changes: every stored unit of it is made anew.
    REVISIONS: ClassVar[Mapping[OpKind, int]] = {
        "load": 1,
        "generate": 1,
        "edit": 1,
        "composite": 1,
        "compare": 1,
        "predict": 1,
    }

    kind: OpKind
    revision: int
    """Which meaning of the kind; a stored op may have an older one than `REVISIONS`."""
    parameters: str
    """Canonical JSON of the parameters."""

    @classmethod
    def of(cls, kind: OpKind, **parameters: object) -> Op:
        """An op with these parameters; values must be JSON."""
        canonical = json.dumps(parameters, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return cls(kind, cls.REVISIONS[kind], canonical)

    @property
    def shape(self) -> OpShape:
        return self.SHAPES[self.kind]

    @cached_property
    def digest(self) -> Digest:
        """SHA-256 of kind, revision and parameters."""
        return digest_value(["op", self.kind, self.revision, json.loads(self.parameters)])

    def parameter(self, name: str) -> object:
        """One parameter by name; KeyError where the op has none of it."""
        return json.loads(self.parameters)[name]


def load() -> Op:
    """Decode a picture file to 8-bit RGB."""
    return Op.of("load")


def generate(pipeline: Digest, steps: int, guidance: float, height: int, width: int) -> Op:
    """Make a picture from a prompt and a noise seed with the pipeline of this digest."""
    return Op.of(
        "generate",
        pipeline=pipeline,
        steps=steps,
        guidance=float(guidance),
        height=height,
        width=width,
        noise="cpu-float32-per-unit",
    )


def edit(pipeline: Digest, steps: int, height: int, width: int) -> Op:
    """Change a picture as an instruction says with the pipeline of this digest; the picture is brought to this size."""
    return Op.of(
        "edit", pipeline=pipeline, steps=steps, height=height, width=width, noise="cpu-float32-per-unit",
        # At a guidance of 1 and below, too, where the pipeline alone would use another formula.
        guided="always",
    )  # fmt: skip


def composite(effect: str, **parameters: object) -> Op:
    """Blend an effect into a picture, with a strength from 0 (the picture itself) to 1."""
    return Op.of("composite", effect=effect, **parameters)


COMPARED = ("distance", "ssim")
"""What `compare` answers: mean absolute difference of pixel values, 0 to 1; structural similarity, 1 for equal ones."""


def compare() -> Op:
    """Compare two pictures of one size."""
    return Op.of("compare")


def predict(model: Digest) -> Op:
    """Score a picture with the model of this digest: one logit for each output."""
    return Op.of("predict", model=model)
