"""How the author can write what was probably meant, where a value is of another type than wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from auditor.spec.places import bare, is_node, members_of
from auditor.spec.positions import Loc, Positions
from auditor.spec.scalars import lookalike, plain_scalar
from auditor.spec.wanted import takes, words_of


def rewritten(found: Any, wanted: Any, loc: Loc, positions: Positions) -> str:
    """How the author can write what was probably meant; empty where nobody can tell."""
    if isinstance(found, Mapping) and words_of(wanted) == "a list":
        return "write a list: begin each entry with `- `"
    if isinstance(found, tuple) and len(found) == 1 and isinstance(found[0], Mapping) and _holds_a_node(wanted):
        return "write the mapping alone, without the list around it"
    if isinstance(found, str) and re.fullmatch(r"\$\{?\w+\}?", found):
        return "write the value itself: a document has no variables"
    if found is None and len(positions.files) > 1:
        return "delete the line, or write a value: `null` deletes only what an extended file has"
    if isinstance(found, str) and (takes(wanted, int) or takes(wanted, float)):
        number = lookalike(found, "number")
        quotes = bool(number) and not isinstance(plain_scalar(found), str)
        return f"write `{number}`{' without quotes' if quotes else ''}" if number else ""
    if isinstance(found, str) and takes(wanted, bool):
        truth = lookalike(found, "bool")
        return f"write `{truth}` without quotes" if truth else ""
    if isinstance(found, float) and found.is_integer() and takes(wanted, int):
        return f"write `{int(found)}`"
    if isinstance(found, bool | int | float) and takes(wanted, str):
        return f'write it in quotes: `"{positions.written(loc)}"`'
    if isinstance(found, str | int | float) and words_of(wanted) == "a list":
        return f"write it as a list: `[{positions.written(loc)}]`"
    return ""


def _holds_a_node(wanted: Any) -> bool:
    """Whether a node may stand there, of one kind or of several."""
    return any(is_node(bare(member)) for member in members_of(wanted))
