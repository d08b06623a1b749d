"""What `auditor cache` prints."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.cli.options import count_of, plain

if TYPE_CHECKING:
    from auditor.execute.storage.inspection import Removal, StoreInfo, Verified


def info_lines(where: Path, found: StoreInfo) -> list[str]:
    """What the store holds, for people."""
    lines = [f"{where}: {count_of(found.objects, 'object')}, {_size(found.bytes)}, format {found.format}"]
    if found.oldest is not None and found.newest is not None:
        lines.append(f"written from {_day(found.oldest)} to {_day(found.newest)}")
    if found.unused:
        lines.append(f"{count_of(found.unused, 'object')} without a unit: of an older format, or unknown to the index")
    if found.quarantined:
        lines.append(f"{count_of(found.quarantined, 'object')} in quarantine, {_size(found.quarantined_bytes)}")
    for held in found.held:
        op = f"{held.op.kind}, {_parts(json.loads(held.op.parameters))}"
        lines += [f"{op}: {count_of(held.units, 'unit')}, {_size(held.bytes)}", f"  {_parts(held.op_class.parts)}"]
    return lines


def info_as_json(found: StoreInfo) -> dict[str, object]:
    """What the store holds, for machines."""
    return {
        **asdict(found),
        "held": [
            {
                "op": {
                    "kind": held.op.kind,
                    "revision": held.op.revision,
                    "parameters": json.loads(held.op.parameters),
                },
                "class": dict(held.op_class.parts),
                "units": held.units,
                "blocks": held.blocks,
                "bytes": held.bytes,
            }
            for held in found.held
        ],
    }


def verified_lines(where: Path, found: Verified) -> list[str]:
    """What reading the whole store came to."""
    lines = [f"{where}: {count_of(found.objects, 'object')} read, {_size(found.bytes)} sound"]
    if found.entered:
        lines.append(f"{count_of(found.entered, 'block')} entered into the index, which did not know of them")
    damaged = "damaged, and left: the store may not be written" if found.looked else "damaged, now in "
    damaged += "" if found.looked else str(where / "quarantine")
    for names, what in ((found.damaged, damaged), (found.gone, "gone")):
        if names:
            lines.append(f"{count_of(len(names), 'object')} {what}:")
            lines += [f"  {digest}" for digest in names]
    if not found.sound:
        lines.append("the next run that needs their units makes them again")
    return lines


def removal_lines(where: Path, gone: Removal, done: bool) -> list[str]:
    """What went, or would go."""
    word = "removed" if done else "would go"
    lines = [f"{where}: {count_of(len(gone.removed), 'object')} {word}, {_size(gone.removed_bytes)}"]
    if gone.quarantined:
        size = _size(gone.quarantined_bytes)
        lines.append(f"{count_of(gone.quarantined, 'object')} in quarantine {word}, {size}")
    if gone.unfinished:
        lines.append(f"{count_of(gone.unfinished, 'unfinished file')} {word}")
    lines.append(f"{count_of(gone.kept, 'object')} kept, {_size(gone.kept_bytes)}")
    if not done and (gone.removed or gone.quarantined or gone.unfinished):
        lines.append("nothing was removed; to do it: the same command with --yes")
    return lines


def _parts(parts: Mapping[str, object]) -> str:
    """Names and values in a line; digests by their first 12 characters."""
    words = []
    for name, value in parts.items():
        if isinstance(value, dict):
            words.append(_parts(value))
        else:
            words.append(f"{name} {str(value)[:12] if len(str(value)) == 64 else value}")
    return plain(", ".join(words))


def _size(size: int) -> str:
    from auditor.run import megabytes

    return megabytes(size)


def _day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
