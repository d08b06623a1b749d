"""A whole run of the shapes audit: what it was expected to cost, and what running it again costs."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

from tests.benchmarks.figure import ROOT, Figure, environment
from tests.benchmarks.loops import SPEC

AGAIN = 5
HEAVY = ("torch", "diffusers", "transformers")
WATCHED = (
    "import atexit, sys\n"
    "heavy = ('torch', 'diffusers', 'transformers')\n"
    "atexit.register(lambda: print('imported:', *(name for name in heavy if name in sys.modules), file=sys.stderr))\n"
    "from auditor.cli import main\n"
    "main()\n"
)
"""The command line, which says at its end which libraries of models it imported."""


def second_run() -> list[Figure]:
    """A finished spec, run again: nothing recomputed, nothing rendered, no library of models."""
    found = _whole()
    seconds = statistics.median(found["again"])
    reached = seconds < 3 and not found["imported"] and not found["changed"] and found["stored"] >= 5_000
    imported = " and ".join(found["imported"]) or "torch not imported"
    changed = f"{len(found['changed'])} files changed" if found["changed"] else "no file changed"
    return [
        Figure(
            f"second run of a finished spec with {found['stored']:,} stored units",
            "under 3 s, without importing torch",
            f"{seconds:.2f} s ({min(found['again']):.2f} to {max(found['again']):.2f}); {imported}, {changed}",
            reached,
            f"`auditor run {SPEC.name}` {AGAIN} times after it had run to its reports; the median; every file of the "
            "run folder compared by its bytes and the time it was written",
        )
    ]


def estimate() -> list[Figure]:
    """What `plan` predicted on a machine it did not know, against what the run took."""
    found = _whole()
    seconds, size = found["cost"]["seconds"], found["cost"]["bytes"]
    width = max(seconds["high"] / seconds["estimate"] - 1, 1 - seconds["low"] / seconds["estimate"])
    inside = seconds["low"] <= found["seconds_of_ops"] <= seconds["high"]
    weighed = size["low"] <= found["bytes"] <= size["high"]
    return [
        Figure(
            "time of computing that `plan` predicted, against what the run took",
            "inside an interval of at most 30 % either way",
            f"{seconds['estimate']:.0f} s ({seconds['low']:.0f} to {seconds['high']:.0f}, {width:.0%} either way); "
            f"took {found['seconds_of_ops']:.0f} s",
            inside and width <= 0.3,
            f"`auditor plan {SPEC.name} --json` on an empty store, which took {found['planning']:.0f} s with "
            "measuring, then `auditor run` on the same store; all ops together",
        ),
        Figure(
            "bytes that `plan` predicted, against what the run stored",
            "inside its interval",
            f"{size['estimate'] / 1e6:.1f} MB ({size['low'] / 1e6:.1f} to {size['high'] / 1e6:.1f}); "
            f"stored {found['bytes'] / 1e6:.1f} MB",
            weighed,
            "objects on the disk, in pages of 4 KiB",
        ),
    ]


@lru_cache
def _whole() -> dict[str, Any]:
    """Plan, run, and run again, in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        place, out = ["--store", f"{folder}/store"], Path(folder) / "out"
        start = time.perf_counter()
        planned = json.loads(_auditor("plan", str(SPEC), *place, "--json").stdout)
        planning = time.perf_counter() - start
        run = ("run", str(SPEC), *place, "--out", str(out), "--json")
        told = json.loads(_auditor(*run).stdout)
        record = json.loads((out / "run.json").read_text())
        before = _files(out)
        again, imported = [], set[str]()
        for _ in range(AGAIN):
            start = time.perf_counter()
            done = _auditor(*run)
            again.append(time.perf_counter() - start)
            if json.loads(done.stdout)["computed_units"]:
                raise SystemExit("the second run computed units")
            imported |= set(done.stderr.splitlines()[-1].removeprefix("imported:").split())
        after = _files(out)
    return {
        "planning": planning,
        "cost": planned["cost"],
        "seconds_of_ops": record["seconds_of_ops"],
        "bytes": record["bytes"],
        "stored": told["computed_units"],
        "again": again,
        "imported": sorted(imported),
        "changed": sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)),
    }


def _files(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file with its bytes and when it was written."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def _auditor(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WATCHED, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 7):
        raise SystemExit(f"auditor {' '.join(arguments)} left with {done.returncode}:\n{done.stderr[-3_000:]}")
    return done
