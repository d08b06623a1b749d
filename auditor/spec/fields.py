"""Faults of single fields: what pydantic found, at the author's place, each told once."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from auditor.errors import Problem
from auditor.spec.field_faults import PROBLEMS, Fault, is_kind, meant, wrong_type
from auditor.spec.places import place_of
from auditor.spec.positions import Loc
from auditor.spec.yaml_reader import Document

MOST_FAULTS = 5_000
"""Faults that are looked at more closely; beyond them, they are counted."""

MOST_GUESSES = 50
"""Unknown keys of one mapping that are compared with its missing keys."""


def field_problems(error: ValidationError, document: Document, most: int) -> tuple[tuple[Problem, ...], int]:
    """The first `most` faults in `error` as problems, by position, and how many more there are.

    Faults that follow from others are left out."""
    by_loc: dict[Loc, list[Fault]] = {}
    found = error.errors(include_url=False)
    for item in found[:MOST_FAULTS]:
        fault = Fault(item["type"], place_of(item["loc"]), item["input"], item.get("ctx", {}), item["msg"])
        by_loc.setdefault(fault.loc, []).append(fault)
    siblings: dict[Loc, list[Fault]] = {}
    above = {loc[:end] for loc in by_loc for end in range(len(loc))}
    for loc, here in by_loc.items():
        fault = most_telling(here)
        # Of a union, the member that was understood further down is the one that was meant.
        if loc not in above or not is_of_type(fault):
            siblings.setdefault(loc[:-1], []).append(fault)
    faults = [fault for group in siblings.values() for fault in causes(group) if not doubtful(fault, document)]
    positions = document.positions
    order = positions.order
    faults.sort(key=lambda fault: order(positions.of_key(fault.loc)))
    told = tuple(PROBLEMS.get(fault.kind, wrong_type)(fault, positions) for fault in faults[:most])
    return told, len(faults) - len(told) + len(found[MOST_FAULTS:])


def most_telling(faults: Sequence[Fault]) -> Fault:
    """Of the faults of one value, tried as each member of a union, the one nearest to being right."""
    return min(faults, key=is_of_type)


def is_of_type(fault: Fault) -> bool:
    """Whether the value is of another type than wanted, or none of the words."""
    return fault.kind == "literal_error" or fault.kind.endswith("_type")


def doubtful(fault: Fault, document: Document) -> bool:
    """Whether the value is not what the author wrote, for a reason that is told already."""
    return any(fault.loc[:end] in document.doubtful for end in range(len(fault.loc) + 1))


def causes(siblings: Sequence[Fault]) -> list[Fault]:
    """The faults of the keys of one node, without those that would vanish with another one."""
    kinds = [fault for fault in siblings if is_kind(fault) and fault.kind in ("literal_error", "missing")]
    if kinds:
        return kinds
    unknown = [fault for fault in siblings if fault.kind == "extra_forbidden"][:MOST_GUESSES]
    misspelt: set[str | int] = (
        {meant(fault) for fault in unknown} if any(fault.kind == "missing" for fault in siblings) else set()
    )
    if "extends" in misspelt and len(siblings[0].loc) == 1:
        # What is missing stands in the file that was meant to be extended.
        misspelt |= {fault.loc[-1] for fault in siblings}
    return [
        fault
        for fault in siblings
        if not emptied(fault) and not (fault.kind == "missing" and fault.loc[-1] in misspelt)
    ]


def emptied(fault: Fault) -> bool:
    """Whether a list counts as too short only because its entries are wrong."""
    return fault.kind == "too_short" and len(fault.found) >= fault.context["min_length"]
