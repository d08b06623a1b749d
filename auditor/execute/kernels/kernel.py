"""What every kernel is given and gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np

from auditor.digest import Digest
from auditor.execute.numerics import Numerics
from auditor.execute.storage.block import Output
from auditor.models import ModelIdentity, PipelineIdentity
from auditor.plan import Op

Batch = TypeVar("Batch")
"""What a kernel makes of a micro-batch's units before it computes them."""


@dataclass(frozen=True)
class Resources:
    """Models and pipelines by digest, where a plan refers to them."""

    models: Mapping[Digest, ModelIdentity]
    pipelines: Mapping[Digest, PipelineIdentity]


@dataclass(frozen=True)
class UnitRows:
    """Some units of one op, ready to be computed.

    Attributes:
        texts: of each payload column, the text of each unit.
        seeds: noise seeds, (n,) uint64; empty where the op has none.
        images: input pictures, or the reason why there is none; empty where the op has no input.
        size: how many units.
        numbers: of each column of numbers, that of each unit, (n,) float64.
        others: second input pictures, or reasons; empty where the op has none.
    """

    texts: Mapping[str, tuple[str, ...]]
    seeds: np.ndarray
    images: tuple[Output, ...]
    size: int
    numbers: Mapping[str, np.ndarray] = field(default_factory=dict)
    others: tuple[Output, ...] = ()

    def only(self, order: Sequence[int]) -> UnitRows:
        """The units in these places, in this order; a place may come more than once."""
        return UnitRows(
            {name: tuple(texts[i] for i in order) for name, texts in self.texts.items()},
            self.seeds[list(order)] if len(self.seeds) else self.seeds,
            tuple(self.images[i] for i in order) if self.images else (),
            len(order),
            {name: numbers[list(order)] for name, numbers in self.numbers.items()},
            tuple(self.others[i] for i in order) if self.others else (),
        )

    def with_units(self, others: UnitRows, at: Mapping[int, int]) -> UnitRows:
        """These units, but in place `at[i]` the unit `i` of the others."""
        both = UnitRows(
            {name: texts + others.texts[name] for name, texts in self.texts.items()},
            np.concatenate([self.seeds, others.seeds]),
            self.images + others.images,
            self.size + others.size,
            {name: np.concatenate([numbers, others.numbers[name]]) for name, numbers in self.numbers.items()},
            self.others + others.others,
        )
        order = list(range(self.size))
        for unit, place in at.items():
            order[place] = self.size + unit
        return both.only(order)


class Kernel(ABC, Generic[Batch]):
    """Computes micro-batches of one op, or of several that one pass answers; holds its weights as long as it lives."""

    @abstractmethod
    def __init__(self, ops: Sequence[Op], resources: Resources, numerics: Numerics, device: str) -> None:
        """Load what the ops need on `device` (`cpu`, `cuda:1`); heavy imports happen here."""

    @abstractmethod
    def prepare(self, units: UnitRows) -> Batch:
        """What a CPU can do ahead, in another thread, while the batch before is computed.

        `units` never exceed the class's batch size, and are filled up to it with copies here.
        """

    @abstractmethod
    def run(self, batch: Batch) -> tuple[Sequence[Output], ...]:
        """Of each op, the output of each unit."""

    @abstractmethod
    def probe(self, batch: Batch) -> tuple[bytes, ...]:
        """Of each unit, every bit of the numbers that its output is made from, before they are rounded.

        Cheaper than `run` where a part of the work shows what all of it would.
        """

    @abstractmethod
    def unlike(self, units: UnitRows) -> UnitRows:
        """As many other units of the op, made up, that may stand beside these in a probe."""
