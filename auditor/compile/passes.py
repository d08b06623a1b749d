"""Passes: they change what a plan costs, never what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from auditor.digest import Digest, digest_bytes
from auditor.errors import InternalError
from auditor.plan import OpKind, Plan, broken_invariant, positions_of

Pass = Callable[[Plan], Plan]

_ORDER: tuple[OpKind, ...] = (
    "load",
    "generate",
    "locate",
    "composite",
    "composite_located",
    "edit",
    "image_to_image",
    "ledits_pp",
    "compare",
    "predict",
)
_STAGE = {kind: number for number, kind in enumerate(_ORDER)}


def group_by_weights(plan: Plan) -> Plan:
    """Order ops so that each set of weights is loaded once, and operands stand first.

    Before: predict(a) over real pictures, generate, predict(b) ..; after: load, generate, predict(a), predict(b).
    """
    order = sorted(range(len(plan.tables)), key=lambda i: (_STAGE[plan.tables[i].op.kind], i))
    return replace(plan, tables=tuple(plan.tables[i] for i in order))


def drop_unused(plan: Plan) -> Plan:
    """Remove the units that no answer needs, and ops without units.

    >>> from auditor.plan import Ask, PlanBuilder
    >>> builder = PlanBuilder()
    >>> pictures = Ask(builder).load(["a.png", "b.png"], ["a" * 64, "b" * 64])
    >>> scores = Ask(builder).predict("f" * 64, pictures[1:])
    >>> [len(table) for table in builder.plan().tables], [len(table) for table in drop_unused(builder.plan()).tables]
    ([2, 1], [1, 1])
    """
    needed = {table.op.digest: table.wanted.copy() for table in plan.tables}
    marked: set[Digest] = set()
    for number in reversed(range(len(plan.tables))):
        table = plan.tables[number]
        for operand in table.op.shape.operands:
            keys = table.column(operand)[needed[table.op.digest]]
            # A hundred models need the same pictures, which are marked once: going backwards, no earlier table is new.
            same = digest_bytes(keys.tobytes())
            if same in marked:
                continue
            marked.add(same)
            for earlier in plan.tables[:number]:
                position = positions_of(keys, earlier.keys)
                needed[earlier.op.digest][position[position >= 0]] = True
    kept = tuple(table.only(needed[table.op.digest]) for table in plan.tables if needed[table.op.digest].any())
    used = {
        cell.tobytes().hex()
        for table in kept
        for column in table.op.shape.payloads
        for cell in np.unique(table.column(column), axis=0)
    }
    return Plan(kept, {digest: text for digest, text in plan.payloads.items() if digest in used})


PASSES: tuple[Pass, ...] = (
    group_by_weights,  # first: an op may have been asked about pictures that were planned after it
    drop_unused,  # needs operands before what needs them
)


def compile_plan(plan: Plan) -> Plan:
    """The plan after all passes, checked after each.

    Raises:
        InternalError: a pass left a broken plan.
    """
    for run_pass in PASSES:
        plan = run_pass(plan)
        if broken := broken_invariant(plan):
            raise InternalError(f"the pass `{run_pass.__name__}` left a broken plan: {broken}")
    return plan
