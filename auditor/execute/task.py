"""Tasks: one micro-batch of one op, or of several ops that one pass over the same inputs answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from auditor.execute.op_class import OpClass
from auditor.execute.picture_reader import PicturePlace
from auditor.execute.storage.block import Output, block_bytes, make_block
from auditor.plan import Op


@dataclass(frozen=True)
class Part:
    """The units of one op in a micro-batch.

    Attributes:
        op: the op.
        op_class: the class they are computed under.
        keys: exact key of each unit, hexadecimal.
        rows: its row as the plan has it, hexadecimal.
        slots: which entry of the micro-batch it is.
    """

    op: Op
    op_class: OpClass
    keys: tuple[str, ...]
    rows: tuple[str, ...]
    slots: tuple[int, ...]


@dataclass(frozen=True)
class Task:
    """One micro-batch: what a worker needs to compute and pack it.

    Attributes:
        parts: what is computed of its entries, by op.
        texts: of each payload column, the text of each entry.
        seeds: noise seeds, (size,) uint64; empty where the op has none.
        places: where each input picture is; empty where the op has no input.
        size: how many entries.
        numbers: of each column of numbers, that of each entry, (size,) float64.
        others: where the second input picture of each entry is; empty where the op has none.
    """

    parts: tuple[Part, ...]
    texts: Mapping[str, tuple[str, ...]]
    seeds: np.ndarray
    places: tuple[PicturePlace, ...]
    size: int
    numbers: Mapping[str, np.ndarray] = field(default_factory=dict)
    others: tuple[PicturePlace, ...] = ()

    @property
    def ops(self) -> tuple[Op, ...]:
        """The ops that one pass answers."""
        return tuple(part.op for part in self.parts)


@dataclass(frozen=True)
class Probe:
    """A task to be probed before it, or any other of its ops, is computed."""

    task: Task


@dataclass(frozen=True)
class Opening:
    """Models to be opened, to see that they can be; nothing is kept of it.

    Attributes:
        ops: the ops that one pass over pictures answers.
        places: pictures of the data set, which they score; where there are none, they are loaded alone.
    """

    ops: tuple[Op, ...]
    places: tuple[PicturePlace, ...]


@dataclass(frozen=True)
class Findings:
    """What a probe found.

    Attributes:
        ops: the ops that were probed.
        equal: of each check that was made, whether all bits were equal; checks that follow from others are left out.
    """

    ops: tuple[Op, ...]
    equal: Mapping[str, bool]


Job = Task | Probe | Opening
Packed = tuple[bytes, ...]
"""The blocks of a computed task, a block for each of its ops."""


def jobs_of(tasks: Iterator[Task], probed: bool) -> Iterator[Job]:
    """The tasks, and before them, where it is wanted, a probe of the first."""
    first = next(tasks)
    if probed:
        yield Probe(first)
    yield first
    yield from tasks


def pack(task: Task, outputs: Sequence[Sequence[Output]]) -> Packed:
    """The blocks of a task, of whose ops these are the outputs of every entry."""
    return tuple(
        block_bytes(make_block(part.op, part.op_class, part.keys, part.rows, [found[slot] for slot in part.slots]))
        for part, found in zip(task.parts, outputs, strict=True)
        if part.slots
    )
