"""A run records what it cost beside what was expected, and does not begin where the disk is too small for it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from auditor.run import cost
from tests.cli.conftest import Command, Said
from tests.cli.user_audit import PICTURES, RUN, UNITS, journal, run_folder

PLAN = ("plan", "audit.yaml", "--allow-python", "--workers", "1")


def record(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run_folder(folder) / "run.json").read_text())
    return found


def test_a_first_run_expects_from_its_own_first_units(first: tuple[Path, Said]) -> None:
    found = record(first[0])
    ops = {op["op"]: op for op in found["ops"]}
    generate = ops["generate captions"]
    assert generate["seconds"] > 0 and generate["bytes"] % 4096 == 0 < generate["bytes"]
    assert re.fullmatch(r"its first (32|48) units", generate["expected_from"])
    assert 0 < generate["expected_seconds"]["low"] < generate["expected_seconds"]["high"]
    for name in ("seconds", "bytes"):
        total = sum(op[f"expected_{name}"]["estimate"] for op in found["ops"] if op["ran"])
        assert found[f"expected_{name}"]["estimate"] == pytest.approx(total, rel=0.01)
    assert found["seconds_of_ops"] == pytest.approx(sum(op["seconds"] for op in found["ops"]), abs=0.05)
    assert found["seconds_of_ops"] <= found["seconds_computing"] + 0.1
    stored = sum(path.stat().st_size for path in (first[0] / ".auditor/store/objects").glob("??/*"))
    assert stored <= found["bytes"] < stored + 4096 * len(list(journal(first[0])))
    page = (run_folder(first[0]) / "run-record.html").read_text()
    assert "What it cost" in page and generate["expected_from"] in page


def test_the_next_run_expects_what_this_one_took(first: tuple[Path, Said], finished: Path, auditor: Command) -> None:
    """Another data set on the same machine: nothing has to be measured."""
    document = (finished / "audit.yaml").read_text()
    (finished / "audit.yaml").write_text(document.replace("noise: {draws: 2}", "noise: {draws: 2, seed: 1}"))
    said = auditor(*PLAN)
    assert said.status == 0 and "measuring" not in said.err and "Computing takes about" in said.out
    assert auditor(*RUN).status in (0, 1, 7)
    found = record(finished)
    assert [op["expected_from"] for op in found["ops"] if op["ran"]] == ["timings kept beside the store"] * 3
    generate = next(op for op in found["ops"] if op["op"] == "generate captions")
    assert generate["ran"] == PICTURES
    assert generate["expected_bytes"]["low"] <= generate["bytes"] <= generate["expected_bytes"]["high"]


def test_a_run_that_computes_nothing_expects_nothing(finished: Path, auditor: Command) -> None:
    before = {path.name: path.read_bytes() for path in (finished / ".auditor/store/timings").iterdir()}
    (run_folder(finished) / "report.html").unlink()
    auditor(*RUN)
    found = record(finished)
    assert found["seconds_of_ops"] == 0 and all(op["expected_seconds"] is None for op in found["ops"])
    assert {path.name: path.read_bytes() for path in (finished / ".auditor/store/timings").iterdir()} == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 300 kB; skipped where the system does not let tests have one."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "none", place], capture_output=True).returncode:
        pytest.skip("no disk of its own without the right to mount one")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_disk_that_is_too_small_is_told_before_anything_is_computed(
    small_disk: Path, fresh: Path, auditor: Command
) -> None:
    (small_disk / "ballast").write_bytes(bytes(150_000))
    said = auditor(*RUN, "--store", small_disk / "store")
    assert said.status == 3 and "Traceback" not in said.err
    assert re.search(r"has too little room: what is left to compute needs about [\d.]+ kB, and [\d.]+ kB are", said.err)
    assert list(journal(fresh)) == [], "nothing was computed"
    assert not list((small_disk / "store").rglob("objects/??/*"))
    (small_disk / "ballast").unlink()
    assert auditor(*RUN).status in (0, 1, 7), "with room, the same audit runs"


def test_room_is_looked_at_again_when_the_first_pictures_are_weighed(
    fresh: Path, auditor: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Enough room for what pictures take at least, too little for what they turn out to take."""
    with monkeypatch.context() as full:
        full.setattr(cost, "free_bytes", lambda place: 100_000)
        said = auditor(*RUN)
    assert said.status == 3 and "has too little room" in said.err
    kept = [found["units"] for found in journal(fresh)]
    assert kept in ([16], [16, 16]), "what was computed by then is finished and kept, and nothing is begun"
    told = json.loads(auditor(*RUN, "--json").out)
    assert told["computed_units"] == UNITS - sum(kept)


def test_a_plan_says_when_the_disk_is_too_small(timed: Path, auditor: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.run.planning.free_bytes", lambda place: 10_000)
    said = auditor(*PLAN)
    assert said.status == 0
    assert "That is too little room: `auditor run` would refuse." in " ".join(said.out.split())
