"""The executor: a plan becomes stored outputs, each made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from auditor.digest import digest_bytes
from auditor.errors import ExecutionError, InternalError, Interrupted
from auditor.execute.answers import StoredAnswers
from auditor.execute.bench import Task
from auditor.execute.block import parse_block
from auditor.execute.journal import Journal
from auditor.execute.kernels import Resources
from auditor.execute.numerics import Numerics
from auditor.execute.picture_reader import PicturePlace
from auditor.execute.progress import Progress
from auditor.execute.reuse import Reuse
from auditor.execute.schedule import ScheduledTable, schedule
from auditor.execute.stop import StopSignal
from auditor.execute.stopwatch import Stopwatch
from auditor.execute.store import Store
from auditor.execute.stored_inputs import all_there
from auditor.execute.workers import InProcess, Processes, Workers
from auditor.plan import Plan, positions_of

ATTEMPTS = 3
"""How often a plan is gone through: again where a stored input turns out to be damaged."""

WORTH_A_PROCESS = 64
"""Below so many units for each worker, starting processes takes longer than they save."""


def workers_worth(units: int, most: int, share: int = WORTH_A_PROCESS) -> int:
    """How many workers so many units are worth: at most `most`, each with `share` units or more.

    >>> workers_worth(12, 8), workers_worth(200, 8), workers_worth(2_800, 8)
    (1, 3, 8)
    """
    return min(most, max(1, units // share))


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
        share: int = WORTH_A_PROCESS,
        reuse: Reuse = "exact",
    ) -> None:
        """`share`: fewest units for which a worker is started; `reuse`: see `schedule`."""
        self._store, self._journal, self._resources = store, journal, resources
        self._numerics, self._count, self._progress = numerics, workers, progress
        self._share, self._reuse = share, reuse
        self._workers: Workers | None = None
        self.ran: dict[str, int] = {}
        """How many units this executor computed, by the digest of the op."""
        self.reused: dict[str, int] = {}
        """How many units of the last plan another class made, by the digest of the op."""
        self.watch = Stopwatch()
        """How long each op took."""

    def run(self, plan: Plan) -> StoredAnswers:
        """Compute what is wanted and not stored; the answers to everything wanted.

        Raises:
            Interrupted: a signal asked to stop; what was finished is kept.
            ExecutionError: an op failed, or the disk is full; what was finished is kept.
        """
        for _ in range(ATTEMPTS):
            tables = schedule(plan, self._store, self._numerics, self._reuse)
            if not all_there(tables, self._store):
                continue
            with StopSignal() as stop:
                for number, table in enumerate(tables):
                    if table.run.any():
                        self._run_table(plan, tables[:number], table, stop)
                        if stop():
                            raise Interrupted("stopped; what was finished is kept")
            self.reused = {each.table.op.digest: int(each.reused.sum()) for each in tables if each.reused.any()}
            return StoredAnswers(tables, self._store, lambda: self._again(plan))
        raise ExecutionError("stored inputs were damaged again and again while the run was going on; check the disk")

    def close(self) -> None:
        """Let workers go."""
        workers, self._workers = self._workers, None
        if workers is not None:
            workers.close()

    def _run_table(
        self, plan: Plan, earlier: tuple[ScheduledTable, ...], table: ScheduledTable, stop: StopSignal
    ) -> None:
        total = int(table.run.sum())
        before = self._workers
        self.watch.begin(table.table.op.digest)
        workers = self._workers_for(total)
        self.watch.staffed(workers.count, cold=workers is not before)
        self._progress.begin(self._title(table), total)
        try:
            for data in workers.compute(self._tasks(plan, earlier, table), stop):
                block = parse_block(data)
                self._store.put(block)
                op = block.op.digest
                self._journal.append("block", op=op, block=digest_bytes(data), units=len(block.keys))
                self.ran[op] = self.ran.get(op, 0) + len(block.keys)
                self.watch.arrived(len(block.keys), len(data))
                self._progress.advance(len(block.keys))
        except BaseException:
            self.close()  # What they still have at work belongs to nobody.
            raise
        finally:
            self.watch.end()
            self._progress.end()

    def _tasks(self, plan: Plan, earlier: tuple[ScheduledTable, ...], table: ScheduledTable) -> Iterator[Task]:
        op = table.table.op
        rows = np.flatnonzero(table.run)
        size = self._numerics.batch_of(op)
        images = self._input_places(plan, earlier, table, rows) if op.shape.operands else []
        names = [name for name, _ in op.shape.columns]
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            texts = {
                name: tuple(plan.payloads[cell.tobytes().hex()] for cell in table.table.column(name)[part])
                for name in op.shape.payloads
            }
            seeds = np.empty(0, np.uint64)
            if "seed" in names:
                seeds = np.ascontiguousarray(table.table.column("seed")[part]).view("<u8").reshape(-1)
            keys = tuple(key.tobytes().hex() for key in table.exact_keys[part])
            meanings = tuple(row.tobytes().hex() for row in table.table.rows[part])
            yield Task(op, table.op_class, keys, meanings, texts, seeds, tuple(images[start : start + size]))

    def _input_places(
        self, plan: Plan, earlier: tuple[ScheduledTable, ...], table: ScheduledTable, rows: np.ndarray
    ) -> list[PicturePlace]:
        """Where the input picture of each of `rows` is; asked of the store when the op begins."""
        wanted = table.table.column(table.table.op.shape.operands[0])[rows]
        places: list[PicturePlace | None] = [None] * len(rows)
        for source in earlier:
            position = positions_of(wanted, source.table.keys)
            found = np.flatnonzero(position >= 0)
            if source.table.op.kind == "load":
                files = source.table.column("file")
                for i in found:
                    digest = files[position[i]].tobytes().hex()
                    places[i] = PicturePlace(file=plan.payloads[digest], file_digest=digest)
            else:
                located = self._store.locate(source.exact_keys[position[found]])
                for number, i in enumerate(found):
                    place = located[number]
                    places[i] = PicturePlace(block=place[0], slot=place[1]) if place is not None else None
        if any(place is None for place in places):
            raise InternalError(f"{table.table.op.kind} has an input that no earlier op made")
        return [place for place in places if place is not None]

    def _again(self, plan: Plan) -> StoredAnswers:
        """Make what the store has lost since the plan was answered."""
        try:
            return self.run(plan)
        finally:
            self.close()

    def _workers_for(self, units: int) -> Workers:
        count = workers_worth(units, self._count, self._share)
        if self._workers is not None and self._workers.count < count:
            self.close()  # An op of few units came first; this one is worth more workers.
        if self._workers is None:
            store: Path = self._store.root
            if count > 1:
                self._workers = Processes(count, self._resources, self._numerics, store)
            else:
                self._workers = InProcess(self._resources, self._numerics, store)
        return self._workers

    def _title(self, table: ScheduledTable) -> str:
        op = table.table.op
        if op.kind == "predict":
            return f"scoring with {self._resources.models[str(op.parameter('model'))].name}"
        return {"generate": "generating pictures", "load": "reading pictures"}[op.kind]
