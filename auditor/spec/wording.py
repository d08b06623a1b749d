"""How messages are worded: quoted values, lists, articles, and the names probably meant."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence

LONGEST_QUOTE = 60
MOST_LISTED = 16

MEANT = {"gpu": "cuda", "fp32": "float32", "bf16": "bfloat16", "fp16": "", "float16": ""}
"""Words whose nearest spelling is another thing: what they mean here, or the empty text."""


def escaped(text: str) -> str:
    """`text` with control, bidi and other characters that nobody sees written as escapes.

    >>> escaped("a\\u202eb")
    'a\\\\u202eb'
    """
    return "".join(escaped_character(character) for character in text)


def escaped_character(character: str) -> str:
    """One character as it is safe to print."""
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def strange_letter(word: str, suggestion: str) -> str:
    """What an English key or name holds that only looks like one of its letters, in words behind it.

    >>> strange_letter("step\\xa0s", "steps")
    ' (its `\\\\xa0` is U+00A0, no-break space)'
    """
    for letter in word[:LONGEST_QUOTE]:
        looks_right = suggestion.isascii() and suggestion
        if not letter.isascii() and letter not in suggestion and (looks_right or not letter.isalpha()):
            name = unicodedata.name(letter, "").lower()
            return f" (its {quoted(letter)} is U+{ord(letter):04X}{', ' if name else ''}{name})"
    return ""


def quoted(text: str) -> str:
    """`text` in backticks, safe to print, cut in the middle where it is long."""
    if len(text) > LONGEST_QUOTE:
        text = f"{text[: LONGEST_QUOTE - 20]} … {text[-15:]}"
    return f"`{escaped(text)}`"


def listed(names: Iterable[str], joint: str = "and") -> str:
    """Names quoted and sorted: "`a`, `b` and `c`"; "none" where there are no names."""
    marked = [quoted(name) for name in sorted(names)]
    if len(marked) > MOST_LISTED:
        marked = [*marked[:MOST_LISTED], f"{len(marked) - MOST_LISTED} more"]
    if len(marked) < 2:
        return marked[0] if marked else "none"
    return f"{', '.join(marked[:-1])} {joint} {marked[-1]}"


def with_article(noun: str) -> str:
    """`noun` with its indefinite article.

    >>> with_article("effective_generation check")
    'an effective_generation check'
    """
    return f"{'an' if noun[:1].lower() in set('aeiou') else 'a'} {noun}"


def closest(word: str, names: Sequence[str]) -> str:
    """The one of `names` that `word` was probably meant to be, or the empty text.

    Short words need less likeness: one wrong letter of two is half of the word."""
    if word.lower() in MEANT:
        return MEANT[word.lower()] if MEANT[word.lower()] in names else ""
    simple = {name: name.lower().replace("-", "_") for name in names}
    target = word.lower().replace("-", "_").strip()
    likeness = {
        name: difflib.SequenceMatcher(None, target, form).ratio()
        for name, form in simple.items()
        if abs(len(form) - len(target)) <= 6
    }
    best = max(likeness, key=lambda name: likeness[name], default="")
    least = 0.4 if len(target) <= 3 else 0.6
    return best if best and likeness[best] >= least else ""
