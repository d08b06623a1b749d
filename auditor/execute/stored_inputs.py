"""What a plan relies on in the store, looked at before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from auditor.digest import Digest, digest_bytes
from auditor.execute.schedule import ScheduledTable
from auditor.execute.storage.store import Store
from auditor.plan import positions_of


def all_there(tables: Sequence[ScheduledTable], store: Store) -> bool:
    """Whether every stored block that this plan relies on is sound; units of those that are not are forgotten.

    A plan relies on what is wanted, and on the inputs of what runs; nothing else is read. A block is read
    once by each opening of a store, however many rounds rely on it.
    """
    scores: set[Digest] = set()
    pictures = _inputs(tables)
    for table in tables:
        of_op = scores if table.table.op.shape.makes == "scores" else pictures
        of_op |= table.places.blocks_of(table.table.wanted)
    # Scores are kept in memory, since answers are read next. All are looked at, so that all damage is mended at once.
    found = [store.block(digest) is not None for digest in sorted(scores)]
    found += [store.sound(digest) for digest in sorted(pictures)]
    return all(found)


def _inputs(tables: Sequence[ScheduledTable]) -> set[Digest]:
    """The stored blocks that hold an input of a unit that runs."""
    found: set[Digest] = set()
    seen: set[Digest] = set()  # Many models score the same pictures, which are looked for once.
    for number, table in enumerate(tables):
        for operand in table.table.op.shape.operands if table.run.any() else ():
            inputs = table.table.column(operand)[table.run]
            same = digest_bytes(inputs.tobytes())
            if same in seen:
                continue
            seen.add(same)
            wanted = np.unique(inputs, axis=0)
            for source in tables[:number]:
                if source.table.op.shape.makes == "scores":
                    continue  # An input is a picture.
                at = positions_of(wanted, source.table.keys)
                found |= source.places.blocks_of(at[at >= 0])
    return found
