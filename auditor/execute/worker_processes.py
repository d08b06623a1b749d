"""Workers as processes: they pull jobs from one queue and answer into another; the driver alone writes."""

from __future__ import annotations

import contextlib
import multiprocessing
import queue
import signal
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path

from auditor.digest import Digest
from auditor.errors import AuditError, ExecutionError, InternalError
from auditor.execute.bench import Bench
from auditor.execute.conveyor import convey
from auditor.execute.kernels import Resources
from auditor.execute.numerics import Numerics
from auditor.execute.out_of_memory import OutOfMemory
from auditor.execute.task import Findings, Job, Packed, Probe
from auditor.execute.torch_setup import prepare_process
from auditor.execute.workers import Keep, Workers, device_of
from auditor.models import ModelFault

AT_WORK = 3
"""Jobs given out for each worker: one is computed, one is read ahead or packed, and one waits. What is computed while a
probe is still going on counts as given out: nothing of it is stored before the probe has held."""

LOOK_UP = 0.5
"""Seconds after which the driver looks up from waiting for its workers."""


@dataclass(frozen=True)
class Failure:
    """What a worker says of jobs it did not finish.

    Attributes:
        kind: the name of the error's class.
        message: the error in words.
        jobs: how many jobs this answers.
        model: digest of the model that failed, and `code` of its fault; empty where none did.
    """

    kind: str
    message: str
    jobs: int
    model: Digest = ""
    code: str = ""

    def error(self) -> AuditError:
        """The error as the driver raises it."""
        if self.model:
            return ModelFault(self.message, self.model, self.code)
        kinds = {kind.__name__: kind for kind in (OutOfMemory, InternalError)}
        return kinds.get(self.kind, ExecutionError)(self.message)


class WorkerDied(ExecutionError):
    """A worker ended in the middle of its work.

    >>> print(WorkerDied(-9))
    a worker was killed by SIGKILL, as the system does where memory is short: run the same command again, with \
--workers 1 if it is
    >>> print(WorkerDied(7))
    a worker ended with status 7, which code of a model or of a library told it to
    """

    def __init__(self, status: int) -> None:
        """`status`: as the system gives it; negative for the number of a signal."""
        self.status = status
        self.how = f"ended with status {status}, which code of a model or of a library told it to"
        if status < 0:
            number = -status
            name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
            self.how = f"was killed by {name}"
            if number == signal.SIGKILL:
                self.how += (
                    ", as the system does where memory is short: run the same command again, with --workers 1 if it is"
                )
        super().__init__(f"a worker {self.how}")


@dataclass(frozen=True)
class NotBegun:
    """What a worker says of so many `jobs` that it had pulled and did not begin, since the run is to stop."""

    jobs: int


Answer = Packed | Findings | Failure | NotBegun


class Processes(Workers):
    """Several processes, each with a thread or a GPU, that pull jobs."""

    def __init__(self, count: int, resources: Resources, numerics: Numerics, store: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self.count = count
        self._jobs: multiprocessing.Queue[Job | None] = context.Queue()
        self._answers: multiprocessing.Queue[Answer] = context.Queue()
        self._stopping = context.Event()
        """Set when no further batch is to be begun, also by a worker that has its jobs already."""
        given = (self._jobs, self._answers, self._stopping, resources, numerics, store)
        self._processes = [
            context.Process(target=_work, args=(*given, device_of(numerics, number)), daemon=True)
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
                raise WorkerDied(dead[0].exitcode or 0) from None
            return None


def _work(
    jobs: multiprocessing.Queue[Job | None],
    answers: multiprocessing.Queue[Answer],
    stopping: Event,
    resources: Resources,
    numerics: Numerics,
    store: Path,
    device: str,
) -> None:
    """A worker's life: compute until there are no more jobs, or the driver is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The driver alone decides when to stop.
    prepare_process(numerics, device)
    bench = Bench(resources, numerics, store, device)
    pulled = answered = 0  # Counted by the thread that computes and by the one that packs.
    done = False
    held: list[Job] = []

    def pull(wait: bool) -> Job | None:
        nonlocal pulled, done
        if held:
            return held.pop()
        if done:
            return None
        try:
            job = _next_job(jobs, wait)
        except queue.Empty:
            return None
        done = job is None
        pulled += not done
        return job

    def hand_on(answer: Packed | Findings) -> int:
        nonlocal answered
        answers.put(answer)
        answered += 1
        return 0

    while not done:
        try:
            for _ in convey(bench, pull, stopping.is_set, hand_on):
                pass
            if stopping.is_set():
                if pulled == answered and (job := pull(True)) is not None:
                    held.append(job)
                if not stopping.is_set():
                    continue  # What came is of the work after the stop.
                held.clear()
                if pulled > answered:
                    answers.put(NotBegun(pulled - answered))
                    answered = pulled
        except Exception as error:
            said = str(error) if isinstance(error, AuditError) else f"{type(error).__name__}: {error}"
            kind = type(error).__name__ if isinstance(error, AuditError) else InternalError.__name__
            of = (error.model, error.code) if isinstance(error, ModelFault) else ("", "")
            answers.put(Failure(kind, said, pulled - answered, *of))
            answered = pulled
    # Where the driver is gone, nobody empties the pipe, and leaving would wait for it for ever.
    answers.cancel_join_thread()


def _next_job(jobs: multiprocessing.Queue[Job | None], wait: bool) -> Job | None:
    """The next job; None where there are no more, or where the driver is gone; queue.Empty where none is there yet."""
    driver = multiprocessing.parent_process()
    while driver is None or driver.is_alive():
        try:
            return jobs.get(timeout=2) if wait else jobs.get_nowait()
        except queue.Empty:
            if not wait:
                raise
    return None
