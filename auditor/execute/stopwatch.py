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
        beside: another op whose passes answered this one, too, and whose time is that of both; None where it had
            passes of its own.
    """

    op: Digest
    workers: int = 1
    cold: bool = False
    arrivals: list[tuple[float, int, int]] = field(default_factory=list)
    seconds: float = 0.0
    beside: Digest | None = None

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
        self.open: list[OpTime] = []
        """The times of what was begun last: of one op, or of several that the same passes answer."""
        self._began = 0.0

    def begin(self, *ops: Digest, ago: float = 0.0) -> None:
        """Work on an op begins, or on several that the same passes answer, before its workers stand ready; or began
        so many seconds `ago`, when they were started."""
        self.open = [OpTime(op, beside=ops[0] if number else None) for number, op in enumerate(ops)]
        self.times += self.open
        self._began = time.monotonic() - ago

    def staffed(self, workers: int, cold: bool) -> None:
        """So many workers are on it; `cold` where they were started for it."""
        for each in self.open:
            each.workers, each.cold = workers, cold

    def arrived(self, op: Digest, units: int, size: int) -> None:
        """A micro-batch of so many units of an op is stored as an object of so many bytes."""
        for each in self.open:
            if each.op == op:
                each.arrivals.append((time.monotonic() - self._began, units, size))

    def end(self) -> None:
        """The op is through, or the run stops. The time of passes that answered several ops is the first one's."""
        self.open[0].seconds = time.monotonic() - self._began

    def of(self, op: Digest) -> list[OpTime]:
        """Every stretch of work on one op."""
        return [each for each in self.times if each.op == op]
