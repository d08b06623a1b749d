"""The journal of a run: an append-only chain of hashes, one record for each finished micro-batch.

Each line is canonical JSON with the SHA-256 of the line before it, so that a record cannot be
changed, dropped or moved without breaking the chain; the last one is guarded by the head, which
stands in `run.json`. Only the last line may be torn by a crash.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any

from auditor.digest import Digest, digest_bytes
from auditor.errors import VerificationError
from auditor.execute.storage.whole_file import unwritable, write_all

START: Digest = "0" * 64


class Journal:
    """The open journal of a run folder."""

    def __init__(self, path: Path, ended: tuple[int, Digest] = (0, START)) -> None:
        """Open or make the journal at `path`; a torn last line is cut off.

        `ended`: number of records, and hash of the last, when the last run ended.

        Raises:
            VerificationError: the chain is broken elsewhere, which no crash does, or is not the one that ended so.
            ExecutionError: the file cannot be written.
        """
        try:
            self._path = path
            self._whole, self.records, self.head = read_chain(path, ended)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab", buffering=0)
            self._file.truncate(self._whole)
        except OSError as error:
            raise unwritable(f"the journal {path}", error) from None

    def append(self, event: str, **values: object) -> None:
        """Add a record and make sure that it is on the disk."""
        record = {"seq": self.records, "prev": self.head, "event": event, **values}
        line = json.dumps(record, sort_keys=True, separators=(",", ":")).encode()
        try:
            write_all(self._file.fileno(), line + b"\n")
            os.fsync(self._file.fileno())
        except OSError as error:
            with contextlib.suppress(OSError):
                self._file.truncate(self._whole)  # No later record may follow a torn one.
            raise unwritable("the journal", error) from None
        self.records += 1
        self._whole += len(line) + 1
        self.head = digest_bytes(line)

    def events(self, event: str) -> list[dict[str, Any]]:
        """The records of one kind of event, oldest first."""
        records = (json.loads(line) for line in self._path.read_bytes().splitlines())
        return [record for record in records if record["event"] == event]

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def read_chain(path: Path, ended: tuple[int, Digest] = (0, START)) -> tuple[int, int, Digest]:
    """Check a journal: bytes in whole records, number of records, and the hash of the last.

    `ended`: how many records it had at some time, and the hash of the last of them.

    Raises:
        VerificationError: a record does not follow from the one before it, or the journal did not end like that.
    """
    whole, head, number = 0, START, 0
    held = {0: START}
    for line in path.read_bytes().split(b"\n")[:-1] if path.exists() else ():
        try:
            record = json.loads(line)
            if record["prev"] != head or record["seq"] != number:
                raise ValueError
        except (ValueError, KeyError, TypeError):
            raise VerificationError(
                f"{path}: record {number + 1} does not follow from the one before it; the journal was changed. "
                "Restore it, or run the audit into a new folder with --out"
            ) from None
        head, number, whole = digest_bytes(line), number + 1, whole + len(line) + 1
        held[number] = head
    if held.get(ended[0]) != ended[1]:
        raise VerificationError(
            f"{path}: when the last run ended the journal had {ended[0]} records, and it does not "
            "begin with those; the journal was changed. Restore it, or run the audit into a new folder with --out"
        )
    return whole, number, head
