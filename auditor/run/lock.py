"""A lock: what a document names, by digest, in a file that is committed beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from auditor.errors import Difference, Drift, UsageError
from auditor.execute import write_whole
from auditor.run.fixed_file import fixed_text, read_fixed
from auditor.run.pins import Pins, drift, other_sources, pins_of
from auditor.spec import LoadedSpec
from auditor.spec.materials import Materials, require

LOCK_VERSION = 1


class Lock(Pins):
    """Digests and versions of everything that a document names; `auditor run --locked` refuses anything else."""

    schema_version: Literal[1]
    """Version of this file's format."""


@dataclass(frozen=True)
class Locked:
    """What writing a lock came to.

    Attributes:
        path: the lock.
        lock: what it holds now.
        changed: what an older lock held otherwise; empty where there was none, or it was current.
        written: whether the file was written; False where it was current.
    """

    path: Path
    lock: Lock
    changed: tuple[Difference, ...]
    written: bool


def lock_path(document: Path) -> Path:
    """Where the lock of a document is: `audit.yaml` has `audit.lock.json` beside it."""
    return document.with_name(f"{document.stem}.lock.json")


def write_lock(loaded: LoadedSpec, *, allow_python: bool) -> Locked:
    """Write the lock of a document as everything is now.

    Raises:
        SpecError: the document, or something it names, is wrong.
    """
    path = lock_path(loaded.path)
    lock = _lock_of(loaded, require(loaded, allow_python=allow_python, decode=False))
    try:
        before: Lock | None = _read(path, loaded.path)
    except UsageError:
        before = None  # Whatever stands there is written anew.
    changed = (*other_sources(before, lock), *drift(before, lock)) if before else ()
    text = fixed_text(lock)
    written = not path.is_file() or path.read_text(encoding="utf-8", errors="replace") != text
    if written:
        write_whole(path, text.encode())
    return Locked(path, lock, changed, written)


def require_lock(loaded: LoadedSpec, materials: Materials) -> None:
    """Refuse to go on where the document's lock is not as everything is now.

    Raises:
        UsageError: there is no lock, or it cannot be read.
        Drift: something differs, or the lock was written for another state of the document.
    """
    path = lock_path(loaded.path)
    fixed, found = _read(path, loaded.path), _lock_of(loaded, materials)
    again = f"auditor lock {loaded.path}"
    if stale := other_sources(fixed, found):
        raise Drift(
            f"the lock {path} was written for other sources than {loaded.path} names now",
            stale,
            "locked",
            f"write it again, and read what it changes: {again}",
        )
    if drifted := drift(fixed, found):
        raise Drift(
            f"the lock {path} does not hold any more",
            drifted,
            "locked",
            f"restore what was locked, or accept what is there now: {again}",
        )


def _lock_of(loaded: LoadedSpec, materials: Materials) -> Lock:
    return Lock(schema_version=LOCK_VERSION, **dict(pins_of(loaded.spec, materials)))


def _read(path: Path, document: Path) -> Lock:
    if not path.exists():
        raise UsageError(f"there is no lock {path}; write one: auditor lock {document}")
    return read_fixed(path, Lock, LOCK_VERSION, "lock", f"write it again: auditor lock {document}")
