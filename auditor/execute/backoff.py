"""Backing off: where memory runs out, an op's batch is halved, and all of its units are made in the smaller size.

The size is part of the exact key, so what was made in the larger one is kept and no longer used. A resumed
run begins with the sizes that its journal names, and so gives the same answers.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace

from auditor.digest import Digest
from auditor.errors import ExecutionError
from auditor.execute.groups import Group, listed, name_of
from auditor.execute.journal import Journal
from auditor.execute.kernels import Resources
from auditor.execute.numerics import Numerics
from auditor.execute.out_of_memory import OutOfMemory

EVENT = "backoff"
"""The journal's name for a halving."""


@dataclass(frozen=True)
class Backoff:
    """One halving of an op's batch.

    Attributes:
        op: digest of the op.
        name: the model or generator, as the document calls it.
        numerics: digest of the class that was declared.
        batch_before: units computed together before, which did not fit.
        batch_after: units computed together from then on.
    """

    op: Digest
    name: str
    numerics: Digest
    batch_before: int
    batch_after: int


def back_off(
    numerics: Numerics, group: Group, resources: Resources, error: OutOfMemory
) -> tuple[Numerics, tuple[Backoff, ...]]:
    """The class in which every op of the group has batches of half the size, and what was halved.

    Raises:
        ExecutionError: not even one unit fits.
    """
    before = numerics.batch_of(group.ops[0])
    names = [name_of(op, resources) for op in group.ops]
    if before == 1:
        raise ExecutionError(
            f"`{listed(names)}` runs out of memory even with one unit at a time: run the "
            "same command again where there is more memory, or with fewer --workers"
        ) from error
    halvings = tuple(
        Backoff(op.digest, name, _declared(numerics), before, before // 2)
        for op, name in zip(group.ops, names, strict=True)
    )
    for each in halvings:
        numerics = numerics.lower(each.op, each.batch_after)
    return numerics, halvings


def earlier_backoffs(numerics: Numerics, journal: Journal) -> tuple[Numerics, tuple[Backoff, ...]]:
    """The class with the halvings of earlier runs under it that the journal names, and those halvings."""
    declared = _declared(numerics)
    fields = [field.name for field in dataclasses.fields(Backoff)]
    records = [{name: record[name] for name in fields} for record in journal.events(EVENT)]
    found = tuple(Backoff(**record) for record in records if record["numerics"] == declared)
    for each in found:
        numerics = numerics.lower(each.op, each.batch_after)
    return numerics, found


def _declared(numerics: Numerics) -> Digest:
    """What a class is before anything was decided in it: by this a resumed run knows its own halvings."""
    return replace(numerics, profile="", lowered=(), compiled=()).digest
