"""What a value should have been, in words: types, choices, ranges, lengths, patterns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Annotated, Any, Final, Literal, get_args, get_origin

from auditor.spec.places import bare, is_node, members_of
from auditor.spec.wording import quoted

TYPE_WORDS: Final[Mapping[Any, str]] = {
    bool: "`true` or `false`",
    int: "a whole number",
    float: "a number",
    str: "text",
}

PATTERN_WORDS: Final[Mapping[str, str]] = {
    r"^[^{}]*\{\}[^{}]*$": "a text with `{}` once, where the words of a class stand",
    r"^[^\x00-\x1f\x7f]+$": "text in one line, without tabs",
    r"^[^\x00-\x1f\x7f\\]{1,1000}\.ya?ml$": "the relative path of a file that ends in `.yaml` or `.yml`, "
    "with `/` between folders",
    r"^[0-9a-f]{64}$": "a SHA-256: 64 digits from `0-9` and `a-f`",
    r"^[a-z0-9][a-z0-9._-]{0,79}$": "at most 80 small letters, digits, dots, dashes and underscores, "
    "a letter or digit first",
    r"^[a-z0-9][a-z0-9._-]{0,39}$": "at most 40 small letters, digits, dots, dashes and underscores, "
    "a letter or digit first",
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$": "at most 40 letters, digits, dots, dashes and underscores, "
    "a letter or digit first",
}
"""The patterns of the language in words."""


def choices_of(annotation: Any) -> tuple[str, ...]:
    """The words that `annotation` allows, sorted."""
    return tuple(
        sorted(
            str(choice)
            for member in members_of(annotation)
            if get_origin(bare(member)) is Literal
            for choice in get_args(bare(member))
        )
    )


def words_of(annotation: Any) -> str:
    """The types that `annotation` allows, in words: "a whole number or text"."""
    words = [f"`{choice}`" for choice in choices_of(annotation)]
    for member in map(bare, members_of(annotation)):
        if member is NoneType or get_origin(member) is Literal:
            continue
        words.append(type_words(member))
    if TYPE_WORDS[float] in words:
        words = [word for word in words if word != TYPE_WORDS[int]]
    distinct = list(dict.fromkeys(words))
    return distinct[0] if len(distinct) == 1 else f"{', '.join(distinct[:-1])} or {distinct[-1]}"


def type_words(member: Any) -> str:
    """One type in words."""
    if is_node(member):
        return "a mapping of keys to values"
    return "a list" if get_origin(member) is tuple else TYPE_WORDS.get(member, "another value")


def takes(annotation: Any, kind: type) -> bool:
    """Whether a value of the type `kind` may stand at `annotation`."""
    return any(bare(member) is kind for member in members_of(annotation))


def limits_of(annotation: Any) -> dict[str, Any]:
    """The limits on values at `annotation`: `ge`, `gt`, `le`, `lt`, `min_length`, `max_length`."""
    limits: dict[str, Any] = {}
    for constraint in constraints_of(annotation):
        for name in ("ge", "gt", "le", "lt", "min_length", "max_length"):
            value = getattr(constraint, name, None)
            if value is not None:
                limits[name] = value
    return limits


def constraints_of(annotation: Any) -> Iterator[Any]:
    """The constraints that `Annotated` gives `annotation`, or the members of a union."""
    if get_origin(annotation) is Annotated:
        inner, *extras = get_args(annotation)
        for extra in extras:
            yield from getattr(extra, "metadata", None) or (extra,)
        yield from constraints_of(inner)
    else:
        for member in members_of(annotation):
            if get_origin(member) is Annotated:
                yield from constraints_of(member)


def range_words(limits: Mapping[str, Any]) -> str:
    """A range of numbers in words.

    >>> range_words({"gt": 0, "le": 1}), range_words({"ge": 1}), range_words({"ge": 0, "le": 1})
    ('above 0 and at most 1', '1 or more', 'from 0 to 1')
    """
    if "ge" in limits and "le" in limits:
        return f"from {shown(limits['ge'])} to {shown(limits['le'])}"
    words = {"gt": "above {}", "ge": "{} or more", "lt": "below {}", "le": "at most {}"}
    parts = [text.format(shown(limits[name])) for name, text in words.items() if name in limits]
    return " and ".join(parts)


def ranged_words(annotation: Any) -> str:
    """The types that `annotation` allows, each with its range: "a number above 0, or a whole number 3 or more"."""
    limited = [member for member in members_of(annotation) if range_words(limits_of(member))]
    if len(limited) < 2:
        return f"{words_of(annotation)} {range_words(limits_of(annotation))}".strip()
    return ", or ".join(f"{words_of(member)} {range_words(limits_of(member))}" for member in limited)


def length_words(limits: Mapping[str, Any], noun: str) -> str:
    """A range of lengths in words, such as "1 to 120 characters".

    >>> length_words({"min_length": 1}, "entries"), length_words({"max_length": 20}, "characters")
    ('1 or more entries', 'at most 20 characters')
    """
    low, high = limits.get("min_length"), limits.get("max_length")
    if low is None or high is None:
        return f"at most {high} {noun}" if low is None else f"{low} or more {noun}"
    return f"{low} to {high} {noun}"


def shown(value: object) -> str:
    """A number as an author would write it: 1 rather than 1.0."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return str(value)


def found_words(value: object) -> str:
    """What was found, in words: "the text `abc`", "the number 3", "a list", "nothing"."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int | float):
        return f"the number {quoted(str(value))}"
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    return "a mapping" if isinstance(value, Mapping) else "a list"
