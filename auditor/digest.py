"""Canonical encoding and keys: equal meaning, equal digest.

A digest is SHA-256 over RFC 8785 canonical JSON, over bytes, or over the files of a folder.
Integers above 2**53 are refused by the encoding; pass such seeds as strings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import rfc8785

if TYPE_CHECKING:
    import numpy as np

Digest = str
"""64 hexadecimal characters of a SHA-256."""

FileDigests = tuple[tuple[str, Digest], ...]
"""Names of files and the SHA-256 of each, in the order of the names."""

KEY_BYTES = 32


def digest_bytes(data: bytes) -> Digest:
    """SHA-256 of `data`.

    >>> digest_bytes(b"")[:12]
    'e3b0c44298fc'
    """
    return hashlib.sha256(data).hexdigest()


def digest_value(value: object) -> Digest:
    """SHA-256 of a JSON value in canonical form: the order of keys does not matter.

    >>> digest_value({"a": 1, "b": 2}) == digest_value({"b": 2, "a": 1})
    True
    """
    return digest_bytes(rfc8785.dumps(value))  # type: ignore[arg-type]


def digest_file(path: Path) -> Digest:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digests_in(folder: Path, names: Iterable[str]) -> FileDigests:
    """The digest of each of the files `names` below `folder`, by relative name."""
    return tuple((name, digest_file(folder / name)) for name in sorted(names))


def digest_files(files: FileDigests) -> Digest:
    """SHA-256 over (name, digest) of files: one digest for all of them.

    >>> digest_files((("a", "1"), ("b", "2"))) == digest_value([["a", "1"], ["b", "2"]])
    True
    """
    return digest_value([list(file) for file in files])


def row_keys(header: Digest, rows: np.ndarray) -> np.ndarray:
    """SHA-256 of `header` and each fixed-width row: (n, width) uint8 -> (n, 32) uint8."""
    import numpy as np

    prefix = hashlib.sha256(bytes.fromhex(header))
    data, width = np.ascontiguousarray(rows).tobytes(), rows.shape[1]
    keys = []
    for start in range(0, len(data), width):
        key = prefix.copy()
        key.update(data[start : start + width])
        keys.append(key.digest())
    return np.frombuffer(b"".join(keys), np.uint8).reshape(len(rows), KEY_BYTES)
