"""One fault of a field in plain words: what was found, what is wanted, how to write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from auditor.codes import (
    LIST_LENGTH,
    MISSING_KEY,
    MISSING_KIND,
    NOT_A_CHOICE,
    OUT_OF_RANGE,
    REFUSED_VALUE,
    TEXT_LENGTH,
    TEXT_PATTERN,
    UNKNOWN_KEY,
    UNKNOWN_KIND,
    WRONG_TYPE,
)
from auditor.errors import Problem
from auditor.node import SpecNode
from auditor.spec.homes import home_of
from auditor.spec.places import TAG_FIELDS, Place, bare, is_node, keys_of, noun_of, tags
from auditor.spec.positions import Loc, Positions
from auditor.spec.rewritten import rewritten
from auditor.spec.wanted import (
    PATTERN_WORDS,
    choices_of,
    found_words,
    length_words,
    limits_of,
    ranged_words,
    words_of,
)
from auditor.spec.wording import closest, listed, quoted, strange_letter, with_article


@dataclass(frozen=True)
class Fault:
    """One thing that pydantic found, at its place.

    Attributes:
        kind: pydantic's name for it, such as `extra_forbidden`.
        place: the place in the document.
        found: the value there; for a missing key, the mapping that lacks it.
        context: pydantic's numbers and names.
        message: pydantic's own words, the last resort.
    """

    kind: str
    place: Place
    found: Any
    context: Mapping[str, Any]
    message: str

    @property
    def loc(self) -> Loc:
        """Where in the document."""
        return self.place.loc


def is_kind(fault: Fault) -> bool:
    """Whether the fault's key chooses which keys its entry may have."""
    owner = fault.place.owner
    return bool(fault.loc) and fault.loc[-1] in TAG_FIELDS and owner is not None and bool(tags(owner))


def subject(loc: Loc) -> str:
    """A value in words: "`steps`", or "entry 2 of `models`"."""
    if loc and isinstance(loc[-1], int):
        return f"entry {loc[-1] + 1} of {subject(loc[:-1])}"
    return quoted(str(loc[-1])) if loc else "the document"


def meant(fault: Fault) -> str:
    """The key that an unknown key was probably meant to be: one not given yet, if any is close."""
    if fault.place.owner is None:
        return ""
    return closest(str(fault.loc[-1]), keys_of(fault.place.owner))


def unknown_key(fault: Fault, positions: Positions) -> Problem:
    """A key that its node does not have."""
    place, key = fault.place, str(fault.loc[-1])
    message = f"unknown key {quoted(key)} in {place.owner_name}{strange_letter(key, meant(fault))}"
    way_out = home_of(key, place) or f"keys of {place.owner_name}: {listed(keys_of(place.owner or SpecNode))}"
    return Problem(UNKNOWN_KEY, message, positions.of_key(fault.loc), way_out, meant(fault))


def missing_key(fault: Fault, positions: Positions) -> Problem:
    """A key that its node must have."""
    key, place = str(fault.loc[-1]), fault.place
    if is_kind(fault):
        return missing_kind(fault, key, fault.loc[:-1], tags(place.owner or SpecNode), positions)
    message = f"key {quoted(key)} is missing in {place.owner_name}"
    if deleted := positions.deleted.get(fault.loc):
        message = f"key {quoted(key)} must be in {place.owner_name}, and `null` deletes it here"
        return Problem(MISSING_KEY, message, deleted, "delete this line, or write a value")
    meaning = f" ({uncapitalised(place.description)})" if place.description else ""
    way_out = f"add `{key}:`{meaning}"
    return Problem(MISSING_KEY, message, positions.of_owner(fault.loc[:-1]), way_out)


def missing_kind(fault: Fault, key: str, loc: Loc, kinds: Sequence[str], positions: Positions) -> Problem:
    """An entry that does not say of which kind it is, perhaps because the key is misspelt."""
    message = f"key {quoted(key)} is missing in {with_article(noun_of(loc) or 'entry')}"
    misspelt = next((other for other in fault.found if closest(other, (key,))), None)
    where = positions.of_key((*loc, misspelt)) if misspelt else positions.of_owner(loc)
    way_out = f"write `{key}:` with {listed(kinds, 'or')}"
    return Problem(MISSING_KIND, message, where, way_out, key if misspelt else "")


def tag_missing(fault: Fault, positions: Positions) -> Problem:
    """An entry of several possible kinds that does not say of which it is."""
    key = fault.context["discriminator"].strip("'")
    return missing_kind(fault, key, fault.loc, kinds_at(fault.place), positions)


def tag_unknown(fault: Fault, positions: Positions) -> Problem:
    """An entry of a kind that does not exist."""
    key = fault.context["discriminator"].strip("'")
    return unknown_kind((*fault.loc, key), fault.found[key], kinds_at(fault.place), positions)


def kinds_at(place: Place) -> tuple[str, ...]:
    """The kinds that an entry may be of."""
    from_union = [tags(member) for member in map(bare, union_members(place.wanted)) if is_node(member)]
    return tuple(sorted(kind for kinds in from_union for kind in kinds))


