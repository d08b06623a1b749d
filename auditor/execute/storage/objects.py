"""Objects: files named by the SHA-256 of their bytes, written whole or not at all, checked when they are read."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from auditor.digest import Digest, digest_bytes
from auditor.execute.storage.whole_file import PART, unwritable, write_whole

_OBJECT = re.compile(r"[0-9a-f]{64}")


class Objects:
    """The objects below one folder; those whose bytes no longer match their name go to quarantine."""

    def __init__(self, folder: Path, quarantine: Path, *, look: bool = False) -> None:
        """With `look` nothing is written: damaged objects stay where they are."""
        self._folder, self._quarantine, self._look = folder, quarantine, look

    def path(self, digest: Digest) -> Path:
        """Where the object of this name is, or would be."""
        return self._folder / digest[:2] / digest[2:]

    def write(self, data: bytes) -> Digest:
        """Keep these bytes; when this returns, they survive a crash.

        An object that is there already is read first: it may have been damaged, and then it is replaced.
        """
        digest = digest_bytes(data)
        path = self.path(digest)
        try:
            there = path.read_bytes() == data
        except OSError:
            there = False
        if not there:
            write_whole(path, data)
        return digest

    def read(self, digest: Digest) -> bytes | None:
        """The bytes of an object; None where it is gone or damaged, and then in quarantine now."""
        path = self.path(digest)
        try:
            data = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            data = b""  # As on a bad sector: no less damaged than a flipped byte.
        if digest_bytes(data) == digest:
            return data
        if self._look:
            return None
        try:
            self._quarantine.mkdir(exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                os.replace(path, self._quarantine / digest)
        except OSError as error:
            raise unwritable(f"{path} is damaged, and the quarantine {self._quarantine}", error) from None
        return None

    def remove(self, digest: Digest) -> None:
        """Remove an object, and its folder where it was the last there."""
        path = self.path(digest)
        path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            path.parent.rmdir()

    def digests(self) -> Iterator[Digest]:
        """The names of all objects in order; unfinished and foreign files are passed over."""
        for path in sorted(self._folder.glob("??/*")):
            if _OBJECT.fullmatch(path.parent.name + path.name):
                yield path.parent.name + path.name

    def listed(self) -> dict[Digest, tuple[int, float]]:
        """Of every object its bytes, and when it was written, in seconds since the epoch."""
        found = {}
        for digest in self.digests():
            with contextlib.suppress(OSError):
                status = self.path(digest).stat()
                found[digest] = status.st_size, status.st_mtime
        return found

    def quarantined(self) -> list[Path]:
        """The files in quarantine."""
        return sorted(path for path in self._quarantine.glob("*") if path.is_file())

    def unfinished(self) -> list[Path]:
        """What killed writers left, or what others write at this moment."""
        return sorted(self._folder.glob(f"??/{PART}*"))
