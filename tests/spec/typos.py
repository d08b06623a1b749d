"""One-letter typos in the keys of the language, and how many of them are understood."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from auditor.errors import SpecError
from auditor.spec import parse_spec
from auditor.spec.places import place_of
from auditor.spec.positions import Loc
from auditor.spec.source_text import lines_of
from auditor.spec.yaml_reader import read_yaml
from tests.spec.family import HEADER
from tests.spec.mutations import typo

EVERY_KEY = (Path(__file__).parent / "every_key.yaml").read_text(encoding="utf-8")

TAGGED = ("models", "detectors", "interventions", "analyses", "checks")
"""The lists whose entries are of several kinds."""

SEED = "one wrong letter"
"""The seed of the typos."""


@dataclass(frozen=True)
class Key:
    """A key of the language in a document.

    Attributes:
        node: the node that has it.
        name: how it is spelt.
        siblings: all keys of that node.
        text: a document in which it stands.
        line: where, from 0.
        column: where, from 0.
    """

    node: str
    name: str
    siblings: frozenset[str]
    text: str
    line: int
    column: int


def keys_in(text: str) -> list[Key]:
    """Every key of a document, once for each node that has it."""
    document = read_yaml(text, "a.yaml")
    found: dict[tuple[str, str], Key] = {}
    for loc, where in document.positions.keys.items():
        owner = place_of(with_tags(loc, document.value)).owner
        assert owner is not None
        siblings = frozenset(owner.model_fields)
        key = Key(owner.__name__, str(loc[-1]), siblings, text, where.line - 1, where.column - 1)
        found.setdefault((key.node, key.name), key)
    return list(found.values())


def with_tags(loc: Loc, value: object) -> Loc:
    """`loc` as pydantic spells it: with the kind of each entry, and the class of a profile."""
    spelt: list[str | int] = []
    for part in loc:
        if isinstance(value, dict) and "numerics" in spelt and len(spelt) == 1:
            spelt.append("NumericsProfile")
        if isinstance(value, dict) and len(spelt) == 2 and spelt[0] in TAGGED:
            spelt.append(value.get("kind") or value["adapter"])
        spelt.append(part)
        value = value[part]  # type: ignore[index]
    return tuple(spelt)


KEYS = [*keys_in(EVERY_KEY), *(key for key in keys_in(HEADER) if key.name == "extends")]


def typo_figures(asked: int) -> tuple[int, int, list[tuple[str, str]]]:
    """How many of `asked` typos, spread over all keys, get the right suggestion; and which do not."""
    draw, right, missed = random.Random(SEED), 0, []
    for number in range(asked):
        key = KEYS[number % len(KEYS)]
        wrong = key.name
        while wrong in key.siblings or not wrong:
            wrong = typo(key.name, draw.randrange(27 * 5 * len(key.name)))
        if suggestion_for(key, wrong) == key.name:
            right += 1
        else:
            missed.append((wrong, key.name))
    return right, asked, missed


def suggestion_for(key: Key, wrong: str) -> str:
    """What is suggested where `key` is written `wrong`."""
    lines = list(lines_of(key.text))
    line = lines[key.line]
    lines[key.line] = line[: key.column] + wrong + line[key.column + len(key.name) :]
    try:
        parse_spec("\n".join(lines).encode(), Path("a.yaml"))
    except SpecError as error:
        here = [problem for problem in error.problems if problem.where and problem.where.line == key.line + 1]
        return next((one.suggestion for one in here if one.where and one.where.column == key.column + 1), "")
    raise AssertionError(f"{wrong} is taken for another key")
