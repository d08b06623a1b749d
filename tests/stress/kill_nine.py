"""`kill -9` at random points of a run, each resumed: what is lost, what is repeated, what differs.

    python -m tests.stress.kill_nine POINTS [--seed 20261122] [--formats html,pdf]

Prints one JSON object. A run is a child that this process forks: libraries are imported once, so that a point costs
seconds. Points are uniform over the time that the uninterrupted run takes, drawn with the seed.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from tests.stress.forked import VERDICTS, ended, forked, kill, run_audit

SEED = 20261122


@dataclass
class Figures:
    """What came of all points."""

    points: int = 0
    seed: int = SEED
    units: int = 0
    micro_batches: int = 0
    killed: int = 0
    """Runs that were still going on when they were killed; the others had just ended."""
    within_computing: int = 0
    """Runs killed when some units were finished, and not all."""
    lost_units: int = 0
    """Units that a resumed run ended without."""
    repeated_units: int = 0
    """Units that were on the journal as finished and were computed again."""
    failed_resumes: int = 0
    torn_objects: int = 0
    different_files: list[str] = field(default_factory=list)
    """Files of a resumed run that differ from the uninterrupted run's."""
    seconds: float = 0.0

    @property
    def perfect(self) -> bool:
        """Whether nothing was lost, repeated or different."""
        return not (
            self.lost_units or self.repeated_units or self.failed_resumes or self.torn_objects or self.different_files
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("points", type=int)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--formats", default="html")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = kill_and_resume(Path(folder), arguments.points, arguments.seed, arguments.formats)
    print(json.dumps(asdict(figures) | {"perfect": figures.perfect}))


def kill_and_resume(folder: Path, points: int, seed: int, formats: str) -> Figures:
    """Kill and resume a run at so many points; each in a folder and a store of its own below `folder`."""
    from tests.stress.small_audit import evidence, write_small_audit

    began = time.monotonic()
    document = write_small_audit(folder / "audit", formats)
    run_audit(document, folder / "first")  # In this process: what is imported late is there for every child.
    start = time.monotonic()
    status = ended(forked(lambda: run_audit(document, folder / "uninterrupted")))
    whole = time.monotonic() - start
    if status not in VERDICTS:
        raise SystemExit(f"the uninterrupted run ended with {status}")
    expected, (blocks, _) = evidence(folder / "uninterrupted" / "out"), _stored_keys(folder / "uninterrupted")
    all_keys = {key for keys in blocks.values() for key in keys}
    if evidence(folder / "first" / "out") != expected:
        raise SystemExit("two uninterrupted runs differ")
    figures = Figures(points=points, seed=seed, units=len(all_keys), micro_batches=len(blocks))
    draw = random.Random(seed)
    for number in range(points):
        run = partial(run_audit, document, folder / f"point-{number}")
        child = forked(run)
        time.sleep(draw.uniform(0, whole))
        figures.killed += kill(child)
        _look(folder / f"point-{number}", run, expected, all_keys, figures)
    figures.seconds = round(time.monotonic() - began, 1)
    return figures


def _look(place: Path, run: Callable[[], int], expected: dict[str, str], all_keys: set[str], figures: Figures) -> None:
    """Resume a killed run, and add what came of it to the figures."""
    from tests.stress.small_audit import evidence

    before, torn = _stored_keys(place)
    journaled = _journaled_blocks(place)
    finished = {key for block in journaled for key in before.get(block, ())}
    figures.lost_units += sum(units for block, units in journaled.items() if block not in before)
    figures.within_computing += 0 < len(finished) < len(all_keys)
    status = ended(forked(run))
    if status not in VERDICTS:
        figures.failed_resumes += 1
        return
    after, torn_after = _stored_keys(place)
    figures.torn_objects += torn + torn_after
    computed = {key for block in _journaled_blocks(place) if block not in journaled for key in after[block]}
    figures.repeated_units += len(finished & computed)
    figures.lost_units += len(all_keys - {key for keys in after.values() for key in keys})
    found = evidence(place / "out")
    names = sorted(expected.keys() | found.keys())
    figures.different_files += [f"{place.name}/{name}" for name in names if expected.get(name) != found.get(name)]


def _stored_keys(place: Path) -> tuple[dict[str, tuple[str, ...]], int]:
    """The exact keys in each whole object of a store, and how many objects are torn."""
    from auditor.digest import digest_bytes
    from auditor.execute.storage.block import parse_block

    found, torn = {}, 0
    for path in (place / "store" / "objects").glob("??/[!.]*"):
        data, name = path.read_bytes(), path.parent.name + path.name
        if digest_bytes(data) == name:
            found[name] = parse_block(data).keys
        else:
            torn += 1
    return found, torn


def _journaled_blocks(place: Path) -> dict[str, int]:
    """The blocks that the journal calls finished, with how many units each has; a torn last line is no record."""
    path = place / "out" / "journal.jsonl"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    records = [json.loads(line) for line in lines]
    return {record["block"]: record["units"] for record in records if record["event"] == "block"}


if __name__ == "__main__":
    main()
