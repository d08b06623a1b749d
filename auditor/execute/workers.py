"""Workers: where micro-batches are computed. In this process, or in several beside it.

A worker has one thread on a CPU, so that the number of workers cannot change a bit.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from auditor.errors import ExecutionError
from auditor.execute.block import block_bytes, make_block
from auditor.execute.kernels import KERNELS, Kernel, Resources, UnitRows
from auditor.execute.numerics import Numerics
from auditor.execute.picture_reader import PicturePlace, PictureReader
from auditor.plan import Op


@dataclass(frozen=True)
class Task:
    """One micro-batch: what a worker needs to compute and pack it."""

    op: Op
    keys: tuple[str, ...]
    texts: dict[str, tuple[str, ...]]
    seeds: np.ndarray
    places: tuple[PicturePlace, ...]


class Bench:
    """What one worker has at hand: the kernel of the op at work, one set of weights at a time."""

    def __init__(self, resources: Resources, numerics: Numerics, store: Path) -> None:
        self._resources, self._numerics = resources, numerics
        self._reader = PictureReader(store)
        self._op: Op | None = None
        self._kernel: Kernel | None = None

    def compute(self, task: Task) -> bytes:
        """The block of a task, as bytes."""
        if self._op != task.op or self._kernel is None:
            self._kernel = None  # The weights at hand go before the next ones come.
            quiet_libraries()
            self._kernel = KERNELS[task.op.kind](task.op, self._resources, self._numerics)
            self._op = task.op
        images = tuple(self._reader.read(place) for place in task.places)
        outputs = self._kernel.run(UnitRows(task.texts, task.seeds, images, len(task.keys)))
        makes = task.op.shape.makes
        return block_bytes(make_block(makes, task.op.digest, self._numerics.digest, task.keys, outputs))


class Workers(ABC):
    """Computes tasks; what comes back is in no particular order."""

    @abstractmethod
    def compute(self, tasks: Iterable[Task], stop: Callable[[], bool]) -> Iterator[bytes]:
        """The blocks of `tasks`; after `stop` says so, no further task is begun."""

    @abstractmethod
    def close(self) -> None:
        """Let the workers go."""


class InProcess(Workers):
    """One worker: this process, with one thread."""

    def __init__(self, resources: Resources, numerics: Numerics, store: Path) -> None:
        prepare_threads(numerics.threads)
        self._bench = Bench(resources, numerics, store)

    def compute(self, tasks: Iterable[Task], stop: Callable[[], bool]) -> Iterator[bytes]:
        for task in tasks:
            if stop():
                return
            yield self._bench.compute(task)

    def close(self) -> None:
        """Nothing to let go."""


class Processes(Workers):
    """Several one-thread processes that pull tasks."""

    def __init__(self, count: int, resources: Resources, numerics: Numerics, store: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self._tasks = context.Queue()
        self._results = context.Queue()
        arguments = (self._tasks, self._results, resources, numerics, store)
        self._processes = [context.Process(target=_work, args=arguments, daemon=True) for _ in range(count)]
        for process in self._processes:
            process.start()

    def compute(self, tasks: Iterable[Task], stop: Callable[[], bool]) -> Iterator[bytes]:
        waiting = iter(tasks)
        flying = 0
        exhausted = False
        while True:
            while not exhausted and flying < 2 * len(self._processes):
                task = None if stop() else next(waiting, None)
                if task is None:
                    exhausted = True
                else:
                    self._tasks.put(task)
                    flying += 1
            if flying == 0:
                return
            found = self._next_result()
            flying -= 1
            if isinstance(found, str):
                raise ExecutionError(found)
            yield found

    def close(self) -> None:
        for _ in self._processes:
            self._tasks.put(None)
        for process in self._processes:
            process.join(timeout=5)
            if process.is_alive():
                process.terminate()

    def _next_result(self) -> bytes | str:
        while True:
            try:
                found: bytes | str = self._results.get(timeout=1)
                return found
            except queue.Empty:
                dead = [process for process in self._processes if not process.is_alive()]
                if dead:
                    return (
                        f"a worker stopped with status {dead[0].exitcode}, perhaps for want of memory; what was "
                        "finished is kept: run the same command again, with --workers 1 if memory is short"
                    )


def _work(
    tasks: multiprocessing.Queue[Task | None],
    results: multiprocessing.Queue[bytes | str],
    resources: Resources,
    numerics: Numerics,
    store: Path,
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The driver alone decides when to stop.
    prepare_threads(numerics.threads)
    bench = Bench(resources, numerics, store)
    while (task := tasks.get()) is not None:
        try:
            results.put(bench.compute(task))
        except ExecutionError as error:
            results.put(str(error))
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            results.put(
                f"{task.op.kind} failed: {type(error).__name__}: {str(error)[:300]} "
                f"({Path(last.filename).name}:{last.lineno}); what was finished is kept"
            )


def prepare_threads(count: int) -> None:
    """Fix the number of threads of this process, before and after torch is imported."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(count)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    import torch

    torch.set_num_threads(count)


def quiet_libraries() -> None:
    """No progress bars, hints or downloads of the model libraries: stderr is for the audit."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import logging

    import diffusers
    import transformers

    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()
    logging.getLogger("torch").setLevel(logging.ERROR)
