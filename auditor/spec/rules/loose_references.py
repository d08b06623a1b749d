"""Names that nobody declares, in a document whose fields are not all right yet: told in the same pass as those."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from auditor.codes import (
    UNKNOWN_ANALYSIS,
    UNKNOWN_CONCEPT,
    UNKNOWN_DETECTOR,
    UNKNOWN_INTERVENTION,
    UNKNOWN_MODEL,
    UNKNOWN_PROPERTY,
)
from auditor.errors import Problem
from auditor.spec.positions import Loc
from auditor.spec.rules.references import LISTED
from auditor.spec.rules.undeclared import undeclared
from auditor.spec.yaml_reader import Document

REFERENCES: Final = (
    ("analyses", "intervention", "interventions", UNKNOWN_INTERVENTION),
    *(("analyses", *listed) for listed in LISTED),
    ("checks", "of", "analyses", UNKNOWN_ANALYSIS),
    ("checks", "detector", "detectors", UNKNOWN_DETECTOR),
    ("requirements", "analysis", "analyses", UNKNOWN_ANALYSIS),
    ("requirements", "concept", "concepts", UNKNOWN_CONCEPT),
    ("requirements", "property", "properties", UNKNOWN_PROPERTY),
    ("requirements", "model", "models", UNKNOWN_MODEL),
)
"""In the entries of which list, which key holds names of which other list; and the code of one that it lacks."""


def loose_reference_problems(document: Document, told: Sequence[Problem]) -> Iterator[Problem]:
    """Names that are not among those declared. Nothing is said of a value that a problem which is `told` is about, nor
    of names from a list that has an entry without a right name, or one that stands for several (`pattern`)."""
    places = {problem.where for problem in told}

    def right(loc: Loc) -> bool:
        about = {document.positions.of_key(loc), document.positions.of_value(loc)}
        return not about & places and not any(loc[:end] in document.doubtful for end in range(len(loc) + 1))

    for holder, key, part, code in REFERENCES:
        entries = [_name(entry) for entry in _entries(document, part)]
        declared = tuple(dict.fromkeys(name for name in entries if isinstance(name, str)))
        if not declared or None in entries or not all(right((part, i, "name")) for i in range(len(entries))):
            continue
        for loc, name in _names(document, holder, key):
            if name not in declared and right(loc):
                yield undeclared(loc, name, part, code, declared, document.positions)


def _name(entry: object) -> object:
    """The one name of an entry; None where it has none, or stands for several."""
    return entry.get("name") if isinstance(entry, Mapping) and entry.get("pattern") is None else None


def _names(document: Document, holder: str, key: str) -> Iterator[tuple[Loc, str]]:
    """Every name that stands under a key of the entries of a list, alone or in a list of its own."""
    for index, entry in enumerate(_entries(document, holder)):
        value = entry.get(key) if isinstance(entry, Mapping) else None
        if isinstance(value, str):
            yield (holder, index, key), value
        elif isinstance(value, list | tuple):
            yield from (((holder, index, key, i), one) for i, one in enumerate(value) if isinstance(one, str))


def _entries(document: Document, part: str) -> Sequence[Any]:
    found = document.value.get(part)
    return found if isinstance(found, list | tuple) else ()
