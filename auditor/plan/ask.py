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
from auditor.plan import ops
from auditor.plan.builder import PlanBuilder, Units
from auditor.plan.ops import Op


class Answers(Protocol):
    """What the executor found."""

    def __getitem__(self, units: Units) -> np.ndarray:
        """Scores of predict units, (*units.shape, n_outputs) float32; NaN where invalid."""

    def reasons(self, units: Units) -> np.ndarray:
        """Why each unit is invalid, `units.shape` of str; empty where it is valid."""


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
        seed_rows = np.ascontiguousarray(seeds.reshape(-1), "<u8").view(np.uint8).reshape(-1, ops.SEED_BYTES)
        return self.builder.add(op, prompts.shape, prompt=prompt_rows, seed=seed_rows)

    def predict(self, model: Digest, images: Units) -> Units:
        """The scores that a model gives to pictures; this is what answers hold."""
        scores = self.builder.add(ops.predict(model), images.shape, image=self.builder.keys(images))
        self.builder.want(scores)
        return scores


Returned = TypeVar("Returned", covariant=True)
Rounds = Generator[Ask, Answers, Returned]
