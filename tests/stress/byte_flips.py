"""One byte flipped in each of many stored objects: how many are found when they are read, and made again identically.

    python -m tests.stress.byte_flips --batch 1 [--seed 20261122]

Prints one JSON object. With a batch of 1 every unit is an object of its own. The damaged store is read twice: a copy by
`auditor cache verify`, and the store itself by a run into a new folder, which has everything stored and nothing whole.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tempfile
import time
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.stress.forked import VERDICTS, run_audit

SEED = 20261122


@dataclass
class Figures:
    """What came of it."""

    seed: int = SEED
    objects: int = 0
    flipped: int = 0
    found_by_verify: int = 0
    found_by_a_run: int = 0
    made_again_identically: int = 0
    wrongly_accused: int = 0
    """Whole objects that were taken for damaged ones."""
    different_files: list[str] = field(default_factory=list)
    """Files of the run on the damaged store that differ from those of the first run."""
    seconds: float = 0.0

    @property
    def perfect(self) -> bool:
        """Whether all were found and made again, and nothing else was."""
        found = self.found_by_verify == self.found_by_a_run == self.made_again_identically == self.flipped
        return found and not self.wrongly_accused and not self.different_files


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--most", type=int, default=200, help="flip at most so many")
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = flip_and_read(Path(folder), arguments.batch, arguments.most, arguments.seed)
    print(json.dumps(asdict(figures) | {"perfect": figures.perfect}))


def flip_and_read(folder: Path, batch: int, most: int, seed: int) -> Figures:
    """Run an audit, damage its store, read it."""
    from auditor.execute import Silent, Store
    from auditor.execute.storage.inspection import verify_store
    from tests.stress.small_audit import evidence, write_small_audit

    began = time.monotonic()
    document = write_small_audit(folder / "audit")
    text = document.read_text().replace(
        "batch: {generate: 4, predict: 8}", f"batch: {{generate: {batch}, predict: {batch}}}"
    )
    document.write_text(text)
    place = folder / "place"
    if run_audit(document, place) not in VERDICTS:
        raise SystemExit("the first run did not end with a verdict")
    expected = evidence(place / "out")
    before = _objects(place / "store")
    draw = random.Random(seed)
    names = sorted(draw.sample(sorted(before), min(most, len(before))))
    for name in names:
        _flip(place / "store" / "objects" / name[:2] / name[2:], draw)
    figures = Figures(seed=seed, objects=len(before), flipped=len(names))
    shutil.copytree(place / "store", folder / "copy")
    with closing(Store(folder / "copy")) as copy:
        damaged = set(verify_store(copy, Silent()).damaged)
    figures.found_by_verify = len(damaged & set(names))
    shutil.rmtree(place / "out")
    if run_audit(document, place) not in VERDICTS:
        raise SystemExit("the run on the damaged store did not end with a verdict")
    found = {path.name for path in (place / "store" / "quarantine").iterdir()}
    after = _objects(place / "store")
    figures.found_by_a_run = len(found & set(names))
    figures.wrongly_accused = len((found | damaged) - set(names))
    figures.made_again_identically = sum(after.get(name) == before[name] for name in names)
    again = evidence(place / "out")
    every = sorted(expected.keys() | again.keys())
    figures.different_files = [one for one in every if expected.get(one) != again.get(one)]
    figures.seconds = round(time.monotonic() - began, 1)
    return figures


def _objects(store: Path) -> dict[str, bytes]:
    return {path.parent.name + path.name: path.read_bytes() for path in (store / "objects").glob("??/[!.]*")}


def _flip(path: Path, draw: random.Random) -> None:
    """Change one byte somewhere, by any amount but none."""
    data = bytearray(path.read_bytes())
    data[draw.randrange(len(data))] ^= draw.randrange(1, 256)
    path.write_bytes(data)


if __name__ == "__main__":
    main()
