"""Groups: ops of a scheduled plan that are computed together, since one pass answers all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.digest import Digest
from auditor.execute.kernels import Resources
from auditor.execute.numerics import Numerics
from auditor.execute.schedule import ScheduledTable
from auditor.models import trunk_of
from auditor.plan import Op, OpKind

_TITLES: Mapping[OpKind, str] = {
    "load": "reading pictures",
    "generate": "generating pictures",
    "edit": "editing pictures",
    "image_to_image": "editing pictures",
    "ledits_pp": "inverting and editing pictures",
    "composite": "blending into pictures",
    "composite_located": "blending into pictures",
    "compare": "comparing pictures",
}


@dataclass(frozen=True)
class Group:
    """Ops that are computed together: one, or the scores of models that share a trunk.

    Attributes:
        tables: their scheduled tables, each with units to run.
    """

    tables: tuple[ScheduledTable, ...]

    @property
    def ops(self) -> tuple[Op, ...]:
        """The ops."""
        return tuple(table.table.op for table in self.tables)

    @property
    def units(self) -> int:
        """How many units run."""
        return sum(int(table.run.sum()) for table in self.tables)

    @property
    def entries(self) -> int:
        """How many inputs, or units without an input, are gone through; at least."""
        return max(int(table.run.sum()) for table in self.tables)

    def title(self, resources: Resources) -> str:
        """What is done, for whoever waits."""
        if self.ops[0].kind == "locate":
            return f"locating with {name_of(self.ops[0], resources)}"
        return _TITLES.get(self.ops[0].kind) or f"scoring with {listed([name_of(op, resources) for op in self.ops])}"


def groups_of(tables: Sequence[ScheduledTable], resources: Resources, numerics: Numerics) -> tuple[Group, ...]:
    """What is to be computed, in the order of the plan; scores of models with one trunk where the first of them stands.

    Weights are looked into only where more than one model is to score.
    """
    running = [table for table in tables if table.run.any()]
    several = sum(table.table.op.kind == "predict" for table in running) > 1
    found: dict[object, list[ScheduledTable]] = {}
    for number, table in enumerate(running):
        op = table.table.op
        trunk = _trunk(op, resources) if several and op.kind == "predict" else None
        found.setdefault((trunk, numerics.batch_of(op)) if trunk else number, []).append(table)
    return tuple(Group(tuple(together)) for together in found.values())


def answered_beside(tables: Sequence[ScheduledTable], resources: Resources, numerics: Numerics) -> dict[Digest, Digest]:
    """Ops that the passes of another op answer, too, and that op, which is the first of their group; by digest."""
    groups = groups_of(tables, resources, numerics)
    return {op.digest: group.ops[0].digest for group in groups for op in group.ops[1:]}


def name_of(op: Op, resources: Resources) -> str:
    """What the document calls the model or the generator of an op."""
    if op.weights is None:
        return "pictures"
    return (resources.models if op.shape.weights == "model" else resources.pipelines)[op.weights].name


def listed(names: Sequence[str], most: int = 3) -> str:
    """Names in a row, the last of many only counted.

    >>> listed(["a", "b"]), listed(["a", "b", "c", "d", "e"])
    ('a and b', 'a, b, c and 2 more')
    """
    shown = list(names[:most]) + ([f"{len(names) - most} more"] if len(names) > most else [])
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _trunk(op: Op, resources: Resources) -> Digest | None:
    return trunk_of(resources.models[str(op.parameter("model"))])
