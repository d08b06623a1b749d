"""The part of a run that computes: what is stored is looked up, the rest is made."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from auditor.audit import Completed, explain_tables, resources_of, run_audit
from auditor.compile import OpRow
from auditor.digest import Digest
from auditor.execute import (
    Executor,
    Journal,
    Progress,
    Store,
    answered_beside,
    default_workers,
    earlier_backoffs,
    schedule,
)
from auditor.run.cost import Work, keep_timings, least_bytes, refuse_full_disk
from auditor.run.forecast import Forecast, Forecaster
from auditor.run.model_faults import model_faults
from auditor.run.options import Options
from auditor.run.prepare import Prepared
from auditor.spec import LoadedSpec


@dataclass(frozen=True)
class Computed:
    """What computing came to.

    Attributes:
        completed: the audit, whose analyses and checks have all returned.
        executor: what computed it, with counts and times.
        forecasts: what ops were expected to cost, by digest.
        workers: how many there were.
        finished: when everything was computed, in seconds since the epoch.
    """

    completed: Completed
    executor: Executor
    forecasts: Mapping[Digest, Forecast]
    workers: int
    finished: float


def work_of(prepared: Prepared, options: Options, store: Store, journal: Journal, where: Path) -> Work:
    """What round one has to compute, in the batches that earlier runs of this folder have come down to."""
    numerics, _ = earlier_backoffs(prepared.numerics, journal)
    tables = schedule(prepared.plan, store, numerics, options.reuse)
    beside = answered_beside(tables, resources_of(prepared.materials), numerics)
    workers = options.workers or default_workers(numerics)
    return Work(prepared.plan, tables, numerics, workers, where, beside)


def rows_of(loaded: LoadedSpec, prepared: Prepared, work: Work) -> tuple[OpRow, ...]:
    """A line for each op of round one, as it stands before anything is computed."""
    return explain_tables(loaded.spec, prepared.view, work.tables)


def compute(
    loaded: LoadedSpec,
    options: Options,
    prepared: Prepared,
    work: Work,
    store: Store,
    journal: Journal,
    progress: Progress,
    deadline: float | None,
) -> Computed:
    """Compute whatever is not stored; `deadline` as `time.monotonic` counts.

    Raises:
        SpecError: a model cannot be loaded or called; nothing was computed.
        ExecutionError, TimeUp, Interrupted: what was finished is kept.
    """
    refuse_full_disk(least_bytes(work), work.place)
    forecaster = Forecaster(progress, work)
    executor = Executor(
        store,
        journal,
        resources_of(prepared.materials),
        prepared.numerics,
        work.workers,
        forecaster,
        reuse=options.reuse,
        fail_on_invalid=loaded.spec.fail_on_invalid,
        deadline=deadline,
    )
    forecaster.follow(executor.watch)
    try:
        with model_faults(loaded, prepared.materials):
            executor.open(prepared.plan)
            completed = run_audit(loaded.spec, prepared.materials, executor)
    finally:
        executor.close()
        keep_timings(work, executor.watch)
    return Computed(completed, executor, forecaster.forecasts, work.workers, time.time())
