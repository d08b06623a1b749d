"""Verdicts of probes, kept in the store, so that a resumed run has the identities of the one it resumes.

STORE/verdicts/abcd..json   one verdict, named by the digests of op and class
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.digest import Digest, digest_value
from auditor.execute.op_class import OpClass
from auditor.execute.probe import CHECKS
from auditor.execute.schedule import ScheduledTable
from auditor.execute.storage.whole_file import write_whole
from auditor.plan import Op

FORMAT = 1


@dataclass(frozen=True)
class Verdict:
    """Whether the units of an op under a class have the same bits whatever is computed beside them.

    Attributes:
        op: digest of the op.
        op_class: digest of the class.
        equal: of each check that was made, whether all bits were equal.
    """

    op: Digest
    op_class: Digest
    equal: Mapping[str, bool]

    @property
    def holds(self) -> bool:
        """Whether all that was checked was equal."""
        return all(self.equal.values())


class Verdicts:
    """The verdicts of a store. What is damaged or of another format is no verdict: the op is probed again."""

    def __init__(self, store: Path) -> None:
        self._folder = store / "verdicts"

    def find(self, op: Op, op_class: OpClass) -> Verdict | None:
        """The verdict on an op under a class; None where there is none."""
        try:
            held = json.loads(self._path(op.digest, op_class.digest).read_bytes())
            equal = held["equal"]
            if (held["auditor_verdict"], held["op"], held["class"]) != (FORMAT, op.digest, op_class.digest):
                return None
            if not equal or not all(name in CHECKS and isinstance(value, bool) for name, value in equal.items()):
                return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return Verdict(op.digest, op_class.digest, equal)

    def on(self, tables: Sequence[ScheduledTable]) -> dict[Digest, Verdict]:
        """The verdicts on these ops under their classes, by the op's digest."""
        found = {table.table.op.digest: self.find(table.table.op, table.op_class) for table in tables}
        return {op: verdict for op, verdict in found.items() if verdict is not None}

    def keep(self, verdict: Verdict) -> None:
        """Keep a verdict.

        Raises:
            ExecutionError: the disk is full.
        """
        held = {"auditor_verdict": FORMAT, "op": verdict.op, "class": verdict.op_class, "equal": dict(verdict.equal)}
        write_whole(self._path(verdict.op, verdict.op_class), json.dumps(held, indent=1).encode() + b"\n")

    def _path(self, op: Digest, op_class: Digest) -> Path:
        return self._folder / f"{digest_value([op, op_class])}.json"


def advice(name: str, verdict: Verdict) -> str:
    """What is said, and to be done, where a probe failed."""
    if not verdict.equal.get("repeat", True):
        return (
            f"{name} gives other numbers when the very same batch is computed again: it draws random numbers, or keeps "
            "something from call to call. Nothing of it was stored; mend the model, and run the same command again"
        )
    found = " and ".join(CHECKS[check] for check, equal in verdict.equal.items() if not equal)
    return (
        f"{name} gives other numbers for a picture that is {found}: its answers would depend on what happens to be "
        "computed together. Nothing of it was stored; declare `numerics: reference` in the document, which computes "
        "one at a time, or mend the model (a layer in training mode, for instance), and run again"
    )
