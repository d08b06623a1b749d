"""Measuring what ops take: the real workers on a few real micro-batches, whose outputs are thrown away."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import MappingProxyType

from auditor.digest import Digest
from auditor.errors import ExecutionError
from auditor.execute.executor import Executor
from auditor.execute.journal import Journal
from auditor.execute.kernels import Resources
from auditor.execute.numerics import Numerics
from auditor.execute.progress import Silent
from auditor.execute.schedule import ScheduledTable
from auditor.execute.staff import workers_worth
from auditor.execute.storage.store import Store
from auditor.execute.timing import Timing
from auditor.execute.trial import Trial
from auditor.plan import Plan

WORTH_TIMING = 4.0
"""Seconds for which waves of one op are timed, after the first, which loads the weights; chosen."""

MOST_SECONDS = 30.0
"""Seconds of timed waves after which no more are timed, however much they differ; chosen."""

MOST_WAVES = 24
CLOSE_ENOUGH = 0.1
"""Standard error of a wave, as a share of it, with which an estimate is narrow enough."""

PREFIX = ".measuring-"
STALE_SECONDS = 86_400.0


NONE_BESIDE: Mapping[Digest, Digest] = MappingProxyType({})


def staffing(
    tables: Sequence[ScheduledTable], most: int, beside: Mapping[Digest, Digest] = NONE_BESIDE
) -> Iterator[tuple[ScheduledTable, int, bool]]:
    """Each op that has passes of its own to run, how many workers it will have, and whether they are started for it.

    `beside` names the ops that another op's passes answer, see `answered_beside`.
    """
    standing = 0
    for table in tables:
        op = table.table.op.digest
        if table.run.any() and op not in beside:
            group = [each for each in tables if beside.get(each.table.op.digest) == op]
            wanted = workers_worth(max(int(each.run.sum()) for each in (table, *group)), most)
            yield table, max(standing, wanted), wanted > standing
            standing = max(standing, wanted)


def measure(
    plan: Plan,
    tables: Sequence[ScheduledTable],
    unknown: Sequence[Digest],
    store: Store | None,
    resources: Resources,
    numerics: Numerics,
    most_workers: int,
    folder: Path,
    tell: Callable[[Digest], None],
    beside: Mapping[Digest, Digest] = NONE_BESIDE,
) -> Mapping[Digest, Timing]:
    """What each op in `unknown` takes, on units of the plan that are not stored.

    Everything happens as in a run, syncing to the disk included, in a store of its own below `folder`, which is
    deleted afterwards. Of a plan of few units this computes at most all of them.

    Args:
        plan: the plan.
        tables: the plan, scheduled on `store`.
        unknown: digests of the ops to measure.
        store: where stored pictures are; None where there is no store.
        resources: models and pipelines.
        numerics: the numerics class, decided for the plan.
        most_workers: how many workers a run would have at most.
        folder: where the trial store is put; on the disk of the store that a run would write to.
        tell: is told which op is being measured.
        beside: ops that are answered by another op's passes, which are not measured.

    Raises:
        ModelFault: a model cannot be opened, so that no run of the plan would begin; `permanent`.
        ExecutionError: an op failed, or the folder cannot be written.
        Interrupted: a signal asked to stop.
    """
    found: dict[Digest, Timing] = {}
    folder.mkdir(parents=True, exist_ok=True)
    _clear_stale(folder)
    with (
        tempfile.TemporaryDirectory(prefix=PREFIX, dir=folder) as place,
        Journal(Path(place) / "journal.jsonl") as journal,
        closing(Store(Path(place) / "store")) as trial_store,
    ):
        executor: Executor | None = None
        try:
            for table, workers, cold in staffing(tables, most_workers, beside):
                op = table.table.op
                if op.digest not in unknown:
                    continue
                if executor is None or cold:
                    if executor is not None:
                        executor.close()
                    executor = Executor(
                        trial_store, journal, resources, numerics, workers, Silent(), share=1, keeps=False
                    )
                tell(op.digest)
                trial = Trial(plan, tables, table, store, trial_store, executor, workers, numerics.batch_of(op))
                if timing := _time(trial):
                    found[op.digest] = timing
        except ExecutionError:
            if executor is not None:
                executor.open(plan)  # A model that cannot be opened is refused, as by a run, whatever failed here.
            raise
        finally:
            if executor is not None:
                executor.close()
    return found


def _time(trial: Trial) -> Timing | None:
    """Time waves of one op: the first apart, then as many as are worth their time."""
    timing, waves = None, 1
    while waves and trial.run(waves):
        timing = trial.timing()
        waves = _more(timing) if timing else 0
    return timing


def _more(timing: Timing) -> int:
    """How many more waves to time."""
    if timing.waves == 0:
        return 1
    close = timing.waves > 1 and timing.wave_error <= CLOSE_ENOUGH * timing.wave
    if close or timing.waves * timing.wave > MOST_SECONDS:
        return 0
    return min(MOST_WAVES - timing.waves, max(1, round(WORTH_TIMING / max(timing.wave, 1e-3))))


def _clear_stale(folder: Path) -> None:
    """Delete what a measurement left that was killed."""
    for left in folder.glob(f"{PREFIX}*"):
        if time.time() - left.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
