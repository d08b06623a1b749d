"""EIO and ENOSPC at every n-th write, fsync and rename of a run: how it ends, whether the store holds, how it goes on.

    python -m tests.stress.disk_faults [--points 12]

Prints one JSON object. With a C compiler, faults are injected below Python (`disk_faults.c`), where they also
meet SQLite; without one, in Python's `os`. A write that fails for want of room (ENOSPC) is followed by others
that do; one of a bad sector (EIO) is not. Every point is a run in a fresh folder; it is looked at, and resumed.
"""

from __future__ import annotations

import argparse
import ctypes
import errno
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tests.stress.forked import VERDICTS, ended, forked, run_audit

SEED = 20261122
KINDS = ("write", "fsync", "rename")
ERRORS = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC}
SHIM = "AUDITOR_DISK_FAULTS"


@dataclass
class Figures:
    """What came of all points."""

    layer: str = ""
    units: int = 0
    calls: dict[str, int] = field(default_factory=dict)
    """How many calls of each kind an undisturbed run makes."""
    points: int = 0
    failed_calls: int = 0
    ended_with: dict[str, int] = field(default_factory=dict)
    """How many runs ended with each exit status."""
    bad_statuses: list[str] = field(default_factory=list)
    unsound_stores: list[str] = field(default_factory=list)
    broken_journals: list[str] = field(default_factory=list)
    failed_resumes: list[str] = field(default_factory=list)
    different_files: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def perfect(self) -> bool:
        """Whether every run ended as it should, left a sound store and went on to the same result."""
        return not (
            self.bad_statuses
            or self.unsound_stores
            or self.broken_journals
            or self.failed_resumes
            or self.different_files
        )


class Layer(Protocol):
    """Where faults are injected."""

    def arm(self, folder: Path, kind: str, number: int, error: int) -> None:
        """From now on the call of this kind and number fails, on files below the folder; number 0 is none."""

    def seen(self) -> dict[str, int]:
        """How many calls of each kind there were since."""

    def failed(self) -> int:
        """How many of them failed."""


class BelowPython:
    """Faults of the C library, by the shim that was loaded before it."""

    def __init__(self) -> None:
        self._shim = ctypes.CDLL(os.environ[SHIM])
        self._shim.fault_arm.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_long, ctypes.c_int, ctypes.c_int]
        self._shim.fault_seen.restype = self._shim.fault_failed.restype = ctypes.c_long

    def arm(self, folder: Path, kind: str, number: int, error: int) -> None:
        more = int(error == errno.ENOSPC)
        self._shim.fault_arm(str(folder).encode(), KINDS.index(kind), number or -1, error, more)

    def seen(self) -> dict[str, int]:
        return {kind: self._shim.fault_seen(number) for number, kind in enumerate(KINDS)}

    def failed(self) -> int:
        return int(self._shim.fault_failed())


class InPython:
    """Faults of `os.write`, `os.fsync` and `os.replace`; SQLite is not touched."""

    def __init__(self) -> None:
        self._folder, self._kind, self._number, self._error = "", "", 0, 0
        self._seen: Counter[str] = Counter()
        self._failed = 0
        for kind, name, path_of in (
            ("write", "write", lambda file, *_: os.readlink(f"/proc/self/fd/{file}")),
            ("fsync", "fsync", lambda file: os.readlink(f"/proc/self/fd/{file}")),
            ("rename", "replace", lambda old, new: os.fspath(new)),
        ):
            setattr(os, name, self._failing(kind, getattr(os, name), path_of))

    def arm(self, folder: Path, kind: str, number: int, error: int) -> None:
        self._folder, self._kind, self._number, self._error = f"{folder}/", kind, number, error
        self._seen.clear()
        self._failed = 0

    def seen(self) -> dict[str, int]:
        return {kind: self._seen[kind] for kind in KINDS}

    def failed(self) -> int:
        return self._failed

    def _failing(self, kind: str, call: Callable[..., Any], path_of: Callable[..., str]) -> Callable[..., Any]:
        def called(*arguments: Any) -> Any:
            if self._folder and path_of(*arguments).startswith(self._folder):
                self._seen[kind] += 1
                number, more = self._seen[kind], self._error == errno.ENOSPC
                if kind == self._kind and self._number and (number == self._number or (more and number > self._number)):
                    self._failed += 1
                    raise OSError(self._error, os.strerror(self._error))
            return call(*arguments)

        return called


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, help="so many of all points, drawn with the seed [default: all]")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--layer", choices=["below", "python"], default="below" if shutil.which("cc") else "python")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if arguments.layer == "below" and SHIM not in os.environ:
            sys.exit(_with_shim(Path(folder)))
        layer: Layer = BelowPython() if arguments.layer == "below" else InPython()
        figures = inject(Path(folder).resolve(), layer, arguments.points, arguments.seed)
    figures.layer = arguments.layer
    print(json.dumps(asdict(figures) | {"perfect": figures.perfect}))


