"""The conveyor of a worker: while a batch is computed, the next is read and the one before is packed.

Two threads beside the one that computes: one reads and decodes inputs ahead, one packs outputs (PNG,
hashes, bytes of a block) and hands them on. Either has at most a batch or two at hand, so memory is bounded.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from auditor.execute.bench import Bench
from auditor.execute.task import Findings, Job, Opening, Packed, Probe, Task

MOST_BEHIND = 2
"""Computed batches that wait to be packed before computing waits for them."""

Pull = Callable[[bool], Job | None]
"""The next job. With True it is waited for, and None means that there are no more; with False, none yet."""


def convey(
    bench: Bench, pull: Pull, stop: Callable[[], bool], hand_on: Callable[[Packed | Findings], int]
) -> Generator[int]:
    """Compute jobs in their order and hand on what comes of them, in the same order; yields what `hand_on` returned.

    After `stop` says so, no further batch is begun. Whatever ends this, all that was computed is handed on first;
    the error that came first is the one that is raised.
    """
    with ThreadPoolExecutor(1, "ahead") as ahead, ThreadPoolExecutor(1, "behind") as behind:
        finished: deque[Future[int]] = deque()
        waiting: Job | None = None
        ready: Future[Any] | None = None
        try:
            while not stop():
                job = waiting if waiting is not None else pull(True)
                waiting = None
                if job is None:
                    break
                if isinstance(job, Probe):
                    found = bench.probe(job.task)
                    yield behind.submit(hand_on, found).result()  # Nothing is computed where it failed.
                    continue
                if isinstance(job, Opening):
                    yield behind.submit(hand_on, bench.open(job)).result()
                    continue
                bench.load(job.ops)
                if stop():
                    break  # Loading may have taken long.
                batch = (ready or ahead.submit(bench.prepare, job)).result()
                ready = None
                # Without inputs there is nothing to read ahead, and the job is left to whoever is free first.
                waiting = pull(False) if job.places else None
                if isinstance(waiting, Task) and waiting.ops == job.ops:
                    ready = ahead.submit(bench.prepare, waiting)
                outputs = bench.compute(job, batch)
                finished.append(behind.submit(_finish, bench, job, outputs, hand_on))
                while finished and (finished[0].done() or len(finished) > MOST_BEHIND):
                    yield finished.popleft().result()
            while finished:
                yield finished.popleft().result()
        finally:
            for left in finished:
                with contextlib.suppress(Exception):
                    left.result()


def _finish(bench: Bench, task: Task, outputs: Any, hand_on: Callable[[Packed | Findings], int]) -> int:
    return hand_on(bench.pack(task, outputs))
