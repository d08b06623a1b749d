"""Workers as processes, seen from the driver: jobs are given out, answers are kept; the driver alone writes."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
from collections.abc import Callable, Generator, Iterable
from pathlib import Path

from auditor.errors import AuditError
from auditor.execute.kernels import Resources
from auditor.execute.numerics import Numerics
from auditor.execute.task import Findings, Job, Probe
from auditor.execute.torch_setup import prepare_environment
from auditor.execute.worker_answers import Answer, Failure, NotBegun, WorkerDied
from auditor.execute.worker_life import work
from auditor.execute.workers import Keep, Workers, device_of

AT_WORK = 3
"""Jobs given out for each worker: one is computed, one is read ahead or packed, and one waits. What is computed while a
probe is still going on counts as given out: nothing of it is stored before the probe has held."""

LOOK_UP = 0.5
"""Seconds after which the driver looks up from waiting for its workers."""


TRACKER = "ignore:resource_tracker:UserWarning"
"""What the process that tracks semaphores need not say."""


class Processes(Workers):
    """Several processes, each with a thread or a GPU, that pull jobs."""

    def __init__(self, count: int, resources: Resources, numerics: Numerics, store: Path) -> None:
        _quiet_tracker()
        context = multiprocessing.get_context("spawn")
        prepare_environment(numerics)  # Workers inherit it: numpy reads the number of threads when it is imported.
        self.count = count
        self._jobs: multiprocessing.Queue[Job | None] = context.Queue()
        self._answers: multiprocessing.Queue[Answer] = context.Queue()
        self._stopping = context.Event()
        """Set when no further batch is to be begun, also by a worker that has its jobs already."""
        given = (self._jobs, self._answers, self._stopping, resources, numerics, store)
        self._processes = [
            context.Process(target=work, args=(*given, device_of(numerics, number)), daemon=True)
            for number in range(count)
        ]
        for process in self._processes:
            process.start()

    def compute(self, jobs: Iterable[Job], stop: Callable[[], bool], keep: Keep) -> Generator[int]:
        waiting = iter(jobs)
        flying = unjudged = 0
        probing = False
        self._stopping.clear()
        exhausted = False
        failed: AuditError | None = None
        while True:
            if stop() or failed is not None:
                exhausted = True
                self._stopping.set()
                flying -= self._take_back()
            while not exhausted and flying + unjudged < AT_WORK * self.count:
                job = next(waiting, None)
                exhausted = job is None
                if job is not None:
                    self._jobs.put(job)
                    flying += 1
                    probing = probing or isinstance(job, Probe)
            if flying == 0:
                break
            answer = self._next_answer()
            if answer is None:
                continue
            if isinstance(answer, Failure | NotBegun):
                flying -= answer.jobs
                if isinstance(answer, Failure):
                    failed = failed or answer.error()
                continue
            flying -= 1
            probing = probing and not isinstance(answer, Findings)
            unjudged = unjudged + 1 if probing else 0
            kept = 0
            try:
                kept = keep(answer)
            except AuditError as error:
                failed = failed or error
            yield kept
        if failed is not None:
            raise failed

    def close(self, at_once: bool = False) -> None:
        for process in self._processes:
            if at_once:
                process.terminate()
            else:
                self._jobs.put(None)
        for process in self._processes:
            process.join(timeout=5)
            if process.is_alive():
                process.kill()
                process.join()
            process.close()
        # Where workers died, nobody empties the pipe, and leaving would wait for it for ever.
        self._jobs.cancel_join_thread()
        for each in (self._jobs, self._answers):
            each.close()

    def _take_back(self) -> int:
        """How many jobs were taken back that no worker had begun."""
        count = 0
        with contextlib.suppress(queue.Empty):
            while True:
                self._jobs.get_nowait()
                count += 1
        return count

    def _next_answer(self) -> Answer | None:
        """An answer; None where there is none for a while, and it is to be asked whether to stop."""
        try:
            return self._answers.get(timeout=LOOK_UP)
        except queue.Empty:
            dead = [process for process in self._processes if not process.is_alive()]
            if dead:
                raise WorkerDied(dead[0].exitcode or 0, self.count) from None
            return None


def _quiet_tracker() -> None:
    """Where a run is stopped at once, the tracker of semaphores cleans up after it, and need not say so to the user."""
    told = os.environ.get("PYTHONWARNINGS", "")
    if TRACKER not in told:
        os.environ["PYTHONWARNINGS"] = f"{told},{TRACKER}" if told else TRACKER
