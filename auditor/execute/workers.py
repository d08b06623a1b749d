"""Workers: where micro-batches are computed. In this process, or in several beside it.

A worker has one thread on a CPU, so that the number of workers cannot change a bit.
"""

from __future__ import annotations

import multiprocessing
import queue
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from auditor.errors import AuditError, ExecutionError
from auditor.execute.bench import Bench, Task
from auditor.execute.kernels import Resources
from auditor.execute.numerics import Numerics
from auditor.execute.torch_setup import prepare_process


class Workers(ABC):
    """Computes tasks; what comes back is in no particular order."""

    count: int
    """How many work at one time."""

    @abstractmethod
    def compute(self, tasks: Iterable[Task], stop: Callable[[], bool]) -> Iterator[bytes]:
        """The blocks of `tasks`; after `stop` says so, no further task is begun.

        Raises:
            ExecutionError: a task failed; these workers are of no more use.
        """

    @abstractmethod
    def close(self) -> None:
        """Let the workers go."""


class InProcess(Workers):
    """One worker: this process, with one thread."""

    def __init__(self, resources: Resources, numerics: Numerics, store: Path) -> None:
        prepare_process(numerics)
        self.count = 1
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
        self.count = count
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
                process.join()
            process.close()
        # Where workers died, nobody empties the pipe, and leaving would wait for it for ever.
        self._tasks.cancel_join_thread()
        for each in (self._tasks, self._results):
            each.close()

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
    prepare_process(numerics)
    bench = Bench(resources, numerics, store)
    while (task := _next_task(tasks)) is not None:
        try:
            results.put(bench.compute(task))
        except AuditError as error:
            results.put(str(error))


def _next_task(tasks: multiprocessing.Queue[Task | None]) -> Task | None:
    """The next task; None when there are no more, or when the driver is gone and none will come."""
    driver = multiprocessing.parent_process()
    while True:
        try:
            return tasks.get(timeout=2)
        except queue.Empty:
            if driver is not None and not driver.is_alive():
                return None
