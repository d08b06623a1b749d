"""The index of a store: which unit is in which block. Derived from the blocks, and rebuilt where it is not whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from auditor.digest import KEY_BYTES, Digest, row_keys
from auditor.execute.op_class import OpClass
from auditor.execute.storage.block import Block
from auditor.execute.storage.index_database import VERSION, IndexDatabase
from auditor.execute.storage.places import Candidates, Held, Places
from auditor.plan import Op

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


class UnitIndex:
    """Units by exact key and by meaning."""

    def __init__(self, path: Path, *, look: bool = False) -> None:
        """Open the index as `IndexDatabase` does; `stale` says whether it must be rebuilt."""
        self._database = IndexDatabase(path, look=look)

    @property
    def stale(self) -> bool:
        """Whether it is not whole, or of another version."""
        return self._database.version() != VERSION

    def add(self, block: Block, digest: Digest, size: int) -> None:
        """Enter the units of a block; what stood under their keys is replaced."""
        with self._database.transaction():
            self._add(block, digest, size)

    def rebuild(self, blocks: Iterable[tuple[Block, Digest, int]], *, only_stale: bool) -> int:
        """Enter these blocks and nothing else, all or none of them; how many there were.

        With `only_stale`, nothing is done where another process has rebuilt it in the meantime.
        """
        count = 0
        with self._database.transaction():
            if only_stale and self._database.version() == VERSION:
                return 0
            for table in ("units", "blocks", "classes", "ops"):
                self._database.execute(f"DROP TABLE IF EXISTS {table}")
            for statement in _SCHEMA.split(";"):
                self._database.execute(statement)
            for block, digest, size in blocks:
                self._add(block, digest, size)
                count += 1
            self._database.execute(f"PRAGMA user_version={VERSION}")
        return count

    def forget(self, digests: Iterable[Digest]) -> None:
        """Drop the units of blocks that are gone."""
        names = [(bytes.fromhex(digest),) for digest in digests]
        with self._database.transaction():
            self._database.execute_many(
                "DELETE FROM units WHERE block = (SELECT id FROM blocks WHERE digest = ?)", names
            )
            self._database.execute_many("DELETE FROM blocks WHERE digest = ?", names)

    def locate(self, keys: np.ndarray) -> Places:
        """Where the output of each exact key is, (n, 32) uint8."""
        columns = "SELECT key, block, slot, invalid FROM units"
        found = {key: rest for key, *rest in self._database.rows_among(columns, "key", _bytes_of(keys))}
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
        rows = list(self._database.rows_among(select, "semantic", _bytes_of(keys)))
        names, digests = self._blocks(row[3] for row in rows)
        classes = {number: place for place, number in enumerate(sorted({row[2] for row in rows}))}
        texts = self._class_texts()
        columns = [(numbers[row[0]], classes[row[2]], names[row[3]], row[4]) for row in rows]
        unit, op_class, block, slot = np.array(columns, np.int64).reshape(-1, 4).T
        exact = np.frombuffer(b"".join(row[1] for row in rows), np.uint8).reshape(-1, KEY_BYTES)
        invalid = {number: row[5] for number, row in enumerate(rows) if row[5] is not None}
        return Candidates(
            unit, exact, op_class, block, slot, tuple(OpClass(texts[i]) for i in classes), digests, invalid
        )

    def ops(self) -> tuple[Op, ...]:
        """Every op of which a unit is stored, by digest."""
        found = self._database.rows(
            "SELECT kind, revision, parameters FROM ops WHERE id IN (SELECT op FROM blocks) ORDER BY digest"
        )
        return tuple(Op(*columns) for columns in found)

    def rows_of(self, op: Op) -> np.ndarray:
        """The rows of everything that is stored of an op, under whatever class, (m, width) uint8."""
        found = self._database.rows(
            "SELECT row FROM units JOIN blocks ON blocks.id = block JOIN ops ON ops.id = op WHERE ops.digest = ?",
            (bytes.fromhex(op.digest),),
        )
        width = sum(size for _, size in op.shape.columns)
        return np.frombuffer(b"".join(row for (row,) in found), np.uint8).reshape(-1, width)

    def classes_of(self, digests: Iterable[Digest]) -> tuple[OpClass, ...]:
        """The classes that these blocks were computed under, by digest."""
        wanted = [bytes.fromhex(digest) for digest in digests]
        found = self._database.rows_among("SELECT DISTINCT class FROM blocks", "digest", wanted)
        numbers, texts = {number for (number,) in found}, self._class_texts()
        return tuple(sorted((OpClass(texts[number]) for number in numbers), key=lambda one: one.digest))

    def sizes(self) -> dict[Digest, int]:
        """The size of every block, in bytes."""
        found = self._database.rows("SELECT digest, bytes FROM blocks ORDER BY digest")
        return {digest.hex(): size for digest, size in found}

    def held(self) -> tuple[Held, ...]:
        """What is stored of each op under each class."""
        found = self._database.rows(
            """SELECT kind, revision, parameters, text, SUM(units), COUNT(*), SUM(bytes)
            FROM blocks JOIN ops ON ops.id = op JOIN classes ON classes.id = class
            JOIN (SELECT block, COUNT(*) AS units FROM units GROUP BY block) ON block = blocks.id
            GROUP BY op, class ORDER BY kind, ops.digest, text"""
        )
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
        self._database.execute_many(
            "INSERT OR REPLACE INTO units VALUES (?, ?, ?, ?, ?, ?)",
            [(key.tobytes(), semantic.tobytes(), row.tobytes(), number, slot, block.invalid.get(slot))
             for slot, (key, semantic, row) in enumerate(units)],
        )  # fmt: skip

    def _entry(self, table: str, columns: Sequence[str], values: Sequence[object]) -> int:
        """The number of a row of a small table, found by its first column or made."""
        found = self._database.rows(f"SELECT id FROM {table} WHERE {columns[0]} = ?", values[:1])
        if not found:
            marks = ",".join("?" * len(columns))
            made = self._database.execute(f"INSERT INTO {table} ({','.join(columns)}) VALUES ({marks})", values)
            return int(made.lastrowid or 0)
        return int(found[0][0])

    def _class_texts(self) -> dict[int, str]:
        """The text of each class, by its number."""
        return dict(self._database.rows("SELECT id, text FROM classes"))

    def _blocks(self, numbers: Iterable[int]) -> tuple[dict[int, int], tuple[Digest, ...]]:
        """Of the blocks with these numbers: the place of each among them, and their digests in that order."""
        distinct = sorted(set(numbers))
        found = self._database.rows_among("SELECT id, digest FROM blocks", "id", distinct)
        digests: dict[int, Digest] = {number: digest.hex() for number, digest in found}
        return {number: place for place, number in enumerate(distinct)}, tuple(digests[one] for one in distinct)


def _bytes_of(keys: np.ndarray) -> list[bytes]:
    return [key.tobytes() for key in keys]
