"""What concepts need beyond their fields: keys that go with their kind, and phrases that are told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from auditor.codes import (
    CONCEPT_FIELDS,
    MEAN_OF_CATEGORY,
    NOT_PERMUTABLE,
    PHRASE_HOLDS_JOIN,
    REPEATED_ENTRY,
    SAME_COLUMN,
    SAME_PHRASE,
)
from auditor.concepts import Concept
from auditor.errors import Problem
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.positions import Loc, Positions
from auditor.spec.wording import listed, quoted

NEEDED: Final = {"presence": ("phrase",), "count": ("phrase",), "category": ("values",), "text": ()}
"""The keys that a concept of each kind must have, beside its name and column."""

IGNORED: Final = {
    "presence": ("values",),
    "count": ("values",),
    "category": ("phrase", "absent", "detector_output"),
    "text": ("phrase", "absent", "values", "detector_output", "unseen"),
}
"""The keys that a concept of each kind would ignore."""

INSTEAD: Final = {
    "values": "or write `kind: category`",
    "phrase": "or give each of the `values` its phrase",
    "absent": "or give each of the `values` its phrase",
    "detector_output": "or give each of the `values` its `detector_output`",
}


@dataclass(frozen=True)
class Phrase:
    """Words that a caption may hold.

    Attributes:
        text: the words.
        of: whose they are, in words.
        loc: where they stand.
    """

    text: str
    of: str
    loc: Loc


def phrases_of(concept: Concept, index: int) -> Iterator[Phrase]:
    """The phrases that captions hold for a concept, those that add nothing left out."""
    for key in ("phrase", "absent"):
        text = getattr(concept, key)
        if text:
            yield Phrase(text, f"concept {quoted(concept.name)}", ("concepts", index, key))
    for place, value in enumerate(concept.values or ()):
        if value.phrase:
            of = f"value {quoted(value.value)} of concept {quoted(concept.name)}"
            yield Phrase(value.phrase, of, ("concepts", index, "values", place, "phrase"))


def concepts_have_what_their_kind_needs(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """Keys that go with the kind, and values that stand once."""
    for index, concept in enumerate(spec.concepts):
        here: Loc = ("concepts", index)
        for key in NEEDED[concept.kind]:
            if getattr(concept, key) is None:
                message = f"concept {quoted(concept.name)} has no `{key}`, which a {concept.kind} needs"
                yield Problem(CONCEPT_FIELDS, message, positions.of_owner(here), f"add `{key}:`")
        for key in IGNORED[concept.kind]:
            if getattr(concept, key):
                message = f"concept {quoted(concept.name)} is a {concept.kind} and has `{key}`, which it would ignore"
                instead = INSTEAD.get(key, "") if concept.kind != "text" else ""
                way_out = f"delete it{', ' if instead else ''}{instead}"
                yield Problem(CONCEPT_FIELDS, message, positions.of_key((*here, key)), way_out)
        names = [value.value for value in concept.values or ()]
        for place, name in enumerate(names):
            if name in names[:place]:
                where = positions.of_value((*here, "values", place, "value"))
                message = f"{quoted(name)} stands twice in the `values` of concept {quoted(concept.name)}"
                yield Problem(REPEATED_ENTRY, message, where, "delete one of the two")


def concepts_are_told_apart(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """Concepts differ in column and phrase, and no phrase reads as two of them."""
    columns: dict[str, str] = {}
    for index, concept in enumerate(spec.concepts):
        if concept.column in columns:
            names = f"{quoted(columns[concept.column])} and {quoted(concept.name)}"
            where = positions.of_value(("concepts", index, "column"))
            message = f"concepts {names} have one column, {quoted(concept.column)}"
            yield Problem(SAME_COLUMN, message, where, "give each concept a column of its own")
        columns.setdefault(concept.column, concept.name)
    joining = [intervention for intervention in spec.captioning if intervention.caption.template is None]
    first: dict[tuple[str, object], Phrase] = {}
    for phrase in [phrase for index, concept in enumerate(spec.concepts) for phrase in phrases_of(concept, index)]:
        # In the slots of a template, two concepts may say the same; the values of one may not.
        known = (phrase.text, None if joining else phrase.loc[1])
        if known in first:
            names = both(first[known].of, phrase.of)
            where = positions.of_value(phrase.loc)
            message = f"{names} have one phrase, {quoted(phrase.text)}"
            yield Problem(SAME_PHRASE, message, where, "give each a phrase of its own")
        first.setdefault(known, phrase)
        for intervention in joining:
            join = intervention.caption.join
            if join and join in phrase.text:
                where = positions.of_value(phrase.loc)
                message = f"phrase {quoted(phrase.text)} holds {quoted(join)}, which joins phrases"
                way_out = f"change the phrase, or `join` of intervention {quoted(intervention.name)}"
                yield Problem(PHRASE_HOLDS_JOIN, message, where, way_out)


def values_are_told_apart(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """At most one value of a category adds nothing to the caption."""
    for index, concept in enumerate(spec.concepts):
        silent = [place for place, value in enumerate(concept.values or ()) if not value.phrase]
        for place in silent[1:]:
            where = positions.of_value(("concepts", index, "values", place, "phrase"))
            message = (
                f"two values of concept {quoted(concept.name)} add nothing to the caption, and cannot be told apart"
            )
            yield Problem(SAME_PHRASE, message, where, "give each a phrase of its own")


def both(one: str, other: str) -> str:
    """Two owners of phrases in words: "concepts `a` and `b`", or one after the other.

    >>> both("concept `a`", "concept `b`"), both("concept `a`", "value `x` of concept `b`")
    ('concepts `a` and `b`', 'concept `a` and value `x` of concept `b`')
    """
    if one.startswith("concept ") and other.startswith("concept "):
        return f"concepts {one.removeprefix('concept ')} and {other.removeprefix('concept ')}"
    return f"{one} and {other}"


def texts_are_kept(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """No analysis permutes a text, and there is something to permute."""
    texts = {concept.name for concept in spec.concepts if concept.kind == "text"}
    rest = [concept.name for concept in spec.concepts if concept.kind != "text"]
    for index, analysis in spec.reliances_at:
        for place, name in enumerate(analysis.concepts or ()):
            if name in texts:
                where = positions.of_value(("analyses", index, "concepts", place))
                message = f"concept {quoted(name)} is a text, which is kept as it is, and cannot be permuted"
                others = f": {listed(rest)}" if rest else ""
                yield Problem(NOT_PERMUTABLE, message, where, f"name concepts of other kinds{others}")
        if spec.concepts and not rest and analysis.concepts is None:
            message = f"analysis {quoted(analysis.name)} has nothing to permute: every concept is a text"
            where = positions.of_owner(("analyses", index))
            yield Problem(NOT_PERMUTABLE, message, where, "declare a presence, a count or a category")


def means_have_a_direction(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """No requirement bounds the mean response of a category of three values or more."""
    categories = {concept.name for concept in spec.concepts if len(concept.values or ()) > 2}
    for index, promise in enumerate(spec.requirements):
        if promise.response is not None and promise.response.of == "mean" and promise.concept in categories:
            where = positions.of_value(("requirements", index, "response", "of"))
            message = (
                f"requirement {quoted(promise.name)} bounds the mean response of {quoted(promise.concept)}, "
                "a category: responses of opposite sign would cancel"
            )
            yield Problem(MEAN_OF_CATEGORY, message, where, "write `of: systematic`, or leave it out")


CONCEPT_RULES: Final[tuple[Callable[[AuditSpec, Positions], Iterable[Problem]], ...]] = (
    concepts_have_what_their_kind_needs,
    concepts_are_told_apart,
    values_are_told_apart,
    texts_are_kept,
    means_have_a_direction,
)
"""Each finds what its name says to be untrue."""
