"""Interventions by text-to-image diffusion: permute a concept in the caption, generate anew."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from auditor.node import Name, Seed, SpecNode, default


class Caption(SpecNode):
    """How the concepts of a row become a caption."""

    join: str = default(", ", "paper", max_length=20)
    """What stands between the phrases of the concepts present."""

    empty: str = default("nothing", "chosen", max_length=200)
    """The caption of a row in which no concept is present."""


class Noise(SpecNode):
    """The noise that generation starts from.

    A row keeps its noise across all its interventions, so that its pictures differ by the
    caption alone."""

    draws: int = default(2, "chosen", ge=1, le=1_000)
    """How many draws of noise each row gets; 2 is the least that can tell noise from response."""

    seed: Seed = default(0, "chosen")
    """The seed of the noise; each row and draw has its own noise, derived from it."""


class TextToImage(SpecNode):
    """Pictures generated from captions by a diffusers text-to-image pipeline (DEPICT, section 3.2)."""

    name: Name
    """The name by which analyses call the intervention."""

    kind: Literal["text_to_image"]
    """Which kind of intervention this is."""

    source: str = Field(min_length=1, max_length=1_000)
    """The pipeline: `builtin:NAME`, a folder below the document's folder, or `repo@revision`
    with a 40-hex commit that is already in the local cache of the hub."""

    digest: str | None = default(None, "chosen", pattern=r"^[0-9a-f]{64}$")
    """SHA-256 that the pipeline's files must have; the audit is refused if it differs."""

    caption: Caption = default(Caption(), "chosen")
    """How the concepts of a row become a caption."""

    steps: int = default(10, "chosen", ge=1, le=1_000)
    """Denoising steps of one picture."""

    guidance: float = default(2.0, "chosen", ge=0, le=100)
    """Classifier-free guidance scale; 1 and below use the caption alone."""

    height: int | None = default(None, "chosen", ge=8, le=4_096)
    """Height of a picture in pixels; the pipeline's own size by default."""

    width: int | None = default(None, "chosen", ge=8, le=4_096)
    """Width of a picture in pixels; the pipeline's own size by default."""

    noise: Noise = default(Noise(), "chosen")
    """The noise that generation starts from."""
