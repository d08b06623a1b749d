"""A program that runs a plan of pictures and scores in a folder: what tests stop and kill.

    python -m tests.execute.drive TINY_FOLDER RUN_FOLDER WORKERS

Prints `begun` with the first block, exits 130 when asked to stop, 0 when it is through.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from auditor.audit import resources_of
from auditor.errors import Interrupted
from auditor.execute import Executor, Journal, Store, default_numerics
from auditor.plan import Ask, Plan, PlanBuilder, Units
from auditor.spec import load_spec
from auditor.spec.materials import Materials, gather

UNITS = 480


class SaysBegun:
    """Tells the test when work has begun."""

    def begin(self, what: str, total: int) -> None: ...

    def advance(self, units: int) -> None:
        print("begun", flush=True)

    def end(self) -> None: ...


def long_plan(materials: Materials, units: int = UNITS) -> tuple[Plan, Units]:
    """So many pictures that they are not through before a signal comes."""
    intervention_op = materials.pipelines["captions"]
    ask = Ask(PlanBuilder())
    from auditor.plan import generate

    op = generate(intervention_op.digest, 2, 2.0, 16, 16)
    prompts = np.array(["red circle", "blue square"] * (units // 2), dtype=object)
    pictures = ask.generate(op, prompts, np.arange(units, dtype=np.uint64))
    scores = ask.predict(materials.models[0].digest, pictures)
    return ask.builder.plan(), scores


def run(tiny: Path, folder: Path, workers: int) -> tuple[np.ndarray, dict[str, int]]:
    """Run the plan in `folder`; the scores, and how many units of each op were computed."""
    loaded = load_spec(tiny / "audit.yaml")
    materials, _ = gather(loaded.spec, tiny, allow_python=False, decode=False)
    assert materials is not None
    plan, scores = long_plan(materials)
    store = Store(folder / "store")
    with Journal(folder / "journal.jsonl") as journal:
        executor = Executor(store, journal, resources_of(materials), default_numerics(), workers, SaysBegun())
        try:
            found = executor.run(plan)[scores]
        finally:
            executor.close()
            store.close()
    return found, executor.ran


if __name__ == "__main__":
    try:
        run(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
    except Interrupted as stopped:
        print(stopped, flush=True)
        sys.exit(int(stopped.exit_status))
