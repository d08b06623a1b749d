"""A figure of a table: what was run, the bar, what was measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        what: what was measured.
        bar: what it must reach.
        measured: what came of it, as text.
        reached: whether it reaches the bar; None where there is none.
        ran: how it was measured.
    """

    what: str
    bar: str
    measured: str
    reached: bool | None
    ran: str


def markdown(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table, with how each was measured below it."""
    lines = ["| what | bar | measured | reached |", "|---|---|---|---|"]
    for figure in figures:
        reached = {True: "yes", False: "**no**", None: ""}[figure.reached]
        lines.append(f"| {figure.what} | {figure.bar} | {figure.measured} | {reached} |")
    lines.append("")
    lines += [f"- {figure.what}: {figure.ran}" for figure in figures]
    return "\n".join(lines)


def environment() -> dict[str, str]:
    """The environment of a measured process: this source, one thread each."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}


def told_by(module: str, *arguments: str) -> dict[str, Any]:
    """The JSON object that a program of ours prints last, run in a process of its own."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} left with {done.returncode}:\n{done.stderr[-3_000:]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told
