"""Workers: where micro-batches are computed. In this process, or in several beside it.

On a CPU a worker has one thread, so that the number of workers cannot change a bit; on GPUs each
worker has one of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable
from pathlib import Path

from auditor.execute.bench import Bench
from auditor.execute.conveyor import convey
from auditor.execute.kernels import Resources
from auditor.execute.numerics import Numerics
from auditor.execute.task import Findings, Job, Packed
from auditor.execute.torch_setup import prepare_environment

Keep = Callable[[Packed | Findings], int]
"""Keeps what came of a job, and says how many units that is."""


class Workers(ABC):
    """Computes jobs; what comes back is in no particular order, but a probe's findings come before its op's blocks
    are kept."""

    count: int
    """How many work at one time."""

    @abstractmethod
    def compute(self, jobs: Iterable[Job], stop: Callable[[], bool], keep: Keep) -> Generator[int]:
        """Compute `jobs` and `keep` what comes of them; yields what `keep` returned.

        After `stop` says so, no further job is begun. `keep` is never called by two threads at once, but may be
        by another one. Whatever ends this, all that was computed is kept first.

        Raises:
            OutOfMemory: a batch did not fit.
            ExecutionError: a job failed, or `keep` did: the error that came first.
        """

    @abstractmethod
    def close(self, at_once: bool = False) -> None:
        """Let the workers go: when they have finished what they are at, or at once."""


class InProcess(Workers):
    """One worker: this process. The driver's thread computes, another one keeps."""

    def __init__(self, resources: Resources, numerics: Numerics, store: Path) -> None:
        prepare_environment(numerics)
        self.count = 1
        self._bench = Bench(resources, numerics, store, device_of(numerics, 0))

    def compute(self, jobs: Iterable[Job], stop: Callable[[], bool], keep: Keep) -> Generator[int]:
        waiting = iter(jobs)
        return convey(self._bench, lambda wait: next(waiting, None), stop, keep)

    def close(self, at_once: bool = False) -> None:
        """Nothing to let go."""


def device_of(numerics: Numerics, worker: int) -> str:
    """Where the models of a worker run: each worker has a GPU of its own."""
    return f"cuda:{worker}" if numerics.device == "cuda" else numerics.device
