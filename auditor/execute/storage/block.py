"""Blocks: the outputs of one micro-batch as bytes that say themselves what they are.

A block is one line of canonical JSON (its op, the class it was computed under, the key and the
meaning of each unit, where each output starts, which are invalid and why) followed by the outputs:
PNG files, or rows of float32. From blocks alone the index of a store can be rebuilt, by exact key and by meaning.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from auditor.digest import KEY_BYTES
from auditor.errors import InternalError
from auditor.execute.op_class import OpClass
from auditor.pictures import decode_png, png_bytes
from auditor.plan import Op

FORMAT = 2
Output = np.ndarray | str
"""A picture (height, width, 3) uint8, a row of float32 scores, or the reason why there is none."""


class OtherFormat(ValueError):
    """A block that another version of auditor wrote; `found` is its format."""

    def __init__(self, found: int) -> None:
        super().__init__(f"block format {found}, this auditor reads {FORMAT}")
        self.found = found


@dataclass(frozen=True)
class Block:
    """The outputs of one micro-batch.

    Attributes:
        makes: pictures or scores.
        op: what was done.
        op_class: the class it was computed under.
        keys: exact key of each unit, hexadecimal.
        rows: the row of each unit as the plan has it, hexadecimal; operands by their semantic keys.
        invalid: reason of each slot that has no output.
        offsets: where each slot's bytes start in `payload`, and where the last ends.
        payload: the outputs' bytes.
    """

    makes: Literal["image", "scores"]
    op: Op
    op_class: OpClass
    keys: tuple[str, ...]
    rows: tuple[str, ...]
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

    def exact_keys(self) -> np.ndarray:
        """Exact key of each unit, (n, 32) uint8."""
        return np.frombuffer(bytes.fromhex("".join(self.keys)), np.uint8).reshape(len(self.keys), KEY_BYTES)

    def meanings(self) -> np.ndarray:
        """The row of each unit, (n, width) uint8."""
        return np.frombuffer(bytes.fromhex("".join(self.rows)), np.uint8).reshape(len(self.rows), -1)


def make_block(op: Op, op_class: OpClass, keys: Sequence[str], rows: Sequence[str], outputs: Sequence[Output]) -> Block:
    """Pack outputs; keys, rows and outputs in one order, at least one."""
    if not len(keys) == len(rows) == len(outputs) > 0:
        raise InternalError(f"a block of {len(keys)} keys and {len(rows)} rows got {len(outputs)} outputs")
    makes = op.shape.makes
    parts, offsets, invalid = [], [0], {}
    for slot, output in enumerate(outputs):
        if isinstance(output, str):
            invalid[slot] = output
            parts.append(b"")
        else:
            parts.append(png_bytes(output) if makes == "image" else output.astype("<f4").tobytes())
        offsets.append(offsets[-1] + len(parts[-1]))
    return Block(makes, op, op_class, tuple(keys), tuple(rows), invalid, tuple(offsets), b"".join(parts))


def block_bytes(block: Block) -> bytes:
    """The block as it is stored; equal blocks have equal bytes."""
    op = block.op
    header = {
        "auditor_block": FORMAT,
        "makes": block.makes,
        "op": {"kind": op.kind, "revision": op.revision, "parameters": json.loads(op.parameters)},
        "class": block.op_class.parts,
        "keys": block.keys,
        "rows": block.rows,
        "invalid": {str(slot): reason for slot, reason in block.invalid.items()},
        "offsets": block.offsets,
    }
    return json.dumps(header, sort_keys=True, separators=(",", ":")).encode() + b"\n" + block.payload


def invalid_slots(head: bytes) -> Mapping[int, str]:
    """Which slots have no output and why, from the first line of a block; ValueError where it is none."""
    try:
        return {int(slot): str(reason) for slot, reason in json.loads(head)["invalid"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no block of auditor: {error}") from None


def parse_block(data: bytes) -> Block:
    """Read what `block_bytes` wrote.

    Raises:
        OtherFormat: another version of auditor wrote it.
        ValueError: it is no block.
    """
    line, _, payload = data.partition(b"\n")
    try:
        header = json.loads(line)
        if header["auditor_block"] != FORMAT:
            raise OtherFormat(int(header["auditor_block"]))
        op = header["op"]
        return Block(
            header["makes"],
            Op(op["kind"], op["revision"], json.dumps(op["parameters"], sort_keys=True, separators=(",", ":"))),
            OpClass.of(**header["class"]),
            tuple(header["keys"]),
            tuple(header["rows"]),
            {int(slot): reason for slot, reason in header["invalid"].items()},
            tuple(header["offsets"]),
            payload,
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"no block of auditor: {error}") from None
