"""What every kernel is given and gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from auditor.digest import Digest
from auditor.execute.block import Output
from auditor.execute.numerics import Numerics
from auditor.models import ModelIdentity, PipelineIdentity
from auditor.plan import Op


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
    """

    texts: Mapping[str, tuple[str, ...]]
    seeds: np.ndarray
    images: tuple[Output, ...]
    size: int


class Kernel(ABC):
    """Computes micro-batches of one op; holds its weights as long as it lives."""

    @abstractmethod
    def __init__(self, op: Op, resources: Resources, numerics: Numerics) -> None:
        """Load what the op needs on the device; heavy imports happen here."""

    @abstractmethod
    def run(self, units: UnitRows) -> Sequence[Output]:
        """The output of each unit; `units` never exceeds the class's batch size."""
