"""Asks: how analyses and checks say what they need to know, and how they get it.

An analysis is a coroutine of rounds: it asks, yields, and gets the answers sent in. Answers
are numbers; an analysis never sees pixels, so that every number can be recomputed from the
table of units.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from auditor.digest import Digest
from auditor.errors import InternalError
from auditor.plan import ops
from auditor.plan.builder import PlanBuilder, Units
from auditor.plan.ops import Op
from auditor.plan.shapes import NUMBER_BYTES, SEED_BYTES


class Answers(Protocol):
    """What the executor found."""

    def __getitem__(self, units: Units) -> np.ndarray:
        """Scores of predict units, (*units.shape, n_outputs) float32; NaN where invalid."""

    def reasons(self, units: Units) -> np.ndarray:
        """Why each unit is invalid, `units.shape` of str; empty where it is valid."""


NO_FILE: Digest = "0" * 64
"""Where a unit has no overlay or mask."""


def seed_rows(seeds: np.ndarray) -> np.ndarray:
    """Noise seeds as rows, (n, 8) uint8."""
    return np.ascontiguousarray(seeds.reshape(-1), "<u8").view(np.uint8).reshape(-1, SEED_BYTES)


def number_rows(numbers: np.ndarray) -> np.ndarray:
    """Numbers as rows, (n, 8) uint8; -0 and 0 are one number."""
    whole = np.ascontiguousarray(numbers.reshape(-1), "<f8") + 0.0
    return whole.view(np.uint8).reshape(-1, NUMBER_BYTES)


@dataclass
class Ask:
    """The door to the plan for everything that runs in rounds; all share one builder."""

    builder: PlanBuilder

    def load(self, paths: Sequence[str], file_digests: Sequence[Digest]) -> Units:
        """The pictures in these files, by the digest of their bytes."""
        rows = np.stack([self.builder.payload(path, digest) for path, digest in zip(paths, file_digests, strict=True)])
        return self.builder.add(ops.load(), (len(rows),), file=rows)

    def generate(self, op: Op, prompts: np.ndarray, seeds: np.ndarray) -> Units:
        """Pictures from prompts (object array of str) and noise seeds (uint64), one shape."""
        prompt_rows = self.builder.payload_rows(prompts.reshape(-1).tolist())
        return self.builder.add(op, prompts.shape, prompt=prompt_rows, seed=seed_rows(seeds))

    def edit(
        self,
        op: Op,
        images: Units,
        instructions: np.ndarray,
        guidance: float | np.ndarray,
        image_guidance: float | np.ndarray | None = None,
        seeds: np.ndarray | None = None,
        *,
        strength: float | np.ndarray | None = None,
    ) -> Units:
        """Pictures after instructions, by any op that edits; which of the numbers is swept is no part of the meaning.

        Args:
            op: `ops.edit` (takes guidance and image_guidance) or `ops.image_to_image` (guidance and strength).
            images: what is edited.
            instructions: of the shape of `images`, str; for `image_to_image`, prompts.
            guidance, image_guidance, strength: of that shape, float64, or one number for all; those that the op
                takes, and no other.
            seeds: of the noise, uint64, of that shape.
        """
        given = {"guidance": guidance, "image_guidance": image_guidance, "strength": strength}
        if {name for name, number in given.items() if number is not None} != set(op.shape.numbers) or seeds is None:
            raise InternalError(f"an op `{op.kind}` takes {', '.join(op.shape.numbers)} and seeds")
        return self.builder.add(
            op,
            images.shape,
            image=self.builder.keys(images),
            instruction=self.builder.payload_rows(instructions.reshape(-1).tolist()),
            seed=seed_rows(seeds),
            **{
                name: number_rows(np.broadcast_to(np.asarray(given[name], np.float64), images.shape))
                for name in op.shape.numbers
            },
        )

    def composite(self, op: Op, images: Units, strengths: np.ndarray, overlays: np.ndarray, masks: np.ndarray) -> Units:
        """Pictures with an effect blended in; everything of the shape of `images`.

        Args:
            op: the effect.
            images: what it is blended into.
            strengths: float64.
            overlays, masks: `(path, digest of the file)` of each, or None.
        """
        return self.builder.add(
            op,
            images.shape,
            image=self.builder.keys(images),
            overlay=self._files(overlays),
            mask=self._files(masks),
            strength=number_rows(strengths),
        )

    def locate(self, op: Op, images: Units) -> Units:
        """Where a model sees an output in pictures: a mask of each, white where it is; invalid where it is nowhere."""
        return self.builder.add(op, images.shape, image=self.builder.keys(images))

    def composite_located(
        self, op: Op, images: Units, regions: Units, strengths: np.ndarray, overlays: np.ndarray
    ) -> Units:
        """`composite` over regions that `locate` found; everything of the shape of `images`."""
        return self.builder.add(
            op,
            images.shape,
            image=self.builder.keys(images),
            region=self.builder.keys(regions),
            overlay=self._files(overlays),
            strength=number_rows(strengths),
        )

    def compare(self, images: Units, others: Units) -> Units:
        """How far pictures are from others, (.., 2) as `ops.COMPARED` names them."""
        found = self.builder.add(
            ops.compare(), images.shape, image=self.builder.keys(images), other=self.builder.keys(others)
        )
        self.builder.want(found)
        return found

    def _files(self, files: np.ndarray) -> np.ndarray:
        rows = [
            self.builder.payload("", NO_FILE) if file is None else self.builder.payload(f"{file[1]} {file[0]}", file[1])
            for file in files.reshape(-1)
        ]
        return np.stack(rows)

    def predict(self, model: Digest, images: Units) -> Units:
        """The scores that a model gives to pictures; this is what answers hold."""
        scores = self.builder.add(ops.predict(model), images.shape, image=self.builder.keys(images))
        self.builder.want(scores)
        return scores


Returned = TypeVar("Returned", covariant=True)
Rounds = Generator[Ask, Answers, Returned]