def _with_shim(folder: Path) -> int:
    """Build the shim, and run this program again with it; the exit status."""
    shim, source = folder / "disk_faults.so", Path(__file__).with_suffix(".c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(shim), str(source), "-ldl"], check=True)
    command = [
        sys.executable,
        *(f"-W{one}" for one in sys.warnoptions),
        "-m",
        "tests.stress.disk_faults",
        *sys.argv[1:],
    ]
    return subprocess.run(command, env={**os.environ, SHIM: str(shim), "LD_PRELOAD": str(shim)}).returncode


def inject(folder: Path, layer: Layer, most: int | None, seed: int) -> Figures:
    """Run the audit once for every point, or for `most` of them, each in a folder of its own."""
    from tests.stress.small_audit import evidence, write_fifteen_units

    began = time.monotonic()
    document = write_fifteen_units(folder / "audit")
    run_audit(document, folder / "first")  # What is imported late is there for every child.
    place = folder / "undisturbed"

    def counted() -> int:
        layer.arm(place, "write", 0, 0)
        status = run_audit(document, place)
        (folder / "calls.json").write_text(json.dumps(layer.seen()))
        return status

    if ended(forked(counted)) not in VERDICTS:
        raise SystemExit("the undisturbed run did not end with a verdict")
    figures = Figures(calls=json.loads((folder / "calls.json").read_text()), units=_units(place))
    expected = evidence(place / "out")
    points = [
        (kind, number, error) for kind in KINDS for number in range(1, figures.calls[kind] + 1) for error in ERRORS
    ]
    if most is not None:
        points = random.Random(seed).sample(points, most)
    statuses: Counter[str] = Counter()
    for kind, number, error in points:
        name = f"{kind}-{number}-{error}"
        statuses[str(_point(folder / name, name, layer, (kind, number, error), document, expected, figures))] += 1
        shutil.rmtree(folder / name)
    figures.points, figures.ended_with = len(points), dict(sorted(statuses.items()))
    figures.seconds = round(time.monotonic() - began, 1)
    return figures


def _point(
    place: Path,
    name: str,
    layer: Layer,
    fault: tuple[str, int, str],
    document: Path,
    expected: dict[str, str],
    figures: Figures,
) -> int:
    """One disturbed run and what follows; its exit status."""
    from tests.stress.small_audit import evidence

    place.mkdir()
    kind, number, error = fault

    def disturbed() -> int:
        layer.arm(place, kind, number, ERRORS[error])
        status = run_audit(document, place)
        failed = layer.failed()
        layer.arm(place.parent / "nowhere", kind, 0, 0)
        (place / "failed").write_text(str(failed))
        return status

    status = ended(forked(disturbed))
    if status not in (*VERDICTS, 3):
        figures.bad_statuses.append(f"{name}: {status}")
    if (place / "failed").exists():
        figures.failed_calls += int((place / "failed").read_text())
        (place / "failed").unlink()
    if not _sound(place / "store"):
        figures.unsound_stores.append(name)
    if not _whole_journal(place / "out" / "journal.jsonl"):
        figures.broken_journals.append(name)
    if (again := ended(forked(lambda: run_audit(document, place)))) not in VERDICTS:
        figures.failed_resumes.append(f"{name}: {again}")
    found = evidence(place / "out")
    names = sorted(expected.keys() | found.keys())
    figures.different_files += [f"{name}/{one}" for one in names if expected.get(one) != found.get(one)]
    return status


def _sound(store: Path) -> bool:
    """Whether the store, as the disturbed run left it, holds all that its index says, byte for byte."""
    from auditor.execute import Silent, Store
    from auditor.execute.storage.inspection import verify_store

    if not (store / "objects").is_dir():
        return True
    with closing(Store(store)) as opened:
        return verify_store(opened, Silent()).sound


def _whole_journal(path: Path) -> bool:
    """Whether the journal is a chain, apart from a torn end."""
    from auditor.errors import VerificationError
    from auditor.execute.journal import read_chain

    try:
        read_chain(path)
    except VerificationError:
        return False
    return True


def _units(place: Path) -> int:
    lines = (place / "out" / "journal.jsonl").read_text().splitlines()
    return sum(record.get("units", 0) for record in map(json.loads, lines))


if __name__ == "__main__":
    main()
