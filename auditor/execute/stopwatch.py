"""What ops take: told by the executor as it goes, read by estimates and by the record of a run."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from auditor.digest import Digest

PAGE = 4096
"""Bytes that a disk gives to a file at a time."""


@dataclass
class OpTime:
    """One stretch of work on one op.

    Attributes:
        op: digest of the op.
        workers: how many computed at one time.
        cold: whether workers were started for it; False where they stood ready from another op.
        arrivals: of each finished micro-batch, (seconds since the op began, units, bytes of its object).
        seconds: how long it took, the start of workers and the loading of weights included.
    """

    op: Digest
    workers: int = 1
    cold: bool = False
    arrivals: list[tuple[float, int, int]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def units(self) -> int:
        """Units computed."""
        return sum(units for _, units, _ in self.arrivals)

    @property
    def bytes(self) -> int:
        """Bytes of its objects on the disk."""
        return sum(on_disk(size) for _, _, size in self.arrivals)


def on_disk(size: int) -> int:
    """What a file of so many bytes takes on the disk.

    >>> on_disk(1), on_disk(4096), on_disk(4097)
    (4096, 4096, 8192)
    """
    return -(-size // PAGE) * PAGE


class Stopwatch:
    """Keeps the time of every op that an executor computes, in order."""

    def __init__(self) -> None:
        self.times: list[OpTime] = []
        self._began = 0.0

    def begin(self, op: Digest) -> None:
        """Work on an op begins, before its workers stand ready."""
        self.times.append(OpTime(op))
        self._began = time.monotonic()

    def staffed(self, workers: int, cold: bool) -> None:
        """So many workers are on it; `cold` where they were started for it."""
        self.times[-1].workers, self.times[-1].cold = workers, cold

    def arrived(self, units: int, size: int) -> None:
        """A micro-batch of so many units is stored as an object of so many bytes."""
        self.times[-1].arrivals.append((time.monotonic() - self._began, units, size))

    def end(self) -> None:
        """The op is through, or the run stops."""
        self.times[-1].seconds = time.monotonic() - self._began

    def of(self, op: Digest) -> list[OpTime]:
        """Every stretch of work on one op."""
        return [each for each in self.times if each.op == op]
