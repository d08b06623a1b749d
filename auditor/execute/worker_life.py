"""A worker's life in a process of its own: it pulls jobs from one queue and answers into another."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
from multiprocessing.synchronize import Event
from pathlib import Path

from auditor.errors import AuditError, InternalError
from auditor.execute.bench import Bench
from auditor.execute.conveyor import convey
from auditor.execute.kernels import Resources
from auditor.execute.numerics import Numerics
from auditor.execute.task import Findings, Job, Packed
from auditor.execute.torch_setup import prepare_environment
from auditor.execute.worker_answers import Answer, Failure, NotBegun
from auditor.models import ModelFault


def work(
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
    threading.Thread(target=_end_with_the_driver, daemon=True).start()
    prepare_environment(numerics)
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


def _end_with_the_driver() -> None:
    """End at once where the driver was killed: a model that never answers would keep the process for ever."""
    driver = multiprocessing.parent_process()
    if driver is not None:
        driver.join()
        os._exit(1)


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
