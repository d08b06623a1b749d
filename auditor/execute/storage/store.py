"""The store: content-addressed blocks, written whole or not at all, and an index that can be rebuilt.

    STORE/objects/ab/cdef..   a block, named by the SHA-256 of its bytes
    STORE/quarantine/         objects whose bytes no longer match their name
    STORE/index.sqlite        unit -> (block, slot), by exact key and by meaning; derived from the objects
    STORE/verdicts/           what probes found, see `verdicts`; STORE/timings/ holds what ops took
    STORE/lock                held by all who use the store together, or by one who removes from it alone

Any number of processes may use one store.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from auditor.digest import Digest
from auditor.errors import ExecutionError
from auditor.execute.op_class import OpClass
from auditor.execute.storage.block import FORMAT, Block, OtherFormat, block_bytes, invalid_slots, parse_block
from auditor.execute.storage.index_database import DamagedIndex, newer_store
from auditor.execute.storage.objects import Objects
from auditor.execute.storage.places import Candidates, Places
from auditor.execute.storage.store_lock import StoreLock
from auditor.execute.storage.unit_index import UnitIndex
from auditor.execute.storage.whole_file import Unwritable, unwritable
from auditor.plan import Op

_KEPT_BYTES = 64_000_000


class Store:
    """Blocks by content, units by exact key."""

    def __init__(self, root: Path, *, alone: bool = False, look: bool = False) -> None:
        """Open the store at `root`, making it where there is none; `alone` to remove from it, or only to `look` at one
        that may not be written.

        A store of an older format is opened too; of what it holds, nothing is found. A damaged index is set aside and
        rebuilt, which is said on stderr.

        Raises:
            ExecutionError: the folder cannot be written.
            UsageError: the store is from a newer auditor; or is to be held alone, and another process uses it.
        """
        self.root, self.look = root, look
        self._blocks: OrderedDict[Digest, tuple[Block, int]] = OrderedDict()
        self._sound: set[Digest] = set()
        self._held = 0
        try:
            if not look:
                (root / "objects").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(f"the store {root}", error) from None
        self.objects = Objects(root / "objects", root / "quarantine", look=look)
        with contextlib.ExitStack() as opened:
            lock = StoreLock(root, alone=alone, look=look)
            opened.callback(lock.close)
            try:
                self.index = UnitIndex(root / "index.sqlite", look=look)
            except DamagedIndex as error:
                print(str(error).replace("run the same command again: ", ""), file=sys.stderr)
                self.index = UnitIndex(root / "index.sqlite")
            opened.callback(self.index.close)
            if self.index.stale:
                self.index.rebuild(self._every_block(), only_stale=True)
            self._opened = opened.pop_all()

    @classmethod
    def to_look(cls, root: Path) -> Store:
        """The store at `root` for commands that add nothing to it: one that may not be written can be looked at."""
        try:
            return cls(root)
        except Unwritable:
            return cls(root, look=True)
        except ExecutionError:
            if os.access(root, os.W_OK):
                raise
            return cls(root, look=True)  # SQLite says in its own words that it may not write.

    def put(self, block: Block) -> Digest:
        """Keep a block; when this returns, it survives a crash."""
        data = block_bytes(block)
        digest = self.objects.write(data)
        self.index.add(block, digest, len(data))
        self._sound.add(digest)
        if block.makes == "scores":
            self._keep(digest, block, len(data))  # Answers are read next, and they are small.
        return digest

    def locate(self, keys: np.ndarray) -> Places:
        """Where the output of each exact key is, (n, 32) uint8."""
        return self.index.locate(keys)

    def of_meaning(self, keys: np.ndarray) -> Candidates:
        """What is stored of each semantic key, whatever the class, (n, 32) uint8, each once."""
        return self.index.of_meaning(keys)

    def classes_of(self, digests: Iterable[Digest]) -> tuple[OpClass, ...]:
        """The classes that these blocks were computed under, by digest."""
        return self.index.classes_of(digests)

    def ops(self) -> tuple[Op, ...]:
        """Every op of which a unit is stored, by digest."""
        return self.index.ops()

    def rows_of(self, op: Op) -> np.ndarray:
        """The rows of everything that is stored of an op, under whatever class, (m, width) uint8."""
        return self.index.rows_of(op)

    def block(self, digest: Digest) -> Block | None:
        """A block, its bytes checked against its name; None where it is gone or damaged.

        A damaged block is moved to quarantine and its units forgotten, so that they are made again.
        """
        if digest in self._blocks:
            self._blocks.move_to_end(digest)
            return self._blocks[digest][0]
        data = self.objects.read(digest)
        if data is None:
            self._forget(digest)
            return None
        self._sound.add(digest)
        self._keep(digest, parse_block(data), len(data))
        return self._blocks[digest][0]

    def invalid(self, digest: Digest) -> Mapping[int, str]:
        """Why slots of a block have no output, from its first line, whose bytes are not checked; empty where the block
        is gone or damaged. It is good for counting: whatever is answered is read by `block`."""
        if digest in self._blocks:
            return self._blocks[digest][0].invalid
        try:
            with self.objects.path(digest).open("rb") as file:
                return invalid_slots(file.readline())
        except (OSError, ValueError):
            return {}

    def sound(self, digest: Digest) -> bool:
        """Whether a block is there with the bytes that its name says; read once by each opening of a store.

        As with `block`, the units of one that is not are forgotten.
        """
        if digest not in self._sound:
            if self.objects.read(digest) is None:
                self._forget(digest)
                return False
            self._sound.add(digest)
        return True

    def enter(self, digest: Digest, data: bytes) -> bool:
        """Index a sound object that is there already; False where it is no block of this format."""
        try:
            block = parse_block(data)
        except ValueError:
            return False
        self.index.add(block, digest, len(data))
        return True

    def rebuild_index(self) -> int:
        """Read every object and index its units anew; how many blocks were found."""
        return self.index.rebuild(self._every_block(), only_stale=False)

    def close(self) -> None:
        """Let go of the index, and of the store."""
        self._opened.close()

    def _keep(self, digest: Digest, block: Block, size: int) -> None:
        """Keep a block in memory, and let those go that were used least lately."""
        self._held -= self._blocks.pop(digest, (block, 0))[1]
        self._blocks[digest] = block, size
        self._held += size
        while self._held > _KEPT_BYTES and len(self._blocks) > 1:
            _, (_, size) = self._blocks.popitem(last=False)
            self._held -= size

    def _forget(self, digest: Digest) -> None:
        self._sound.discard(digest)
        if not self.look:
            self.index.forget([digest])

    def _every_block(self) -> Iterator[tuple[Block, Digest, int]]:
        """Every sound block of this format, with its digest and size."""
        for digest in self.objects.digests():
            data = self.objects.read(digest)
            if data is None:
                continue
            try:
                yield parse_block(data), digest, len(data)
            except OtherFormat as other:
                if other.found > FORMAT:
                    raise newer_store(self.root, other.found) from None
            except ValueError:
                continue  # Named by its bytes, but nothing of ours.