def union_members(annotation: Any) -> tuple[Any, ...]:
    """The members of a union, whatever its constraints."""
    return tuple(getattr(bare(annotation), "__args__", (bare(annotation),)))


def unknown_kind(loc: Loc, found: Any, kinds: Sequence[str], positions: Positions) -> Problem:
    """A word for a kind that does not exist."""
    name = with_article(noun_of(loc[:-1]) or "entry")
    said = quoted(found) if isinstance(found, str) else found_words(found)
    message = f"{subject(loc)} of {name} is {said}, which is no kind of {name.partition(' ')[2]}"
    suggestion = closest(found, kinds) if isinstance(found, str) else ""
    message += strange_letter(found, suggestion) if isinstance(found, str) else ""
    return Problem(UNKNOWN_KIND, message, positions.of_value(loc), f"write {listed(kinds, 'or')}", suggestion)


def not_a_choice(fault: Fault, positions: Positions) -> Problem:
    """A word that is none of the choices."""
    choices = choices_of(fault.place.wanted)
    if is_kind(fault):
        return unknown_kind(fault.loc, fault.found, choices, positions)
    if not isinstance(fault.found, str):
        return wrong_type(fault, positions)
    message = f"{subject(fault.loc)} is {quoted(fault.found)}, which is none of its choices"
    suggestion = closest(fault.found, choices)
    message += strange_letter(fault.found, suggestion)
    where, way_out = positions.of_value(fault.loc), f"write {words_of(fault.place.wanted)}"
    return Problem(NOT_A_CHOICE, message, where, way_out, suggestion)


def out_of_range(fault: Fault, positions: Positions) -> Problem:
    """A number outside its range."""
    message = f"{subject(fault.loc)} is {found_words(fault.found).removeprefix('the number ')}, outside its range"
    return Problem(OUT_OF_RANGE, message, positions.of_value(fault.loc), f"write {ranged_words(fault.place.wanted)}")


def text_length(fault: Fault, positions: Positions) -> Problem:
    """Text that is empty or too long."""
    size = f"has {len(fault.found)} characters" if fault.found else "is empty text"
    way_out = f"write {length_words(limits_of(fault.place.wanted), 'characters')}"
    return Problem(TEXT_LENGTH, f"{subject(fault.loc)} {size}", positions.of_value(fault.loc), way_out)


def text_pattern(fault: Fault, positions: Positions) -> Problem:
    """Text with characters that are not allowed."""
    pattern = str(fault.context["pattern"])
    message = f"{subject(fault.loc)} is {quoted(fault.found)}, which is not of the form that the key wants"
    way_out = f"write {PATTERN_WORDS.get(pattern, f'text that matches `{pattern}`')}"
    if set(fault.found) & set("\u201c\u201d\u201e\u2018\u2019"):
        way_out += "; the quotes of YAML are straight"
    if fault.found.endswith("\n"):
        way_out += "; `|` and `>` make lines: write the text behind its key"
    return Problem(TEXT_PATTERN, message, positions.of_value(fault.loc), way_out)


def list_length(fault: Fault, positions: Positions) -> Problem:
    """A list with too few or too many entries."""
    size = f"has {len(fault.found)} entries" if fault.found else "has no entry"
    way_out = f"write {length_words(limits_of(fault.place.wanted), 'entries')}"
    return Problem(LIST_LENGTH, f"{subject(fault.loc)} {size}", positions.of_value(fault.loc), way_out)


def wrong_type(fault: Fault, positions: Positions) -> Problem:
    """A value of another type than wanted; other faults of a single value too."""
    where = positions.of_value(fault.loc)
    if not fault.kind.endswith(("_type", "literal_error")):
        reason = fault.message.removeprefix("Value error, ").rstrip(".")
        message = f"{subject(fault.loc)} is refused: {uncapitalised(reason)}"
        return Problem(REFUSED_VALUE, message, where, fault.place.description)
    wanted = fault.place.wanted
    message = f"{subject(fault.loc)} is {found_words(fault.found)}, not {words_of(wanted)}"
    way_out = rewritten(fault.found, wanted, fault.loc, positions) or f"write {ranged_words(wanted)}"
    return Problem(WRONG_TYPE, message, where, way_out)


def uncapitalised(sentence: str) -> str:
    """A sentence as the continuation of another."""
    return sentence[:1].lower() + sentence[1:] if sentence[1:2].islower() or sentence[1:2] == " " else sentence


PROBLEMS: Final[Mapping[str, Callable[[Fault, Positions], Problem]]] = {
    "extra_forbidden": unknown_key,
    "missing": missing_key,
    "union_tag_not_found": tag_missing,
    "union_tag_invalid": tag_unknown,
    "literal_error": not_a_choice,
    "greater_than": out_of_range,
    "greater_than_equal": out_of_range,
    "less_than": out_of_range,
    "less_than_equal": out_of_range,
    "string_too_short": text_length,
    "string_too_long": text_length,
    "string_pattern_mismatch": text_pattern,
    "too_short": list_length,
    "too_long": list_length,
}
"""How each kind of fault is told; all others are told by `wrong_type`."""
