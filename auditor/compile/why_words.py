"""The words in which `why` gives its reasons: differences of ops and of classes, a few names out of many."""

from __future__ import annotations

import json
from collections.abc import Sequence

from auditor.execute import OpClass
from auditor.plan import Op

SHOWN = 3
"""How many prompts, rows and files are named."""


def changes(old: Op, new: Op) -> tuple[str, ...]:
    """What must be said of two ops of the same weights, in words."""
    before, after = json.loads(old.parameters), json.loads(new.parameters)
    found = [
        f"{name} {_value(before.get(name))} -> {_value(after.get(name))}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]
    if old.revision != new.revision:
        found.append(f"revision of {new.kind} {old.revision} -> {new.revision}, with this version of auditor")
    return tuple(found)


def class_changes(old: OpClass, new: OpClass) -> str:
    """What differs between two numerics classes, in words."""
    return ", ".join(f"{name} {_value(a)} -> {_value(b)}" for name, (a, b) in old.differences(new).items())


def _value(value: object) -> str:
    return "absent" if value is None else value if isinstance(value, str) else json.dumps(value)


def listed(texts: Sequence[str]) -> str:
    """The first few, quoted, and how many more there are."""
    shown = ", ".join(f"`{text}`" for text in texts[:SHOWN])
    return shown + (f" and {len(texts) - SHOWN:,} more" if len(texts) > SHOWN else "")


def counted(number: int, noun: str) -> str:
    """A number and its noun: "1 row", "2 rows"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
