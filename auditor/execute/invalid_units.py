"""Invalid units: how many an op may have before the run stops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from auditor.digest import Digest
from auditor.errors import ExecutionError
from auditor.execute.groups import name_of
from auditor.execute.kernels import Resources
from auditor.execute.kernels.predict import NOT_FINITE
from auditor.execute.schedule import ScheduledTable
from auditor.execute.storage.block import Block
from auditor.execute.storage.store import Store

InvalidLimit = float | int
"""The most invalid units of an op: as a share of its distinct units, below 1, or as a count from 1 on, at which
the run stops."""


class TooManyInvalid(ExecutionError):
    """An op has more invalid units than the document allows; everything is kept."""


@dataclass
class InvalidUnits:
    """The invalid units of one op, stored ones among them, so that a resumed run stops where it was stopped.

    Whether a run stops depends on the op's units alone: not on the order they come in, nor on how many are
    computed at one time.

    Attributes:
        name: the op, for whoever reads.
        distinct: how many units of it the plan has.
        limit: what is allowed; None for everything.
        reasons: how often each reason was met.
    """

    name: str
    distinct: int
    limit: InvalidLimit | None
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, reasons: Iterable[str]) -> None:
        """Count these invalid units.

        Raises:
            TooManyInvalid: they are too many.
        """
        self.reasons.update(reasons)
        if self._too_many():
            raise TooManyInvalid(self._sentence())

    def _too_many(self) -> bool:
        count = self.reasons.total()
        if self.limit is None:
            return False
        return count >= self.limit if isinstance(self.limit, int) else count > self.limit * self.distinct

    def _sentence(self) -> str:
        count = self.reasons.total()
        reason, times = self.reasons.most_common(1)[0]
        allowed = (
            f"fail_on_invalid stops at {self.limit}"
            if isinstance(self.limit, int)
            else f"fail_on_invalid allows {100 * float(self.limit or 0):g} %"
        )
        leave = "leave a checkpoint that diverged out with `left_out`, " if reason == NOT_FINITE else ""
        return (
            f"{self.name}: {count} of {self.distinct} units are invalid, and {allowed}; the commonest reason, {times} "
            f"times: {reason}. Everything is kept: mend what makes them invalid, {leave}or allow more with "
            "`fail_on_invalid` in the document, and run the same command again"
        )


def invalid_so_far(
    tables: Sequence[ScheduledTable], resources: Resources, store: Store, limit: InvalidLimit | None
) -> dict[Digest, InvalidUnits]:
    """The invalid units of each op that are stored, by its digest.

    Raises:
        TooManyInvalid: an op has too many already.
    """
    found = {}
    for table in tables:
        op = table.table.op
        found[op.digest] = InvalidUnits(name_of(op, resources), len(table.table), limit)
        found[op.digest].add(stored_reasons(table, store))
    return found


def stored_reasons(table: ScheduledTable, store: Store) -> list[str]:
    """Why the stored units of an op are invalid, a reason for each that is."""
    found: list[str] = []
    for number, digest in enumerate(table.places.digests):
        invalid = store.invalid(digest)
        if invalid:
            slots = table.places.slot[table.places.block == number]
            found += [invalid[slot] for slot in slots.tolist() if slot in invalid]
    return found


def reasons_in(block: Block) -> list[str]:
    """Why units of a block are invalid."""
    return list(block.invalid.values())
