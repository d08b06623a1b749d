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

OpKind = Literal["load", "generate", "predict"]

SEED_BYTES = 8


@dataclass(frozen=True)
class OpShape:
    """The columns of an op's units, in the order of the row that is hashed.

    `columns` gives the width of each in bytes; `operands` are columns that hold unit keys;
    `payloads` are columns that hold the digest of a text that the plan carries.
    `makes` says what a unit's output is.
    """

    columns: tuple[tuple[str, int], ...]
    operands: tuple[str, ...]
    payloads: tuple[str, ...]
    makes: Literal["image", "scores"]


@dataclass(frozen=True)
class Op:
    """One op: equal ops have equal digests, whatever the order of their parameters."""

    SHAPES: ClassVar[Mapping[OpKind, OpShape]] = {
        # A picture file: the digest of its bytes. The payload is its path, which is no part of the meaning.
        "load": OpShape((("file", KEY_BYTES),), (), ("file",), "image"),
        "generate": OpShape((("prompt", KEY_BYTES), ("seed", SEED_BYTES)), (), ("prompt",), "image"),
        "predict": OpShape((("image", KEY_BYTES),), ("image",), (), "scores"),
    }
    # Raise a revision when the meaning of the kernel changes: every stored unit of it is made anew.
    REVISIONS: ClassVar[Mapping[OpKind, int]] = {"load": 1, "generate": 1, "predict": 1}

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


def predict(model: Digest) -> Op:
    """Score a picture with the model of this digest: one logit for each output."""
    return Op.of("predict", model=model)
