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

from auditor.digest import Digest, digest_value
from auditor.plan.shapes import SHAPES, OpKind, OpShape


@dataclass(frozen=True)
class Op:
    """One op: equal ops have equal digests, whatever the order of their parameters."""

    # Raise a revision when the meaning of the kernel changes: every stored unit of it is made anew.
    REVISIONS: ClassVar[Mapping[OpKind, int]] = {
        "load": 1,
        "generate": 1,
        "edit": 1,
        "image_to_image": 1,
        "ledits_pp": 1,
        "locate": 1,
        "composite": 2,
        "composite_located": 2,
        "compare": 2,
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
        return SHAPES[self.kind]

    @cached_property
    def digest(self) -> Digest:
        """SHA-256 of kind, revision and parameters."""
        return digest_value(["op", self.kind, self.revision, json.loads(self.parameters)])

    @property
    def weights(self) -> Digest | None:
        """The digest of the pipeline or the model that the op runs; None where it runs neither."""
        return str(self.parameter(self.shape.weights)) if self.shape.weights else None

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


def image_to_image(pipeline: Digest, steps: int, height: int, width: int) -> Op:
    """Draw a picture, brought to this size, again from a prompt, from as late a step as its strength says.

    Of `steps` steps, `steps_at` are run: a sweep of strength is a staircase of whole steps.
    """
    return Op.of(
        "image_to_image", pipeline=pipeline, steps=steps, height=height, width=width, noise="cpu-float32-per-unit",
        guided="always",
    )  # fmt: skip


def steps_at(strength: float, steps: int) -> int:
    """How many of so many steps image-to-image runs at a strength of 0 to 1.

    At 0 the picture is what the autoencoder makes of it. Departure: diffusers' pipelines take a step too few where the
    product falls just below a whole number, as 50 * 0.58 does.

    >>> steps_at(0.5, 10), steps_at(0.59, 10), steps_at(0.58, 50)
    (5, 5, 29)
    """
    return min(int(steps * strength + 1e-9), steps)


def ledits_pp(
    pipeline: Digest,
    steps: int,
    height: int,
    width: int,
    *,
    skip: float = 0.15,
    threshold: float = 0.9,
    masks: Literal["intersect", "noise"] = "intersect",
) -> Op:
    """Invert a picture, brought to this size, and edit it towards an instruction: LEDITS++ (Brack et al. 2024).

    Args:
        steps: of the inversion, and of an edit.
        skip: the share of first steps that is left out; the more, the closer an edit stays to the picture.
        threshold: the share of the picture that an edit leaves alone, 0 to 1 (lambda of equation 12).
        masks: where that is: where both attention to the instruction and the change of the noise are large, or the
            latter alone, which needs no attention at a quarter of the latents' size. Defaults of all are diffusers'.
    """
    return Op.of(
        "ledits_pp", pipeline=pipeline, steps=steps, height=height, width=width, skip=float(skip),
        threshold=float(threshold), masks=masks, scheduler="sde-dpmsolver++-2", noise="cpu-per-unit",
    )  # fmt: skip


def composite(effect: str, **parameters: object) -> Op:
    """Blend an effect into a picture, with a strength from 0 (the picture itself) to 1."""
    return Op.of("composite", effect=effect, **parameters)


def composite_located(effect: str, **parameters: object) -> Op:
    """`composite` over the region that `locate` found in each picture."""
    return Op.of("composite_located", effect=effect, **parameters)


def locate(model: Digest, output: str, *, grid: int = 12, window: int = 2, share: float = 0.5) -> Op:
    """Find where the model of this digest sees an output: where covering the picture makes its logit fall.

    Args:
        model: any model that scores pictures.
        output: the label of one of its outputs.
        grid: cells along each side, of which each is in or out.
        window: cells along each side of the square that is covered at a time.
        share: a cell is in from this share of the greatest fall on, 0 to 1, where it hangs together with that one.
    """
    return Op.of(
        "locate", model=model, output=output, grid=grid, window=window, share=float(share), cover="mean-colour"
    )


COMPARED = ("distance", "ssim")
"""What `compare` answers: mean absolute difference of pixel values, 0 to 1; structural similarity, 1 for equal ones."""


def compare() -> Op:
    """Compare two pictures of one size."""
    return Op.of("compare")


def predict(model: Digest) -> Op:
    """Score a picture with the model of this digest: one logit for each output."""
    return Op.of("predict", model=model)
