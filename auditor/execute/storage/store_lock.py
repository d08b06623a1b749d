"""Who may use a store: all who read and write together, or one who removes from it alone.

A lock of the operating system on `STORE/lock` (`flock`): shared or exclusive, and let go when its
process ends, however it ends. The lock files of `filelock` are exclusive only, or written beside the
process and left behind by `kill -9`.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from auditor.errors import ExecutionError, UsageError
from auditor.execute.storage.whole_file import unwritable

PATIENCE = 30.0
"""Seconds to wait for somebody who is removing from the store."""


class StoreLock:
    """Holds a store until it is closed."""

    def __init__(self, root: Path, *, alone: bool, look: bool = False, patience: float = PATIENCE) -> None:
        """Hold the store at `root` with all who use it, or `alone`; to `look` at one that may not be written, as far
        as it has a lock that can be read.

        Raises:
            UsageError: it is to be held alone, and another process uses it.
            ExecutionError: somebody holds it alone for longer than `patience` seconds, or it cannot be written.
        """
        try:
            access = os.O_RDONLY if look else os.O_RDWR | os.O_CREAT
            self._handle = os.open(root / "lock", access | os.O_CLOEXEC, 0o666)
        except OSError as error:
            if look:
                self._handle = -1
                return
            raise unwritable(f"the store {root}", error) from None
        try:
            self._take(root, alone, patience)
        except BaseException:
            os.close(self._handle)
            raise

    def close(self) -> None:
        """Let the store go."""
        if self._handle >= 0:
            os.close(self._handle)

    def _take(self, root: Path, alone: bool, patience: float) -> None:
        until = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(self._handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if alone:
                    raise UsageError(
                        f"the store {root} is in use by another process; nothing was removed: wait until it has ended"
                    ) from None
                if time.monotonic() >= until:
                    raise ExecutionError(
                        f"`auditor cache gc` is removing from the store {root}; run the same command again when it "
                        "has ended"
                    ) from None
                time.sleep(0.1)
            except OSError as error:
                raise ExecutionError(f"the store {root} cannot be locked: {error.strerror}") from None
