"""One writer a run folder, and signals: nothing is torn, and whoever is turned away is told why."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Command, environment, snapshot
from tests.cli.user_audit import MODEL, RUN, SCORES, run_folder

HELD = f"""
import os, time
open("scoring", "a").close()
while not os.path.exists("released"):
    time.sleep(0.01)
{MODEL}
"""
"""A model that says when it is asked, and answers when it may."""


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "auditor", *RUN],
        cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def wait_until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.01)


def held(folder: Path, number: int = 0) -> None:
    """Let the run compute something that waits until it is released; another model each time."""
    (folder / "model.py").write_text(f"{HELD}\n# {number}\n")
    for name in ("scoring", "released"):
        (folder / name).unlink(missing_ok=True)


@pytest.mark.parametrize("races", [2, pytest.param(50, marks=pytest.mark.slow)])
def test_of_two_runs_on_one_folder_exactly_one_wins(races: int, finished: Path, auditor: Command) -> None:
    won = 0
    for number in range(races):
        held(finished, number)
        runs = [start(finished), start(finished)]
        try:
            wait_until(lambda: any(run.poll() is not None for run in runs), "one run is turned away")  # noqa: B023
            loser = next(run for run in runs if run.poll() is not None)
            (winner,) = (run for run in runs if run is not loser)
            out, err = loser.communicate()
            assert (loser.returncode, out) == (2, "")
            assert err == (
                f"auditor: another run is writing to {run_folder(finished)}; wait for it, "
                "or name another folder with --out\n"
            )
            assert winner.poll() is None, "the winner goes on"
            (finished / "released").touch()
            out, err = winner.communicate(timeout=120)
            assert winner.returncode in (0, 1, 7), err
            assert f"{SCORES} units computed" in out
        finally:
            for run in runs:
                run.kill()
                run.communicate()
        won += 1
    print(f"figure: {won} of {races} races with one winner and a clear message")
    # What the winners left is whole: it is current, to the last byte.
    assert json.loads(auditor(*RUN, "--json").out)["current"] is True


def test_another_audit_cannot_slip_into_the_folder(finished: Path, auditor: Command) -> None:
    """Two documents, one --out: whoever comes second is refused, and changes nothing."""
    (finished / "other.yaml").write_text((finished / "audit.yaml").read_text().replace("id: user", "id: other"))
    before = snapshot(finished)
    said = auditor("run", "other.yaml", *RUN[2:], "--out", str(run_folder(finished)))
    assert said.status == 2 and "holds the audit user 1.0.0, and this document is other 1.0.0" in said.err
    assert snapshot(finished) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_second_signal_stops_at_once(number: signal.Signals, finished: Path, auditor: Command) -> None:
    before = {name: data for name, data in snapshot(run_folder(finished)).items() if name == "result.json"}
    held(finished)
    with start(finished) as run:
        wait_until((finished / "scoring").exists, "the model is asked")
        run.send_signal(number)
        assert run.stderr is not None
        told = ""
        while "once more stops at once" not in told:
            told = run.stderr.readline()
            assert told, "it says that it stops, and how to stop at once"
        assert run.poll() is None, "the micro-batch at work goes on"
        run.send_signal(number)
        out, err = run.communicate(timeout=60)  # The model would never have answered.
    assert (run.returncode, out) == (130, "")
    assert err.splitlines()[-1] == (
        "stopped at once; what was finished is kept. To go on: auditor run audit.yaml --allow-python --workers 1"
    )
    assert not (finished / "released").exists() and "Traceback" not in err
    left = {name: data for name, data in snapshot(run_folder(finished)).items() if name == "result.json"}
    assert left == before, "the last result stays as it was"
    (finished / "released").touch()
    assert json.loads(auditor(*RUN, "--json").out)["computed_units"] == SCORES


def test_a_lock_that_a_killed_run_left_holds_nobody_up(finished: Path, auditor: Command) -> None:
    held(finished)
    with start(finished) as run:
        wait_until((finished / "scoring").exists, "the model is asked")
        os.kill(run.pid, signal.SIGKILL)
        run.communicate()
    (finished / "released").touch()
    assert (run_folder(finished) / ".lock").exists()
    assert json.loads(auditor(*RUN, "--json").out)["computed_units"] == SCORES
