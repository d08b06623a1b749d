"""Writing a file so that after a crash all of it is there or none."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path

from auditor.errors import ExecutionError

PART = ".part-"
"""How the names of unfinished files begin; whoever lists a folder passes over them."""


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that after a crash all of it is there or none.

    Raises:
        ExecutionError: the disk is full or cannot be written; what was there before stays.
    """
    part = path.parent / f"{PART}{secrets.token_hex(8)}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # The permissions of any new file, where `tempfile` would let nobody else read evidence.
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            with os.fdopen(handle, "wb", buffering=0) as file:
                write_all(file.fileno(), data)
                os.fsync(file.fileno())
            os.replace(part, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(part)
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise unwritable(str(path), error) from None


class Unwritable(ExecutionError):
    """Something may not be written by whoever runs auditor, or lies on a disk that is read-only."""


def unwritable(what: str, error: OSError) -> ExecutionError:
    """What is said where `what` cannot be written, and what to do about it.

    >>> print(unwritable("result.json", OSError(errno.ENOSPC, "No space left on device")))
    result.json cannot be written: No space left on device; what was finished before is kept, make room and run the \
same command again
    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        way_out = "make room"
    elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        way_out = "make it writable, or name another place,"
    else:
        way_out = "see that the disk works"
    kind = Unwritable if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM) else ExecutionError
    return kind(
        f"{what} cannot be written: {error.strerror}; what was finished before is kept, "
        f"{way_out} and run the same command again"
    )


def clear_unfinished(folder: Path) -> None:
    """Delete what killed writers left in a folder; nobody else may be writing there."""
    for part in folder.glob(f"{PART}*"):
        with contextlib.suppress(OSError):
            part.unlink()


def write_all(handle: int, data: bytes) -> None:
    """Write every byte; the system may take fewer at a time, as on a disk that is almost full."""
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
