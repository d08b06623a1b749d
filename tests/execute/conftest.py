"""Small plans of real pictures for the executor."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from auditor.execute import StoredAnswers
from auditor.plan import Ask, Plan, PlanBuilder, Units
from auditor.spec.materials import Materials

PROMPTS = ("red circle", "green circle", "red circle, blue square", "nothing", "blue square")


class SmallPlan:
    """Generated pictures of (prompt, seed) pairs, and what the outcome model says of them."""

    def __init__(self, materials: Materials, pairs: Sequence[tuple[str, int]]) -> None:
        self.builder = PlanBuilder()
        ask = Ask(self.builder)
        op = _pipeline_op(materials)
        prompts = np.array([prompt for prompt, _ in pairs], dtype=object)
        seeds = np.array([seed for _, seed in pairs], np.uint64)
        self.pictures: Units = ask.generate(op, prompts, seeds)
        self.builder.want(self.pictures)  # As interventions do: pictures are evidence.
        self.scores: Units = ask.predict(materials.models[0].digest, self.pictures)
        self.plan: Plan = self.builder.plan()

    def outputs(self, answers: StoredAnswers) -> list[tuple[bytes | str, bytes]]:
        """The PNG bytes and the bits of the scores of every pair."""
        scores = answers[self.scores]
        return [(answers.png(self.pictures[i]), scores[i].tobytes()) for i in range(len(scores))]


def _pipeline_op(materials: Materials):  # type: ignore[no-untyped-def]
    from auditor.plan import generate

    pipeline = materials.pipelines["captions"]
    return generate(pipeline.digest, steps=2, guidance=2.0, height=pipeline.size, width=pipeline.size)


@pytest.fixture(scope="session")
def small_plan(materials: Materials) -> Callable[[Sequence[tuple[str, int]]], SmallPlan]:
    """A plan of (prompt, seed) pairs."""
    return lambda pairs: SmallPlan(materials, pairs)


@pytest.fixture(scope="session")
def pairs() -> list[tuple[str, int]]:
    """Forty distinct pairs: two full micro-batches of pictures and a short one."""
    return [(prompt, seed) for seed in range(8) for prompt in PROMPTS]
