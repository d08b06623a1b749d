"""The store: content-addressed blocks, written whole or not at all, and an index that can be rebuilt.

    STORE/objects/ab/cdef..   a block, named by the SHA-256 of its bytes
    STORE/quarantine/         objects whose bytes no longer match their name
    STORE/index.sqlite        exact key of a unit -> (block, slot); derived from the objects

Any number of processes may use one store.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from auditor.digest import Digest, digest_bytes
from auditor.errors import ExecutionError
from auditor.execute.block import Block, block_bytes, parse_block
from auditor.execute.whole_file import write_whole

FORMAT = 1
_LOOKUP = 500
_KEPT_BYTES = 64_000_000
_OBJECT = re.compile(r"[0-9a-f]{64}")


class Store:
    """Blocks by content, units by exact key."""

    def __init__(self, root: Path) -> None:
        """Open the store at `root`, making it where there is none.

        Raises:
            ExecutionError: the folder cannot be written, or the store is from a newer auditor.
        """
        self.root = root
        self._blocks: OrderedDict[Digest, Block] = OrderedDict()
        self._held = 0
        try:
            (root / "objects").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ExecutionError(f"the store {root} cannot be written: {error.strerror}") from None
        with self._index_faults():
            self._index = sqlite3.connect(root / "index.sqlite", timeout=60)
        try:
            with self._index_faults():
                self._prepare()
        except BaseException:
            self._index.close()
            raise

    def put(self, block: Block) -> Digest:
        """Keep a block; when this returns, it survives a crash."""
        data = block_bytes(block)
        digest = digest_bytes(data)
        path = self._path(digest)
        if not path.exists():
            write_whole(path, data)
        with self._index_faults():
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
            with self._index_faults():
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
        except OSError:
            data = b""  # As on a bad sector: no less damaged than a flipped byte.
        if digest_bytes(data) != digest:
            quarantine = self.root / "quarantine"
            quarantine.mkdir(exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                os.replace(path, quarantine / digest)
            self._forget(digest)
            return None
        block = parse_block(data)
        self._blocks[digest] = block
        self._held += len(data)
        while self._held > _KEPT_BYTES and len(self._blocks) > 1:
            _, let_go = self._blocks.popitem(last=False)
            self._held -= len(block_bytes(let_go))
        return block

    def rebuild_index(self) -> int:
        """Read every object and index its units anew; how many blocks were found."""
        count = 0
        with self._index_faults():
            # Not valid until it is whole: a rebuilding that was cut short is done again at the next opening.
            self._index.execute("PRAGMA user_version=0")
            self._index.execute("DELETE FROM units")
            for digest in self._digests():
                block = self.block(digest)
                if block is not None:
                    self._remember(block, digest)
                    count += 1
            self._index.execute(f"PRAGMA user_version={FORMAT}")
            self._index.commit()
        return count

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()

    def _prepare(self) -> None:
        found = self._index.execute("PRAGMA user_version").fetchone()[0]
        if found > FORMAT:
            raise ExecutionError(
                f"the store {self.root} was written by a newer auditor (format {found}, this one reads {FORMAT}); "
                "upgrade auditor, or name another store with --store"
            )
        self._index.execute("PRAGMA journal_mode=WAL")
        self._index.execute("PRAGMA synchronous=NORMAL")
        if found < FORMAT:
            self._index.execute(
                "CREATE TABLE IF NOT EXISTS units (key BLOB PRIMARY KEY, block BLOB, slot INTEGER) WITHOUT ROWID"
            )
            self.rebuild_index()

    @contextlib.contextmanager
    def _index_faults(self) -> Iterator[None]:
        """Faults of the index as what they mean to a user."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise ExecutionError(
                f"the index of the store {self.root} cannot be used ({error}); what was finished before is kept, "
                "see that the disk has room and may be written, and run the same command again"
            ) from None
        except sqlite3.DatabaseError as error:
            raise ExecutionError(
                f"the index of the store {self.root} cannot be read ({error}); delete {self.root / 'index.sqlite'}: "
                "it is rebuilt from the objects"
            ) from None

    def _remember(self, block: Block, digest: Digest) -> None:
        self._index.executemany(
            "INSERT OR REPLACE INTO units VALUES (?, ?, ?)",
            [(bytes.fromhex(key), bytes.fromhex(digest), slot) for slot, key in enumerate(block.keys)],
        )

    def _forget(self, digest: Digest) -> None:
        with self._index_faults():
            self._index.execute("DELETE FROM units WHERE block = ?", (bytes.fromhex(digest),))
            self._index.commit()

    def _path(self, digest: Digest) -> Path:
        return self.root / "objects" / digest[:2] / digest[2:]

    def _digests(self) -> Iterator[Digest]:
        """The names of all objects in order; unfinished and foreign files are passed over."""
        for path in sorted((self.root / "objects").glob("??/*")):
            if _OBJECT.fullmatch(path.parent.name + path.name):
                yield path.parent.name + path.name
