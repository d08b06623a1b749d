"""What an index answers: where units are stored, what is stored of equal meaning, how much of each op."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from auditor.digest import Digest
from auditor.execute.op_class import OpClass
from auditor.plan import Op


@dataclass(frozen=True)
class Places:
    """Where the outputs of n units are.

    Attributes:
        digests: the blocks they are in, each once.
        block: number of each unit's block in `digests`, -1 where it is not stored, (n,) int64.
        slot: its slot there, (n,) int64.
        invalid: why a stored unit has no output, by its number.
    """

    digests: tuple[Digest, ...]
    block: np.ndarray
    slot: np.ndarray
    invalid: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.block)

    def __getitem__(self, unit: int) -> tuple[Digest, int] | None:
        """Block and slot of one unit; None where it is not stored."""
        number = int(self.block[unit])
        return None if number < 0 else (self.digests[number], int(self.slot[unit]))

    @property
    def stored(self) -> np.ndarray:
        """Which units are stored, (n,) bool."""
        return np.asarray(self.block >= 0)

    def blocks_of(self, units: np.ndarray) -> set[Digest]:
        """The blocks that these units are in, by their numbers or a mask."""
        return {self.digests[number] for number in np.unique(self.block[units]) if number >= 0}

    @classmethod
    def nowhere(cls, units: int) -> Places:
        """Nothing is stored."""
        return cls((), np.full(units, -1, np.int64), np.zeros(units, np.int64))


@dataclass(frozen=True)
class Candidates:
    """Stored units of the meanings that were looked for, of any class.

    Attributes:
        unit: which of the keys looked for each candidate has, (m,) int64.
        exact: its exact key, (m, 32) uint8.
        op_class: number of its class in `classes`, (m,) int64.
        block: number of its block in `digests`, (m,) int64.
        slot: its slot there, (m,) int64.
        classes: the classes, each once.
        digests: the blocks, each once.
        invalid: why a candidate has no output, by its number.
    """

    unit: np.ndarray
    exact: np.ndarray
    op_class: np.ndarray
    block: np.ndarray
    slot: np.ndarray
    classes: tuple[OpClass, ...]
    digests: tuple[Digest, ...]
    invalid: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Held:
    """What a store holds of one op under one class: units, and the blocks they are in."""

    op: Op
    op_class: OpClass
    units: int
    blocks: int
    bytes: int
