"""Numerics profiles: what a document declares about how numbers are computed.

A profile is a promise about bits, not about speed alone: two runs of one class (a profile on one
kind of machine with the same packages) give one answer, bit for bit.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from auditor.node import SpecNode, default

Device = Literal["auto", "cpu", "cuda"]
Dtype = Literal["float32", "bfloat16"]
Compile = Literal["never", "auto"]

BatchSize = Annotated[int, Field(ge=1, le=1024)]
"""How many units are computed together."""

RESERVED = ("default", "reference")
"""Names that mean a profile without overrides; a profile with overrides has a name of its own."""


class BatchSizes(SpecNode):
    """How many units of an op are computed together; short batches are filled up with copies.

    The size of a batch changes the bits of a picture, so it is part of what is declared. Null
    leaves it to the device: 16 pictures, made or edited (4 where strength is swept), and 32 scores on a CPU, 8 of
    each on a GPU."""

    generate: BatchSize | None = default(None, "chosen")
    """Pictures generated together."""

    edit: BatchSize | None = default(None, "chosen")
    """Pictures edited together."""

    predict: BatchSize | None = default(None, "chosen")
    """Pictures scored together."""


class NumericsProfile(SpecNode):
    """How numbers are computed: a name, and what differs from the profile `default`."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")
    """The profile's name in reports; `default` and `reference` are taken by the profiles without overrides."""

    device: Device = default("auto", "chosen")
    """Where models run; `auto` is `cuda` where torch sees such a device, else `cpu`."""

    dtype: Dtype | None = default(None, "chosen")
    """The type of a generator's weights and activations; null is `float32` on a CPU and `bfloat16` on a GPU.

    Noise is drawn in float32 in either case. Audited models and detectors always compute in float32:
    in fewer digits their scores would tie."""

    batch: BatchSizes = default(BatchSizes(), "chosen")
    """How many units are computed together."""

    compile: Compile = default("auto", "chosen")
    """Whether a generator's repeated blocks are compiled: `never`, or on a GPU where enough pictures are to be made."""


DeclaredNumerics = Literal["default", "reference"] | NumericsProfile
"""The document's field `numerics`: the name of a profile, or a profile with overrides.

`default` leaves everything to the device; `reference` computes one unit at a time and compiles nothing."""


def profile_of(declared: DeclaredNumerics) -> NumericsProfile:
    """The profile that a document declares, written out.

    >>> profile_of("default") == NumericsProfile(name="default")
    True
    >>> profile_of("reference").batch
    BatchSizes(generate=1, edit=1, predict=1)
    """
    if isinstance(declared, NumericsProfile):
        return declared
    if declared == "reference":
        return NumericsProfile(name=declared, batch=BatchSizes(generate=1, edit=1, predict=1), compile="never")
    return NumericsProfile(name=declared)
