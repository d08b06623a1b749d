"""Blocks: the outputs of one micro-batch as bytes that say themselves what they are.

A block is one line of canonical JSON (kind, op, keys, where each output starts, which are
invalid and why) followed by the outputs: PNG files, or rows of float32.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from auditor.digest import Digest
from auditor.errors import InternalError
from auditor.pictures import decode_png, png_bytes

FORMAT = 1
Output = np.ndarray | str
"""A picture (height, width, 3) uint8, a row of float32 scores, or the reason why there is none."""


@dataclass(frozen=True)
class Block:
    """The outputs of one micro-batch.

    Attributes:
        makes: pictures or scores.
        op: digest of the op.
        numerics: digest of the numerics class.
        keys: exact key of each unit, hexadecimal.
        invalid: reason of each slot that has no output.
        offsets: where each slot's bytes start in `payload`, and where the last ends.
        payload: the outputs' bytes.
    """

    makes: Literal["image", "scores"]
    op: Digest
    numerics: Digest
    keys: tuple[str, ...]
    invalid: Mapping[int, str]
    offsets: tuple[int, ...]
    payload: bytes

    def output(self, slot: int) -> Output:
        """The output in a slot, or the reason why there is none."""
        if slot in self.invalid:
            return self.invalid[slot]
        data = self.slot_bytes(slot)
        return decode_png(data) if self.makes == "image" else np.frombuffer(data, "<f4").copy()

    def slot_bytes(self, slot: int) -> bytes:
        """The stored bytes of a slot: a PNG file, or float32 scores; empty where invalid."""
        return self.payload[self.offsets[slot] : self.offsets[slot + 1]]


def make_block(
    makes: Literal["image", "scores"], op: Digest, numerics: Digest, keys: Sequence[str], outputs: Sequence[Output]
) -> Block:
    """Pack outputs; keys and outputs in one order."""
    if len(keys) != len(outputs):
        raise InternalError(f"a block of {len(keys)} keys got {len(outputs)} outputs")
    parts, offsets, invalid = [], [0], {}
    for slot, output in enumerate(outputs):
        if isinstance(output, str):
            invalid[slot] = output
            parts.append(b"")
        else:
            parts.append(png_bytes(output) if makes == "image" else output.astype("<f4").tobytes())
        offsets.append(offsets[-1] + len(parts[-1]))
    return Block(makes, op, numerics, tuple(keys), invalid, tuple(offsets), b"".join(parts))


def block_bytes(block: Block) -> bytes:
    """The block as it is stored; equal blocks have equal bytes."""
    header = {
        "auditor_block": FORMAT,
        "makes": block.makes,
        "op": block.op,
        "numerics": block.numerics,
        "keys": list(block.keys),
        "invalid": {str(slot): reason for slot, reason in block.invalid.items()},
        "offsets": list(block.offsets),
    }
    return json.dumps(header, sort_keys=True, separators=(",", ":")).encode() + b"\n" + block.payload


def parse_block(data: bytes) -> Block:
    """Read what `block_bytes` wrote; ValueError where it did not."""
    line, _, payload = data.partition(b"\n")
    header = json.loads(line)
    if header.get("auditor_block") != FORMAT:
        raise ValueError(f"block format {header.get('auditor_block')!r}, this auditor reads {FORMAT}")
    return Block(
        header["makes"],
        header["op"],
        header["numerics"],
        tuple(header["keys"]),
        {int(slot): reason for slot, reason in header["invalid"].items()},
        tuple(header["offsets"]),
        payload,
    )
