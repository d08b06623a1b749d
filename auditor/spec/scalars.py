"""What a plain (unquoted) YAML scalar means: the core of YAML 1.2, and nothing more.

Only nothing, true, false, whole numbers and decimal numbers have a meaning of their own.
`no`, `012`, `1:30`, `0x1F`, `1_000`, `.inf` and dates, which YAML 1.1 readers turn into
something else, stay the text that the author wrote; where a number or a truth value is
wanted, `lookalike` says how to write it.
"""

from __future__ import annotations

import math
import re

Scalar = str | int | float | bool | None

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
DECIMAL = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")

LARGEST_INTEGER = 2**63 - 1
MOST_DIGITS = 20

YES = frozenset({"yes", "y", "on"})
NO = frozenset({"no", "n", "off"})


def plain_scalar(text: str) -> Scalar:
    """The value of the plain scalar `text`.

    Raises:
        OverflowError: it is a number that does not fit in 64 bits.

    >>> [plain_scalar(text) for text in ("12", "1e-3", "true", "~", "no", "012", "1:30")]
    [12, 0.001, True, None, 'no', '012', '1:30']
    """
    if text in NULLS:
        return None
    if text in BOOLEANS:
        return BOOLEANS[text]
    if INTEGER.fullmatch(text):
        if len(text) > MOST_DIGITS or abs(int(text)) > LARGEST_INTEGER:
            raise OverflowError(text)
        return int(text)
    if DECIMAL.fullmatch(text):
        if math.isinf(number := float(text)):
            raise OverflowError(text)
        return number
    return text


def lookalike(text: str, wanted: str) -> str:
    """How to write what `text` seems to mean, where a `wanted` is wanted; empty if unknown.

    `wanted` is `number` or `bool`.
    """
    lower = text.strip().lower().replace("\u2212", "-")
    if wanted == "bool":
        meant = "true" if lower in YES else "false" if lower in NO else ""
        return meant or (lower if lower in ("true", "false") else "")
    if lower in (".inf", "-.inf", "+.inf", ".nan", "inf", "nan"):
        return ""
    if percent := re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%", lower):
        return f"{float(percent[1]) / 100:.8f}".rstrip("0").rstrip(".")
    if lower.isdecimal() and not lower.isascii():
        lower = "".join(str(int(digit)) for digit in lower)
    if re.fullmatch(r"[-+]?[0-9]+,[0-9]{1,2}", lower):
        lower = lower.replace(",", ".")
    if unit := re.fullmatch(r"([-+]?[0-9]+(?:\.[0-9]+)?)(?: ?[a-z]{2,12}| ?x)", lower):
        lower = unit[1]
    for pattern, base in ((r"0x[0-9a-f]{1,15}", 16), (r"0o[0-7]{1,15}", 8), (r"0b[01]{1,60}", 2)):
        if re.fullmatch(pattern, lower):
            return str(int(lower, base))
    without_zeros = re.sub(r"^([-+]?)0+(?=[0-9])", r"\1", lower.replace("_", "").replace(" ", ""))
    return without_zeros if len(without_zeros) <= MOST_DIGITS and DECIMAL.fullmatch(without_zeros) else ""
