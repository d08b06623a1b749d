"""The figures of a program of this folder, run in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def figures_of(program: str, *arguments: str) -> dict[str, Any]:
    """What `python -m tests.stress.PROGRAM` prints last, which must end well."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", f"tests.stress.{program}", *arguments],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures
