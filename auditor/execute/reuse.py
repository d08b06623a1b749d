"""Reuse of units that another numerics class made, where the user allows it.

Such a unit answers for one of equal meaning, though not of equal bits. What consumes it gets an exact
key from the unit that was really used, so nothing that is stored is ever mislabelled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from auditor.execute.op_class import OpClass
from auditor.execute.storage.places import Candidates, Places
from auditor.plan import as_scalars

Reuse = Literal["exact", "semantic"]
"""What may answer for a unit: only itself, or also a unit of equal meaning from another class."""


def choose(
    candidates: Candidates,
    op_class: OpClass,
    exact_under: Callable[[OpClass], np.ndarray],
) -> np.ndarray:
    """Of each unit that has candidates the best one: numbers of candidates, at most one a unit.

    First those that were made of the very operands that are used now, so that a score is one of the
    picture that is shown; then those whose class differs from `op_class` in the fewest parts; then
    the smaller digest of the class, and the smaller exact key. The choice for a unit depends on what
    is stored of that unit alone: not on the rest of the plan, nor on the order of writing.

    Args:
        candidates: what is stored of equal meaning.
        op_class: the class that the units would be computed under.
        exact_under: the exact keys that the units would have under a class, made of the operands
            that are used now, (n_units, 32) uint8.
    """
    classes = candidates.classes
    rank = np.empty(len(classes), np.int64)
    order = sorted(range(len(classes)), key=lambda i: (len(op_class.differences(classes[i])), classes[i].digest))
    rank[order] = np.arange(len(classes))
    same = np.zeros(len(candidates.unit), bool)
    for number, one in enumerate(classes):
        of_class = np.flatnonzero(candidates.op_class == number)
        expected = exact_under(one)[candidates.unit[of_class]]
        same[of_class] = (candidates.exact[of_class] == expected).all(axis=1)
    best = np.argsort(as_scalars(candidates.exact), kind="stable")
    for key in (rank[candidates.op_class], ~same, candidates.unit):
        best = best[np.argsort(key[best], kind="stable")]
    _, first = np.unique(candidates.unit[best], return_index=True)
    return np.asarray(best[first])


def with_chosen(
    exact: np.ndarray, places: Places, candidates: Candidates, chosen: np.ndarray
) -> tuple[np.ndarray, Places, np.ndarray]:
    """Exact keys and places with the chosen candidates filled in, and which units they answer."""
    exact, block, slot = exact.copy(), places.block.copy(), places.slot.copy()
    unit = candidates.unit[chosen]
    exact[unit] = candidates.exact[chosen]
    used, number = np.unique(candidates.block[chosen], return_inverse=True)
    block[unit] = number + len(places.digests)
    slot[unit] = candidates.slot[chosen]
    digests = (*places.digests, *(candidates.digests[one] for one in used))
    invalid = {int(candidates.unit[one]): candidates.invalid[one] for one in chosen if one in candidates.invalid}
    reused = np.zeros(len(exact), bool)
    reused[unit] = True
    return exact, Places(digests, block, slot, {**places.invalid, **invalid}), reused
