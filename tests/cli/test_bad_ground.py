"""Newer stores, journals that were changed, disks that are full or read-only: a sentence each, and nothing lost."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command, snapshot
from tests.cli.small_world import respell
from tests.cli.user_audit import RUN, UNITS, run_folder

STORE = Path(".auditor/store")
NEWER = (
    "auditor: the store {store} was written by a newer auditor (format 3, this one reads 2); "
    "upgrade auditor, or name another store with --store\n"
)


@pytest.mark.parametrize(
    "command",
    [RUN, ("plan", "audit.yaml", "--allow-python", "--no-estimate"), ("cache", "info"), ("cache", "verify")],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_store_from_a_newer_version(finished: Path, auditor: Command, command: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(STORE / "index.sqlite")) as index:
        index.execute("PRAGMA user_version=300")
    respell(finished, "max_drop: 0.12", "max_drop: 0.5")  # Else the result is current, and no store is looked at.
    before = snapshot(STORE / "objects"), snapshot(run_folder(finished))
    said = auditor(*command)
    store = STORE if command[0] == "cache" else finished / STORE
    assert (said.status, said.out, said.err) == (2, "", NEWER.format(store=store))
    assert (snapshot(STORE / "objects"), snapshot(run_folder(finished))) == before


def changed(lines: list[bytes]) -> None:
    lines[2] = lines[2].replace(b'"units":', b'"units":1')


def dropped(lines: list[bytes]) -> None:
    del lines[1]


def last_changed(lines: list[bytes]) -> None:
    lines[-1] = lines[-1].replace(b'"units":', b'"units":1')


def last_dropped(lines: list[bytes]) -> None:
    del lines[-1]


@pytest.mark.parametrize("tamper", [changed, dropped, last_changed, last_dropped])
@pytest.mark.parametrize("edited", [False, True], ids=["as it was", "to be judged again"])
def test_a_journal_that_was_changed(
    finished: Path, auditor: Command, tamper: Callable[[list[bytes]], None], edited: bool
) -> None:
    """Also behind its last record, where `run.json` says how it ended."""
    journal = run_folder(finished) / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    tamper(lines)
    journal.write_bytes(b"".join(lines))
    if edited:
        respell(finished, "max_drop: 0.12", "max_drop: 0.5")
    before = snapshot(finished)
    said = auditor(*RUN)
    assert (said.status, said.out) == (6, "")
    assert len(said.err.splitlines()) == 1
    assert said.err.endswith("the journal was changed. Restore it, or run the audit into a new folder with --out\n")
    assert snapshot(finished) == before
    told = json.loads(auditor(*RUN, "--out", "new", "--json").out)
    assert told["computed_units"] == 0, "the store has everything"


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Let the system refuse every change below a folder, as it does on a disk that is mounted read-only."""

    def refuse(folder: Path) -> None:
        below = str(folder.resolve())

        def refusing(call: Callable[..., Any], writes: Callable[..., bool]) -> Callable[..., Any]:
            def called(path: Any, *arguments: Any, **named: Any) -> Any:
                place = os.fspath(path) if isinstance(path, str | os.PathLike) else ""
                if str(Path(place).resolve()).startswith(below) and writes(*arguments, **named):
                    raise OSError(errno.EROFS, os.strerror(errno.EROFS), place)
                return call(path, *arguments, **named)

            return called

        def always(*_: Any, **__: Any) -> bool:
            return True

        opened_to_write = refusing(
            os.open, lambda flags, *_, **__: bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        )
        monkeypatch.setattr(os, "open", opened_to_write)
        monkeypatch.setattr(io, "open", refusing(io.open, lambda mode="r", *_, **__: not set(mode) <= set("rbt")))
        for name in ("mkdir", "replace", "rename", "unlink", "remove"):
            monkeypatch.setattr(os, name, refusing(getattr(os, name), always))

    return refuse


def test_a_store_on_a_read_only_disk(finished: Path, auditor: Command, read_only: Callable[[Path], None]) -> None:
    respell(finished, "max_drop: 0.12", "max_drop: 0.5")
    before = snapshot(STORE)
    read_only(STORE)
    said = auditor(*RUN)
    assert (said.status, said.out) == (3, "")
    assert "auditor/store cannot be written: Read-only file system; what was finished before is kept" in said.err
    assert len(said.err.splitlines()) == 1
    for command in (("plan", "audit.yaml", "--allow-python", "--no-estimate"), ("cache", "verify"), ("cache", "info")):
        assert auditor(*command).status == 0
    assert snapshot(STORE) == before


