"""One plan in any order, split over any number of workers, stopped and resumed anywhere: how many distinct results.

    python -m tests.stress.orders --resumes 10 --workers 1,2,4 [--seed 20261122]

Prints one JSON object. Each variant shuffles the units of the plan, computes part of it, is stopped, is resumed by
another executor in another order, and then judged: its evidence is that of the run that nobody touched, or it is not.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

from auditor.audit import resources_of
from auditor.digest import digest_value
from auditor.errors import Interrupted
from auditor.execute import Executor, Journal, Numerics, Silent, Store
from auditor.plan import Plan
from auditor.run import Options, run
from auditor.run.prepare import prepare
from auditor.spec import load_spec
from auditor.spec.materials import Materials
from tests.stress.small_audit import evidence, write_small_audit

SEED = 20261122


@dataclass
class Figures:
    """What came of all variants."""

    seed: int = SEED
    units: int = 0
    variants: int = 0
    shuffles: int = 0
    workers: tuple[int, ...] = ()
    resumes: int = 0
    distinct_results: int = 0
    computed_while_judging: int = 0
    """Units that were still computed when a variant was judged: it should have computed all."""
    different_files: list[str] = field(default_factory=list)
    """Files of a variant that differ from those of the run that nobody touched."""
    seconds: float = 0.0


class Stops(Silent):
    """Stops a run after so many micro-batches."""

    def __init__(self, after: int | None) -> None:
        self._left = after

    def advance(self, units: int) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left == 0:
                raise Interrupted("enough for this time")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--resumes", type=int, required=True)
    parser.add_argument("--workers", required=True)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workers = [int(word) for word in arguments.workers.split(",")]
        figures = compute_in_any_order(Path(folder), arguments.resumes, workers, arguments.seed)
    print(json.dumps(asdict(figures)))


def compute_in_any_order(folder: Path, resumes: int, workers: Sequence[int], seed: int) -> Figures:
    """Compute the small audit in `resumes` x `workers` ways; each in a folder of its own below `folder`."""
    began = time.monotonic()
    document = write_small_audit(folder / "audit")
    loaded = load_spec(document)
    whole = run(loaded, Options(out=folder / "whole" / "out", store=folder / "whole" / "store", workers=1), Silent())
    prepared = prepare(loaded, Options())
    micro_batches = sum(
        -(-len(table) // prepared.numerics.batch_of(table.op))
        for table in prepared.plan.tables
        if table.op.kind != "load"
    )
    figures = Figures(
        seed=seed,
        units=sum(whole.ran.values()),
        workers=tuple(workers),
        resumes=resumes,
        variants=resumes * len(workers),
    )
    expected = evidence(folder / "whole" / "out")
    roots = {digest_value(expected)}
    draw = np.random.default_rng(seed)
    for number in range(resumes):
        for count in workers:
            place = folder / f"variant-{number}-{count}"
            for stop in (int(draw.integers(1, micro_batches)), None):
                plan = shuffled(prepared.plan, draw)
                figures.shuffles += 1
                _execute(plan, prepared.materials, prepared.numerics, place, count, stop)
            judged = run(loaded, Options(out=place / "out", store=place / "store", workers=1), Silent())
            figures.computed_while_judging += sum(judged.ran.values())
            found = evidence(place / "out")
            roots.add(digest_value(found))
            names = sorted(expected.keys() | found.keys())
            figures.different_files += [
                f"{place.name}/{name}" for name in names if expected.get(name) != found.get(name)
            ]
    figures.distinct_results = len(roots)
    figures.seconds = round(time.monotonic() - began, 1)
    return figures


def shuffled(plan: Plan, draw: np.random.Generator) -> Plan:
    """The plan with the units of every op in another order; handles still find theirs."""
    tables = []
    for table in plan.tables:
        order = draw.permutation(len(table))
        tables.append(replace(table, rows=table.rows[order], wanted=table.wanted[order], places=table.places[order]))
    return replace(plan, tables=tuple(tables))


def _execute(plan: Plan, materials: Materials, numerics: Numerics, place: Path, workers: int, stop: int | None) -> None:
    """Compute a plan, or its first micro-batches: `stop` says after how many."""
    with Journal(place / "journal.jsonl") as journal, closing(Store(place / "store")) as store:
        executor = Executor(store, journal, resources_of(materials), numerics, workers, Stops(stop), share=1)
        try:
            executor.run(plan)
        except Interrupted:
            assert stop is not None
        finally:
            executor.close()


if __name__ == "__main__":
    main()
