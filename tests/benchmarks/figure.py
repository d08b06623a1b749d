"""A figure of a table: what was run, the bar, what was measured; and the program that prints such a table."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
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


Measure = Callable[[], list[Figure]]
"""Measures figures."""


def markdown(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table, with how each was measured below it."""
    lines = ["| what | bar | measured | reached |", "|---|---|---|---|"]
    for figure in figures:
        reached = {True: "yes", False: "**no**", None: ""}[figure.reached]
        lines.append(f"| {figure.what} | {figure.bar} | {figure.measured} | {reached} |")
    lines.append("")
    lines += [f"- {figure.what}: {figure.ran}" for figure in figures]
    return "\n".join(lines)


def print_figures(description: str, whole: Mapping[str, Measure], short: Mapping[str, Measure]) -> None:
    """A program: measure the figures that the command line names, or all of them, and print their table.

    With `--short`, each in its `short` form, to see that it runs.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(whole)}")
    parser.add_argument("--short", action="store_true", help="a small form of each, to see that it runs")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.names if name not in whole]:
        parser.error(f"there is no figure `{unknown[0]}`; there are {', '.join(whole)}")
    measures = short if arguments.short else whole
    found: list[Figure] = []
    for name in arguments.names or whole:
        start = time.monotonic()
        print(f"{name} ..", file=sys.stderr, flush=True)
        found += measures[name]()
        print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    print(markdown(found))


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
