"""Reading input pictures where a micro-batch runs: from files, or from stored blocks."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from auditor.digest import Digest, digest_bytes
from auditor.errors import DataError, ExecutionError
from auditor.execute.storage.block import Block, Output, parse_block
from auditor.pictures import read_picture


@dataclass(frozen=True)
class PicturePlace:
    """Where a picture is: in a file, or in a slot of a block."""

    file: str = ""
    file_digest: Digest = ""
    block: Digest = ""
    slot: int = 0


class PictureReader:
    """Reads pictures, keeping the last blocks; checks every byte against its digest."""

    def __init__(self, store: Path, kept: int = 16) -> None:
        self._objects, self._kept = store / "objects", kept
        self._blocks: OrderedDict[Digest, Block] = OrderedDict()

    def read(self, place: PicturePlace) -> Output:
        """The picture (height, width, 3) uint8, or the reason why there is none.

        Raises:
            ExecutionError: a stored block is gone or damaged since the run began.
        """
        if place.file:
            return _from_file(Path(place.file), place.file_digest)
        if place.block not in self._blocks:
            path = self._objects / place.block[:2] / place.block[2:]
            try:
                data = path.read_bytes()
            except OSError:
                data = b""
            if digest_bytes(data) != place.block:
                raise ExecutionError(
                    f"the stored object {place.block[:12]} is gone or damaged; run the same command again: "
                    "it is found to be missing and made anew"
                )
            self._blocks[place.block] = parse_block(data)
            if len(self._blocks) > self._kept:
                self._blocks.popitem(last=False)
        return self._blocks[place.block].output(place.slot)


def _from_file(path: Path, expected: Digest) -> Output:
    # A file that is gone or changed is no property of the picture: an answer to that would be stored
    # under the picture's key for ever.
    try:
        found = digest_bytes(path.read_bytes())
    except OSError as error:
        raise ExecutionError(
            f"the picture {path} cannot be read: {error.strerror}; restore it and run the same command again"
        ) from None
    if found != expected:
        raise ExecutionError(
            f"the picture {path} changed while the audit ran; restore it, or run the same command again "
            "to audit it as it is now"
        )
    try:
        return read_picture(path)
    except DataError as error:
        return str(error)
