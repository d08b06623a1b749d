"""The database of a store's index: opening it, transactions, and what its faults mean to a user."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from auditor.errors import ExecutionError, UsageError
from auditor.execute.storage.block import FORMAT
from auditor.execute.storage.index_file import in_memory, is_damage, look_at, set_aside

VERSION = 100 * FORMAT + 1
"""Of the index: the format of the blocks it was made from, and below that its own, which a rebuilding brings up."""

_PATIENCE = 60.0
"""Seconds to wait for others who write."""

_LOOKUP = 500
"""Keys that one statement asks for."""


class DamagedIndex(ExecutionError):
    """The index was damaged and is set aside; opening the store again rebuilds it."""


class IndexDatabase:
    """A file of SQLite that any number of processes may use."""

    def __init__(self, path: Path, *, look: bool = False) -> None:
        """Open the file, making it where there is none.

        With `look` nothing is written: one that is not there, damaged or of another version is made in memory.

        Raises:
            UsageError: a newer auditor wrote it.
            DamagedIndex: it was damaged, and is set aside.
            ExecutionError: it cannot be opened.
        """
        self._path = path
        if look:
            self._connection = look_at(path)
            found = self.version()
            if found // 100 > FORMAT:
                self._connection.close()
                raise newer_store(path.parent, found // 100)
            if found != VERSION:
                self._connection.close()
                self._connection = in_memory()
            return
        with self._faults():
            # Blocks may be put by another thread than the one that opened it, though never by two at once.
            self._connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            with self._faults():
                if self.version() // 100 > FORMAT:
                    raise newer_store(path.parent, self.version() // 100)
                self._write_ahead()
                self._connection.execute("PRAGMA synchronous=NORMAL")
        except BaseException:
            self._connection.close()
            raise

    def version(self) -> int:
        """Which version it is of: `VERSION` where it is whole and this auditor's; 0 where it is new."""
        with self._faults():
            return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    def execute(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        """Execute one statement."""
        with self._faults():
            return self._connection.execute(statement, values)

    def execute_many(self, statement: str, values: Iterable[Sequence[object]]) -> None:
        """Execute one statement for each row of values."""
        with self._faults():
            self._connection.executemany(statement, values)

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        """All rows that a statement selects."""
        with self._faults():
            return self._connection.execute(statement, values).fetchall()

    def rows_among(self, select: str, column: str, wanted: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        """The rows that `select` finds where a column is among these values, which may be any number."""
        for start in range(0, len(wanted), _LOOKUP):
            part = wanted[start : start + _LOOKUP]
            yield from self.rows(f"{select} WHERE {column} IN ({','.join('?' * len(part))})", part)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is executed inside happens, or none of it; nobody else writes meanwhile."""
        with self._faults():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _write_ahead(self) -> None:
        """Switch the file to a write-ahead log, which it keeps.

        Where others open it at the same moment SQLite refuses at once, without the waiting that it does elsewhere.
        """
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                    raise
            time.sleep(0.01)

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        """Faults of the index as what they mean to a user."""
        store = self._path.parent
        try:
            yield
        except sqlite3.OperationalError as error:
            raise ExecutionError(
                f"the index of the store {store} cannot be used ({error}); what was finished before is kept, "
                "see that the disk has room and may be written, and run the same command again"
            ) from None
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            try:
                aside = set_aside(self._path)
            except OSError:
                raise ExecutionError(
                    f"the index of the store {store} cannot be read ({error}); delete {self._path}: "
                    "it is rebuilt from the objects"
                ) from None
            raise DamagedIndex(
                f"the index of the store {store} was damaged ({error}) and is now {aside.name}; run the same command "
                "again: it is rebuilt from the objects"
            ) from None


def newer_store(root: Path, found: int) -> UsageError:
    """What is said of a store that this auditor would misread."""
    return UsageError(
        f"the store {root} was written by a newer auditor (format {found}, this one reads {FORMAT}); "
        "upgrade auditor, or name another store with --store"
    )
