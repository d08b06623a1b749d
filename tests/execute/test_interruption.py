"""A run that is stopped or killed loses nothing that was finished, and repeats nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from auditor.digest import digest_file
from auditor.execute.journal import read_chain
from tests.execute.drive import UNITS, run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def begun(tiny, tmp_path):
    """Start the program in a folder, and wait until it has work behind it."""
    started: list[subprocess.Popen[str]] = []

    def start(workers: int) -> subprocess.Popen[str]:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "tests.execute.drive", str(tiny), str(tmp_path / "run"), str(workers)],
                cwd=ROOT,
                env=environment,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )
        out = started[-1].stdout
        assert out is not None and out.readline() == "begun\n"
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def finished(folder: Path) -> int:
    """Units in whole blocks; fails where an object is torn."""
    for path in (folder / "store" / "objects").glob("??/[!.]*"):
        assert digest_file(path) == path.parent.name + path.name
    import json

    lines = (folder / "journal.jsonl").read_text().splitlines()
    return sum(json.loads(line).get("units", 0) for line in lines)


@pytest.fixture(scope="module")
def uninterrupted(tiny, tmp_path_factory) -> np.ndarray:
    """The scores of a run that nobody stopped."""
    scores, _ = run(tiny, tmp_path_factory.mktemp("uninterrupted"), 1)
    assert np.isfinite(scores).all() and np.ptp(scores) > 0.1
    return scores


def resumed_equals(uninterrupted: np.ndarray, tiny: Path, folder: Path, before: int) -> None:
    scores, ran = run(tiny, folder, 1)
    assert before - 32 <= 2 * UNITS - sum(ran.values()) <= before + 32, "finished work was repeated"
    assert scores.tobytes() == uninterrupted.tobytes()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_cleanly_with_finished_work_kept(begun, uninterrupted, tiny, tmp_path, number):
    process = begun(1)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out.endswith("stopped; what was finished is kept\n")
    assert err.endswith("stopping when the pictures at work are finished; once more stops at once\n")
    assert "Traceback" not in err
    kept = finished(tmp_path / "run")
    assert 0 < kept < 2 * UNITS and read_chain(tmp_path / "run" / "journal.jsonl")[1] > 0
    if number == signal.SIGINT:
        resumed_equals(uninterrupted, tiny, tmp_path / "run", kept)


def test_a_killed_run_goes_on_where_it_was_and_leaves_no_worker(begun, uninterrupted, tiny, tmp_path):
    process = begun(2)
    workers = children_of(process.pid)
    assert len(workers) >= 2
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 20
    while any(alive(worker) for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not any(alive(worker) for worker in workers), "workers outlived their driver"
    resumed_equals(uninterrupted, tiny, tmp_path / "run", finished(tmp_path / "run"))


def children_of(pid: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1]) == pid:
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