@pytest.mark.parametrize("index", ["as it was", "missing", "damaged", "older"])
def test_a_store_that_may_not_be_written_can_be_looked_at(
    finished: Path, auditor: Command, auditor_as_anybody: Command, index: str
) -> None:
    looking = (
        ("cache", "info"),
        ("cache", "verify"),
        ("plan", "audit.yaml", "--allow-python", "--no-estimate"),
    )
    told = [auditor(*command).out for command in looking]
    if index == "missing":
        (STORE / "index.sqlite").unlink()
    elif index == "damaged":
        (STORE / "index.sqlite").write_bytes(b"no index" * 1000)
    elif index == "older":
        with closing(sqlite3.connect(STORE / "index.sqlite")) as opened:
            opened.execute("PRAGMA user_version=1")
    before = snapshot(STORE)
    everything = [STORE, *STORE.rglob("*")]
    for path in everything:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        said = [auditor_as_anybody(*command) for command in looking]
    finally:
        for path in everything:
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert [(each.status, each.out) for each in said] == [(0, out) for out in told]
    assert not any("auditor:" in each.err for each in said)
    assert snapshot(STORE) == before


def test_damage_in_a_store_that_may_not_be_written_is_found_and_left(
    finished: Path, auditor_as_anybody: Command
) -> None:
    path = next((STORE / "objects").glob("??/*"))
    path.write_bytes(path.read_bytes()[:-1])
    before = snapshot(STORE)
    everything = [STORE, *STORE.rglob("*")]
    for each in everything:
        each.chmod(0o555 if each.is_dir() else 0o444)
    try:
        said = auditor_as_anybody("cache", "verify")
    finally:
        for each in everything:
            each.chmod(0o755 if each.is_dir() else 0o644)
    assert said.status == 6 and "1 object damaged, and left: the store may not be written" in said.out
    assert snapshot(STORE) == before


@pytest.mark.parametrize("spoil", ["all", "page"])
def test_a_damaged_index_is_set_aside_and_rebuilt(finished: Path, auditor: Command, spoil: str) -> None:
    index = STORE / "index.sqlite"
    data = index.read_bytes()
    damaged = b"no index" * 1000 if spoil == "all" else data[:4096] + b"\xff" * (len(data) - 4096)
    index.write_bytes(damaged)
    respell(finished, "max_drop: 0.12", "max_drop: 0.5")
    if spoil == "page":  # What stands behind the first page is found when it is read.
        said = auditor(*RUN)
        assert (said.status, said.out) == (3, "") and "run the same command again: it is rebuilt" in said.err
    said = auditor(*RUN)
    assert said.status in (0, 1, 7) and "; 0 units computed" in said.out
    assert (spoil == "all") == ("was damaged (file is not a database) and is now index.sqlite.damaged" in said.err)
    assert (STORE / "index.sqlite.damaged").read_bytes() == damaged
    assert "damaged" not in auditor("cache", "verify").err


def test_a_run_folder_on_a_read_only_disk(finished: Path, auditor: Command, read_only: Callable[[Path], None]) -> None:
    respell(finished, "max_drop: 0.12", "max_drop: 0.5")
    before = snapshot(run_folder(finished))
    read_only(run_folder(finished))
    said = auditor(*RUN)
    assert (said.status, said.out) == (3, "")
    assert len(said.err.splitlines()) == 1 and "read-only file system" in said.err.lower()
    assert snapshot(run_folder(finished)) == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A disk of its own in memory, of a size that can be changed; only root may make one."""
    place = tmp_path / "disk"
    place.mkdir()
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("needs to mount a disk")

    def of_size(size: str) -> Path:
        again = "remount," if os.path.ismount(place) else ""
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"{again}size={size}", "tmpfs", str(place)], capture_output=True, text=True
        )
        if made.returncode != 0:
            pytest.skip(f"cannot mount a disk: {made.stderr.strip()}")
        return place

    yield of_size
    subprocess.run(["umount", str(place)], capture_output=True)


@pytest.mark.parametrize(
    ("what", "size"), [("--store", "100k"), ("--store", "400k"), ("--out", "40k"), ("--out", "120k")]
)
def test_a_disk_that_is_full(
    fresh: Path,
    first: tuple[Path, Any],
    auditor_process: Command,
    small_disk: Callable[[str], Path],
    size: str,
    what: str,
) -> None:
    """As the system does it, SQLite included: exit 3, what is there is whole, and with more room the run goes on."""
    place = small_disk(size)
    command = (*RUN, what, place / "here")
    said = auditor_process(*command)
    assert (said.status, said.out) == (3, ""), said.err
    assert "and run the same command again" in said.err.splitlines()[-1]
    small_disk("40m")
    told = json.loads(auditor_process(*command, "--json").out)
    folder = place / "here" if what == "--out" else run_folder(fresh)
    store = place / "here" if what == "--store" else STORE
    assert auditor_process("cache", "verify", "--store", store).status == 0
    for name in ("result.json", "units.jsonl", "report.html"):
        assert (folder / name).read_bytes() == (run_folder(first[0]) / name).read_bytes(), name
    assert 0 < told["computed_units"] <= UNITS if what == "--store" else told["computed_units"] < UNITS
