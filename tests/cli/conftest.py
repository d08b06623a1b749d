"""What the tests of the command line share."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from auditor.cli import main
from tests.cli.small_world import write_world
from tests.cli.user_audit import RUN, write_user_audit

ROOT = Path(__file__).parents[2]
PR_CAPBSET_DROP, DAC_OVERRIDE, DAC_READ_SEARCH = 24, 1, 2
HUB = ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME", "HF_HUB_OFFLINE")


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def auditor(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run the command line in this process: `auditor("validate", "audit.yaml")`."""

    def run(*arguments: str | Path) -> Said:
        monkeypatch.setattr(sys, "argv", ["auditor", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        status = left.value.code
        return Said(status if isinstance(status, int) else 0, out, err)

    return run


def environment(**more: str) -> dict[str, str]:
    """The environment of a subprocess: this source, one thread."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **more}


@pytest.fixture
def auditor_process(tmp_path: Path) -> Command:
    """Run the command line as a user does, in a process of its own and in the folder of the test."""

    def run(*arguments: str | Path, **more: str) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "auditor", *map(str, arguments)],
            cwd=Path.cwd(),
            env=environment(**more),
            capture_output=True,
            text=True,
            timeout=300,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def auditor_as_anybody(tmp_path: Path) -> Command:
    """The same as somebody whom permissions bind: where tests run as root, without what lets root pass them by."""

    def bound() -> None:
        if os.geteuid() == 0:
            libc = ctypes.CDLL(None, use_errno=True)
            for capability in (DAC_OVERRIDE, DAC_READ_SEARCH):
                if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
                    raise OSError(ctypes.get_errno(), "cannot drop a capability")

    def run(*arguments: str | Path) -> Said:
        command = [sys.executable, "-m", "auditor", *map(str, arguments)]
        try:
            done = subprocess.run(
                command, env=environment(), capture_output=True, text=True, timeout=300, preexec_fn=bound
            )
        except subprocess.SubprocessError:
            pytest.skip("root cannot be bound by permissions here")
        return Said(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a small valid audit, which is also the working folder."""
    folder = tmp_path / "world"
    write_world(folder)
    monkeypatch.chdir(folder)
    for name in HUB:  # Messages name the cache: the same one wherever tests run.
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", "/hub")
    return folder


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    """A folder whose audit has run once, in a process of its own, and what was said."""
    folder = tmp_path_factory.mktemp("first") / "world"
    write_user_audit(folder)
    done = subprocess.run(
        [sys.executable, "-m", "auditor", *RUN],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
    )
    return folder, Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def finished(first: tuple[Path, Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the finished audit, which is also the working folder."""
    folder = Path(shutil.copytree(first[0], tmp_path / "world"))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The audit before its first run; also the working folder."""
    write_user_audit(tmp_path / "fresh")
    monkeypatch.chdir(tmp_path / "fresh")
    return tmp_path / "fresh"


@pytest.fixture
def timed(first: tuple[Path, Said], fresh: Path) -> Path:
    """The audit before its first run, on a machine of which it is known how long its ops take; the working folder."""
    timings = Path(".auditor/store/timings")
    shutil.copytree(first[0] / timings, fresh / timings)
    return fresh


def snapshot(folder: Path) -> dict[str, bytes | None]:
    """Every file and folder below `folder`, with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }
