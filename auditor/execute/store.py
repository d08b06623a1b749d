"""The store: content-addressed blocks, written whole or not at all, and an index that can be rebuilt.

    STORE/objects/ab/cdef..   a block, named by the SHA-256 of its bytes
    STORE/quarantine/         objects whose bytes no longer match their name
    STORE/index.sqlite        exact key of a unit -> (block, slot); derived from the objects

Any number of processes may use one store.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from auditor.digest import Digest, digest_bytes
from auditor.errors import ExecutionError
from auditor.execute.block import Block, block_bytes, parse_block

FORMAT = 1
_LOOKUP = 500
_KEPT_BLOCKS = 64


class Store:
    """Blocks by content, units by exact key."""

    def __init__(self, root: Path) -> None:
        """Open the store at `root`, making it where there is none.

        Raises:
            ExecutionError: the folder cannot be written, or the store is from a newer auditor.
        """
        self.root = root
        self._blocks: OrderedDict[Digest, Block] = OrderedDict()
        try:
            (root / "objects").mkdir(parents=True, exist_ok=True)
            fresh = not (root / "index.sqlite").exists()
            self._index = sqlite3.connect(root / "index.sqlite", timeout=60)
            self._index.execute("PRAGMA journal_mode=WAL")
            self._index.execute("PRAGMA synchronous=NORMAL")
            self._index.execute(
                "CREATE TABLE IF NOT EXISTS units (key BLOB PRIMARY KEY, block BLOB, slot INTEGER) WITHOUT ROWID"
            )
            found = self._index.execute("PRAGMA user_version").fetchone()[0]
            if found > FORMAT:
                raise ExecutionError(
                    f"the store {root} was written by a newer auditor (format {found}, this one reads {FORMAT}); "
                    "upgrade auditor, or name another store with --store"
                )
            self._index.execute(f"PRAGMA user_version={FORMAT}")
            self._index.commit()
        except sqlite3.DatabaseError as error:
            raise ExecutionError(
                f"the index of the store {root} cannot be read ({error}); delete {root / 'index.sqlite'}: "
                "it is rebuilt from the objects"
            ) from None
        except OSError as error:
            raise ExecutionError(f"the store {root} cannot be written: {error.strerror}") from None
        if fresh:
            self.rebuild_index()

    def put(self, block: Block) -> Digest:
        """Keep a block; when this returns, it survives a crash."""
        data = block_bytes(block)
        digest = digest_bytes(data)
        path = self._path(digest)
        if not path.exists():
            write_whole(path, data)
        self._remember(block, digest)
        self._index.commit()
        return digest

    def locate(self, keys: np.ndarray) -> list[tuple[Digest, int] | None]:
        """Where the output of each exact key is, (n, 32) uint8; None where it is not stored."""
        wanted = [key.tobytes() for key in keys]
        found: dict[bytes, tuple[Digest, int]] = {}
        for start in range(0, len(wanted), _LOOKUP):
            part = wanted[start : start + _LOOKUP]
            marks = ",".join("?" * len(part))
            for key, block, slot in self._index.execute(
                f"SELECT key, block, slot FROM units WHERE key IN ({marks})", part
            ):
                found[key] = (block.hex(), slot)
        return [found.get(key) for key in wanted]

    def block(self, digest: Digest) -> Block | None:
        """A block, its bytes checked against its name; None where it is gone or damaged.

        A damaged block is moved to quarantine and its units forgotten, so that they are made again.
        """
        if digest in self._blocks:
            self._blocks.move_to_end(digest)
            return self._blocks[digest]
        path = self._path(digest)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            self._forget(digest)
            return None
        if digest_bytes(data) != digest:
            quarantine = self.root / "quarantine"
            quarantine.mkdir(exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                os.replace(path, quarantine / digest)
            self._forget(digest)
            return None
        block = parse_block(data)
        self._blocks[digest] = block
        if len(self._blocks) > _KEPT_BLOCKS:
            self._blocks.popitem(last=False)
        return block

    def rebuild_index(self) -> int:
        """Read every object and index its units anew; how many blocks were found."""
        self._index.execute("DELETE FROM units")
        count = 0
        for digest in self._digests():
            block = self.block(digest)
            if block is not None:
                self._remember(block, digest)
                count += 1
        self._index.commit()
        return count

    def close(self) -> None:
        self._index.close()

    def _remember(self, block: Block, digest: Digest) -> None:
        self._index.executemany(
            "INSERT OR REPLACE INTO units VALUES (?, ?, ?)",
            [(bytes.fromhex(key), bytes.fromhex(digest), slot) for slot, key in enumerate(block.keys)],
        )

    def _forget(self, digest: Digest) -> None:
        self._blocks.pop(digest, None)
        self._index.execute("DELETE FROM units WHERE block = ?", (bytes.fromhex(digest),))
        self._index.commit()

    def _path(self, digest: Digest) -> Path:
        return self.root / "objects" / digest[:2] / digest[2:]

    def _digests(self) -> Iterator[Digest]:
        for folder in sorted((self.root / "objects").iterdir()):
            for path in sorted(folder.iterdir()):
                if not path.name.startswith("."):
                    yield folder.name + path.name


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that after a crash all of it is there or none.

    Raises:
        ExecutionError: the disk is full or cannot be written; what was there before stays.
    """
    part = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise ExecutionError(
            f"{path} cannot be written: {error.strerror}; what was finished before is kept, "
            "make room and run the same command again"
        ) from None
