"""What a plan costs: as published, asked, distinct, stored, to run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.execute import ScheduledTable
from auditor.plan import Op


@dataclass(frozen=True)
class OpRow:
    """One line of `auditor plan`.

    Attributes:
        op: what is done, and by what.
        kind: which op.
        op_digest: the op's digest.
        as_published: what the paper's way would make; None where the paper has no such step.
        asked: what was asked for, before sharing.
        distinct: what remains when equal units are made once.
        stored: what the store already has.
        to_run: what will be computed.
        reused: what of `stored` another numerics class made; see `auditor.execute.reuse`.
    """

    op: str
    kind: str
    op_digest: str
    as_published: int | None
    asked: int
    distinct: int
    stored: int
    to_run: int
    reused: int = 0


def explain(
    tables: Sequence[ScheduledTable], names: Mapping[str, str], published: Mapping[tuple[str, str], int]
) -> tuple[OpRow, ...]:
    """A line for each op of a scheduled plan.

    Args:
        tables: the plan, scheduled.
        names: names of models and pipelines by digest.
        published: what the paper's way would make, by (op kind, digest of model or pipeline).
    """
    rows = []
    for scheduled in tables:
        op, table = scheduled.table.op, scheduled.table
        digest = weights_of(op)
        rows.append(
            OpRow(
                op=label_of(op, names),
                kind=op.kind,
                op_digest=op.digest,
                as_published=published.get((op.kind, digest)),
                asked=table.asked,
                distinct=len(table),
                stored=scheduled.stored,
                to_run=int(scheduled.run.sum()),
                reused=int(scheduled.reused.sum()),
            )
        )
    return tuple(rows)


def label_of(op: Op, names: Mapping[str, str]) -> str:
    """What an op is called: `generate captions`."""
    return f"{op.kind} {names.get(weights_of(op)) or names.get(op.digest, 'pictures')}"


def weights_of(op: Op) -> str:
    """The digest of the weights an op runs; empty where it has none."""
    return op.weights or ""
