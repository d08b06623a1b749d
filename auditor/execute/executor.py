"""The executor: a plan becomes stored outputs, each made once."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict

from auditor.digest import Digest
from auditor.errors import ExecutionError, Interrupted, TimeUp
from auditor.execute.answers import StoredAnswers
from auditor.execute.backoff import EVENT, back_off, earlier_backoffs
from auditor.execute.groups import Group, groups_of
from auditor.execute.invalid_units import InvalidLimit, InvalidUnits, invalid_so_far
from auditor.execute.journal import Journal
from auditor.execute.keeper import Keeper
from auditor.execute.kernels import Resources
from auditor.execute.micro_batches import micro_batches
from auditor.execute.numerics import Numerics
from auditor.execute.openings import died_at, open_models, openings
from auditor.execute.out_of_memory import OutOfMemory
from auditor.execute.progress import Progress
from auditor.execute.resolve_numerics import equal_gpus
from auditor.execute.reuse import Reuse
from auditor.execute.schedule import ScheduledTable, schedule
from auditor.execute.staff import WORTH_A_PROCESS, Staff
from auditor.execute.stop import StopSignal
from auditor.execute.stopwatch import Stopwatch
from auditor.execute.storage.store import Store
from auditor.execute.stored_inputs import all_there
from auditor.execute.task import jobs_of
from auditor.execute.verdicts import Verdict, Verdicts
from auditor.execute.worker_answers import WorkerDied
from auditor.models import ModelFault
from auditor.plan import Plan

ATTEMPTS = 3
"""How often a plan is gone through: again where a stored input turns out to be damaged."""


class Executor:
    """Runs plans on one store and one journal; the driver alone writes to either."""

    def __init__(
        self,
        store: Store,
        journal: Journal,
        resources: Resources,
        numerics: Numerics,
        workers: int,
        progress: Progress,
        *,
        share: int = WORTH_A_PROCESS,
        reuse: Reuse = "exact",
        fail_on_invalid: InvalidLimit | None = None,
        deadline: float | None = None,
        keeps: bool = True,
    ) -> None:
        """An executor with at most so many `workers`, and on GPUs at most one for each of one kind.

        Args:
            share: fewest units for which a worker is started.
            reuse: what may answer for a unit, see `schedule`.
            fail_on_invalid: how many units of an op may be invalid before the run stops; None for all.
            deadline: when no further micro-batch is begun, as `time.monotonic` counts; None for never.
            keeps: whether what it computes is kept, and is said to be where something fails.
        """
        self._store, self._journal, self._resources, self._progress = store, journal, resources, progress
        self.numerics, self.backoffs = earlier_backoffs(numerics, journal)
        """The class in force, which is the given one with batches halved where memory ran out; and those halvings."""
        most = min(workers, equal_gpus()) if numerics.device == "cuda" else workers
        self._staff = Staff(resources, store.root, most, share)
        self._reuse, self._limit, self._deadline, self._keeps = reuse, fail_on_invalid, deadline, keeps
        self._opened_for = 0.0
        self.ran: dict[Digest, int] = {}
        """How many units this executor computed, by the digest of the op."""
        self.reused: dict[Digest, int] = {}
        """How many units of the last plan another class made, by the digest of the op."""
        self.verdicts: dict[Digest, Verdict] = {}
        """What probes found of the ops of the last plan, by the digest of the op; stored verdicts among them."""
        self.watch = Stopwatch()
        """How long each op took."""

    def open(self, plan: Plan) -> None:
        """Open every model that has something to score in a plan, before anything is made for it.

        Raises:
            ModelFault: one cannot be loaded, or not score a picture of the data set.
            Interrupted, TimeUp, ExecutionError: as `run`.
        """
        self.numerics = self.numerics.for_plan(plan)
        tables = schedule(plan, self._store, self.numerics, self._reuse)
        groups = groups_of(tables, self._resources, self.numerics)
        jobs = openings(plan, tables, groups)
        if not jobs:
            return
        began = time.monotonic()
        with StopSignal(self._deadline) as stop:
            stop.raise_if_asked(unfinished=True)
            try:
                open_models(jobs, self._staff.workers_for(groups[0], self.numerics), self._resources, stop)
            except BaseException as error:
                self.close(at_once=not isinstance(error, ModelFault))
                raise
            stop.raise_if_asked(unfinished=True)
        self._opened_for = time.monotonic() - began

    def run(self, plan: Plan) -> StoredAnswers:
        """Compute what is wanted and not stored; the answers to everything wanted.

        Raises:
            Interrupted: a signal asked to stop; what was finished is kept.
            ExecutionError: an op failed, too many units are invalid, the disk is full or the time is up; what
                was finished is kept.
        """
        try:
            return self._run(plan)
        except (Interrupted, OutOfMemory, TimeUp):
            raise
        except ExecutionError as error:
            if self._keeps and any(self.ran.values()) and "kept" not in str(error):
                error.args = (f"{error}; what was finished is kept",)
            raise

    def _run(self, plan: Plan) -> StoredAnswers:
        self.numerics = self.numerics.for_plan(plan)
        damaged = 0
        while damaged < ATTEMPTS:
            tables = schedule(plan, self._store, self.numerics, self._reuse)
            if not all_there(tables, self._store):
                damaged += 1
            elif self._compute(plan, tables):
                self.verdicts = Verdicts(self._store.root).on(tables)
                self.reused = {each.table.op.digest: int(each.reused.sum()) for each in tables if each.reused.any()}
                return StoredAnswers(tables, self._store, lambda: self._again(plan))
        raise ExecutionError("stored inputs were damaged again and again while the run was going on; check the disk")

    def close(self, at_once: bool = False) -> None:
        """Let workers go: when they have finished what they are at, or at once."""
        self._staff.let_go(at_once)

    def _compute(self, plan: Plan, tables: Sequence[ScheduledTable]) -> bool:
        """Compute what is to run; False where memory ran out, and all is to be scheduled anew in smaller batches."""
        invalid = invalid_so_far(tables, self._resources, self._store, self._limit)
        with StopSignal(self._deadline) as stop:
            for group in groups_of(tables, self._resources, self.numerics):
                stop.raise_if_asked(unfinished=True)
                try:
                    kept = self._run_group(plan, tables, group, invalid, stop)
                except OutOfMemory as error:
                    self._back_off(group, error)
                    return False
                stop.raise_if_asked(unfinished=kept < group.units)
        return True

    def _run_group(
        self,
        plan: Plan,
        tables: Sequence[ScheduledTable],
        group: Group,
        invalid: Mapping[Digest, InvalidUnits],
        stop: StopSignal,
    ) -> int:
        """Compute a group; how many of its units were kept."""
        before = self._staff.ready
        opened_for, self._opened_for = self._opened_for, 0.0
        # Workers that were started to open models were started for this op: it is the first.
        self.watch.begin(*(op.digest for op in group.ops), ago=opened_for)
        workers = self._staff.workers_for(group, self.numerics)
        self.watch.staffed(workers.count, cold=workers is not before or opened_for > 0)
        holding = [one for one in Verdicts(self._store.root).on(group.tables).values() if one.holds]
        probed = len(holding) < len(group.tables)
        tasks = micro_batches(plan, tables, group, self._store, self.numerics.batch_of(group.ops[0]))
        keeper = Keeper(group, self._store, self._journal, self._resources, self.watch, invalid, probed)
        total = 0
        self._progress.begin(group.title(self._resources), group.units)
        try:
            with closing(workers.compute(jobs_of(tasks, probed), stop, keeper.keep)) as kept:
                for units in kept:
                    if units:  # None where a probe was judged.
                        total += units
                        self._progress.advance(units)
        except BaseException as error:
            # An error comes when all is finished; a second signal does not wait for that.
            self.close(at_once=not isinstance(error, Exception))
            if isinstance(error, WorkerDied):
                raise died_at(group, self._resources, error) from error
            raise
        finally:
            self.watch.end()
            self._progress.end()
            for op, units in keeper.ran.items():
                self.ran[op] = self.ran.get(op, 0) + units
        return total

    def _back_off(self, group: Group, error: OutOfMemory) -> None:
        self.numerics, halvings = back_off(self.numerics, group, self._resources, error)
        for each in halvings:
            self._journal.append(EVENT, **asdict(each))
        self.backoffs += halvings

    def _again(self, plan: Plan) -> StoredAnswers:
        """Make what the store has lost since the plan was answered."""
        try:
            return self.run(plan)
        finally:
            self.close()
