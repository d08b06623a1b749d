"""The file of a store's index: looking at it where nobody may write, and setting it aside where it is damaged."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

DAMAGED = ".damaged"
"""How the name of an index ends that was set aside."""

_BESIDE = ("-wal", "-shm")


def look_at(path: Path) -> sqlite3.Connection:
    """The index, opened without writing anything; an empty one in memory where it cannot be read so.

    Where nobody else has it open there is no log, and the file alone is the index.
    """
    alone = "" if path.with_name(path.name + "-wal").exists() else "&immutable=1"
    with contextlib.suppress(sqlite3.Error):
        name = f"file:{quote(str(path.resolve()))}?mode=ro{alone}"
        database = sqlite3.connect(name, uri=True, isolation_level=None, check_same_thread=False)
        try:
            database.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
            return database
        except sqlite3.Error:
            database.close()
    return in_memory()


def in_memory() -> sqlite3.Connection:
    """An index that is nowhere on the disk."""
    return sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error says that the file is not what SQLite wrote."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def set_aside(path: Path) -> Path:
    """Give a damaged index another name, so that it is rebuilt; what it is called now.

    Raises:
        OSError: its folder may not be changed.
    """
    aside = path.with_name(path.name + DAMAGED)
    if _sound(path):
        return aside  # Another process has done so, and rebuilt it.
    with contextlib.suppress(FileNotFoundError):
        os.replace(path, aside)
    for end in _BESIDE:
        path.with_name(path.name + end).unlink(missing_ok=True)
    return aside


def _sound(path: Path) -> bool:
    """Whether SQLite finds nothing wrong with an index."""
    with contextlib.suppress(sqlite3.Error):
        database = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)
        try:
            return bool(database.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
        finally:
            database.close()
    return False
