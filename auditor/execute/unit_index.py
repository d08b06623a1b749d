"""The index of a store: which unit is in which block. Derived from the blocks, and rebuilt where it is not whole."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from auditor.digest import KEY_BYTES, Digest, row_keys
from auditor.errors import ExecutionError, UsageError
from auditor.execute.block import FORMAT, Block
from auditor.execute.index_file import in_memory, is_damage, look_at, set_aside
from auditor.execute.op_class import OpClass
from auditor.execute.places import Candidates, Held, Places
from auditor.plan import Op

_VERSION = 100 * FORMAT + 1
"""Of the index: the format of the blocks it was made from, and below that its own, which a rebuilding brings up."""

_PATIENCE = 60.0
"""Seconds to wait for others who write."""

_LOOKUP = 500
_SCHEMA = """
CREATE TABLE ops (id INTEGER PRIMARY KEY, digest BLOB UNIQUE, kind TEXT, revision INTEGER, parameters TEXT);
CREATE TABLE classes (id INTEGER PRIMARY KEY, text TEXT UNIQUE);
CREATE TABLE blocks (id INTEGER PRIMARY KEY, digest BLOB UNIQUE, op INTEGER, class INTEGER, bytes INTEGER);
CREATE TABLE units (
    key BLOB PRIMARY KEY, semantic BLOB, row BLOB, block INTEGER, slot INTEGER, invalid TEXT
) WITHOUT ROWID;
CREATE INDEX units_by_meaning ON units (semantic);
CREATE INDEX units_by_block ON units (block);
"""


class DamagedIndex(ExecutionError):
    """The index was damaged and is set aside; opening the store again rebuilds it."""


class UnitIndex:
    """Units by exact key and by meaning; a file of SQLite that any number of processes may use."""

    def __init__(self, path: Path, *, look: bool = False) -> None:
        """Open the index, making it where there is none; `stale` says whether it must be rebuilt.

        With `look` nothing is written: one that is not there, damaged or of another version is made in memory.

        Raises:
            UsageError: a newer auditor wrote it.
            DamagedIndex: it was damaged, and is set aside.
            ExecutionError: it cannot be opened.
        """
        self._path = path
        if look:
            self._database = look_at(path)
            found = self._version()
            if found // 100 > FORMAT:
                self._database.close()
                raise newer_store(path.parent, found // 100)
            if found != _VERSION:
                self._database.close()
                self._database = in_memory()
            return
        with self._faults():
            # Blocks may be put by another thread than the one that opened it, though never by two at once.
            self._database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            with self._faults():
                if self._version() // 100 > FORMAT:
                    raise newer_store(path.parent, self._version() // 100)
                self._write_ahead()
                self._database.execute("PRAGMA synchronous=NORMAL")
        except BaseException:
            self._database.close()
            raise

    @property
    def stale(self) -> bool:
        """Whether it is not whole, or of another version."""
        with self._faults():
            return self._version() != _VERSION

    def add(self, block: Block, digest: Digest, size: int) -> None:
        """Enter the units of a block; what stood under their keys is replaced."""
        with self._transaction():
            self._add(block, digest, size)

    def rebuild(self, blocks: Iterable[tuple[Block, Digest, int]], *, only_stale: bool) -> int:
        """Enter these blocks and nothing else, all or none of them; how many there were.

        With `only_stale`, nothing is done where another process has rebuilt it in the meantime.
        """
        count = 0
        with self._transaction():
            if only_stale and self._version() == _VERSION:
                return 0
            for table in ("units", "blocks", "classes", "ops"):
                self._database.execute(f"DROP TABLE IF EXISTS {table}")
            for statement in _SCHEMA.split(";"):
                self._database.execute(statement)
            for block, digest, size in blocks:
                self._add(block, digest, size)
                count += 1
            self._database.execute(f"PRAGMA user_version={_VERSION}")
        return count

    def forget(self, digests: Iterable[Digest]) -> None:
        """Drop the units of blocks that are gone."""
        names = [(bytes.fromhex(digest),) for digest in digests]
        with self._transaction():
            self._database.executemany(
                "DELETE FROM units WHERE block = (SELECT id FROM blocks WHERE digest = ?)", names
            )
            self._database.executemany("DELETE FROM blocks WHERE digest = ?", names)

    def locate(self, keys: np.ndarray) -> Places:
        """Where the output of each exact key is, (n, 32) uint8."""
        columns = "SELECT key, block, slot, invalid FROM units"
        found = {key: rest for key, *rest in self._look_up(columns, "key", keys)}
        names, digests = self._blocks(block for block, _, _ in found.values())
        places = np.full((len(keys), 2), -1, np.int64)
        invalid: dict[int, str] = {}
        for unit, wanted in enumerate(keys):
            if place := found.get(wanted.tobytes()):
                places[unit] = names[place[0]], place[1]
                if place[2] is not None:
                    invalid[unit] = place[2]
        return Places(digests, places[:, 0], places[:, 1], invalid)

    def of_meaning(self, keys: np.ndarray) -> Candidates:
        """What is stored of each semantic key, (n, 32) uint8, each once."""
        numbers = {key.tobytes(): unit for unit, key in enumerate(keys)}
        select = "SELECT semantic, key, class, block, slot, invalid FROM units JOIN blocks ON blocks.id = block"
        rows = list(self._look_up(select, "semantic", keys))
        names, digests = self._blocks(row[3] for row in rows)
        classes = {number: place for place, number in enumerate(sorted({row[2] for row in rows}))}
        with self._faults():
            texts = dict(self._database.execute("SELECT id, text FROM classes").fetchall())
        columns = [(numbers[row[0]], classes[row[2]], names[row[3]], row[4]) for row in rows]
        unit, op_class, block, slot = np.array(columns, np.int64).reshape(-1, 4).T
        exact = np.frombuffer(b"".join(row[1] for row in rows), np.uint8).reshape(-1, KEY_BYTES)
        invalid = {number: row[5] for number, row in enumerate(rows) if row[5] is not None}
        return Candidates(
            unit, exact, op_class, block, slot, tuple(OpClass(texts[i]) for i in classes), digests, invalid
        )

    def ops(self) -> tuple[Op, ...]:
        """Every op of which a unit is stored, by digest."""
        with self._faults():
            found = self._database.execute(
                "SELECT kind, revision, parameters FROM ops WHERE id IN (SELECT op FROM blocks) ORDER BY digest"
            ).fetchall()
        return tuple(Op(*columns) for columns in found)

    def rows_of(self, op: Op) -> np.ndarray:
        """The rows of everything that is stored of an op, under whatever class, (m, width) uint8."""
        with self._faults():
            found = self._database.execute(
                "SELECT row FROM units JOIN blocks ON blocks.id = block JOIN ops ON ops.id = op WHERE ops.digest = ?",
                (bytes.fromhex(op.digest),),
            ).fetchall()
        width = sum(size for _, size in op.shape.columns)
        return np.frombuffer(b"".join(row for (row,) in found), np.uint8).reshape(-1, width)

    def classes_of(self, digests: Iterable[Digest]) -> tuple[OpClass, ...]:
        """The classes that these blocks were computed under, by digest."""
        wanted = [bytes.fromhex(digest) for digest in digests]
        numbers: set[int] = set()
        for start in range(0, len(wanted), _LOOKUP):
            part = wanted[start : start + _LOOKUP]
            marks = ",".join("?" * len(part))
            with self._faults():
                found = self._database.execute(f"SELECT DISTINCT class FROM blocks WHERE digest IN ({marks})", part)
                numbers |= {number for (number,) in found}
        with self._faults():
            texts = dict(self._database.execute("SELECT id, text FROM classes").fetchall())
        return tuple(sorted((OpClass(texts[number]) for number in numbers), key=lambda one: one.digest))

    def sizes(self) -> dict[Digest, int]:
        """The size of every block, in bytes."""
        with self._faults():
            found = self._database.execute("SELECT digest, bytes FROM blocks ORDER BY digest").fetchall()
        return {digest.hex(): size for digest, size in found}

    def held(self) -> tuple[Held, ...]:
        """What is stored of each op under each class."""
        with self._faults():
            found = self._database.execute(
                """SELECT kind, revision, parameters, text, SUM(units), COUNT(*), SUM(bytes)
                FROM blocks JOIN ops ON ops.id = op JOIN classes ON classes.id = class
                JOIN (SELECT block, COUNT(*) AS units FROM units GROUP BY block) ON block = blocks.id
                GROUP BY op, class ORDER BY kind, ops.digest, text"""
            ).fetchall()
        return tuple(Held(Op(*row[:3]), OpClass(row[3]), *row[4:]) for row in found)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _add(self, block: Block, digest: Digest, size: int) -> None:
        op = self._entry(
            "ops", ("digest", "kind", "revision", "parameters"),
            (bytes.fromhex(block.op.digest), block.op.kind, block.op.revision, block.op.parameters),
        )  # fmt: skip
        under = self._entry("classes", ("text",), (block.op_class.text,))
        number = self._entry("blocks", ("digest", "op", "class", "bytes"), (bytes.fromhex(digest), op, under, size))
        rows = block.meanings()
        units = zip(block.exact_keys(), row_keys(block.op.digest, rows), rows, strict=True)
        self._database.executemany(
            "INSERT OR REPLACE INTO units VALUES (?, ?, ?, ?, ?, ?)",
            [(key.tobytes(), semantic.tobytes(), row.tobytes(), number, slot, block.invalid.get(slot))
             for slot, (key, semantic, row) in enumerate(units)],
        )  # fmt: skip

    def _entry(self, table: str, columns: Sequence[str], values: Sequence[object]) -> int:
        """The number of a row of a small table, found by its first column or made."""
        find = f"SELECT id FROM {table} WHERE {columns[0]} = ?"
        found = self._database.execute(find, values[:1]).fetchone()
        if found is None:
            marks = ",".join("?" * len(columns))
            made = self._database.execute(f"INSERT INTO {table} ({','.join(columns)}) VALUES ({marks})", values)
            return int(made.lastrowid or 0)
        return int(found[0])

    def _look_up(self, select: str, column: str, keys: np.ndarray) -> Iterator[tuple[Any, ...]]:
        wanted = [key.tobytes() for key in keys]
        for start in range(0, len(wanted), _LOOKUP):
            part = wanted[start : start + _LOOKUP]
            with self._faults():
                yield from self._database.execute(f"{select} WHERE {column} IN ({','.join('?' * len(part))})", part)

    def _blocks(self, numbers: Iterable[int]) -> tuple[dict[int, int], tuple[Digest, ...]]:
        """Of the blocks with these numbers: the place of each among them, and their digests in that order."""
        distinct = sorted(set(numbers))
        digests: dict[int, Digest] = {}
        for start in range(0, len(distinct), _LOOKUP):
            part = distinct[start : start + _LOOKUP]
            marks = ",".join("?" * len(part))
            with self._faults():
                found = self._database.execute(f"SELECT id, digest FROM blocks WHERE id IN ({marks})", part)
                digests |= {number: digest.hex() for number, digest in found}
        return {number: place for place, number in enumerate(distinct)}, tuple(digests[one] for one in distinct)

    def _write_ahead(self) -> None:
        """Switch the file to a write-ahead log, which it keeps.

        Where others open it at the same moment SQLite refuses at once, without the waiting that it does elsewhere.
        """
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self._database.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                    raise
            time.sleep(0.01)

    def _version(self) -> int:
        return int(self._database.execute("PRAGMA user_version").fetchone()[0])

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._faults():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._database.execute("ROLLBACK")
                raise

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
