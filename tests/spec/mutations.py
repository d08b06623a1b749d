"""Documents spoilt at random: every way in which an author, an editor or an attacker gets one wrong.

A mutation is a function from a text, a place (any whole number) and a choice (another one) to a text;
`spoilt` applies some of them, and at the end perhaps one that works on bytes. All draws are Hypothesis's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st

from tests.spec.family import BASE, VALID

HERE = Path(__file__).parent
SPECS = HERE.parents[1] / "specs"

DOCUMENTS = (
    VALID,
    (HERE / "every_key.yaml").read_text(encoding="utf-8"),
    *(path.read_text(encoding="utf-8") for path in sorted(SPECS.glob("*.yaml"))),
)
"""The valid documents that are spoilt."""

Mutation = Callable[[str, int, int], str]

KEY = re.compile(r"(?<![A-Za-z_])[A-Za-z_]++(?=:(?:\s|$))", re.MULTILINE)
VALUE = re.compile(r"(?<=: )[^\s,{}\[\]#][^,{}\[\]\n#]*")
PAIR = re.compile(r"(?<![A-Za-z_])[A-Za-z_]++: [^,{}\[\]\n#]+,? ?")

KEYS = (
    "name",
    "kind",
    "adapter",
    "of",
    "seed",
    "digest",
    "extends",
    "version",
    "numerics",
    "модель",
    "<<",
    "on",
    "~",
    "5",
)
VALUES = (
    *("null", "~", "true", "no", "-1", "0", "1.5", "200", "text", '""', "''", "[]", "{}", "[1, 2]", "{a: 1}", "*x"),
    *("[[]]", "'it''s'", '"\\u202e"', '"\\ud83d"', "2024-01-01", "0x1F", "1_000", "012", "1:30", ".5", "5.", "1e3"),
    *("exact", "auroc", "python", "transformers", "reference", "significance", "builtin:shapes/test", "../x", "/etc"),
    *("a.yaml", "[a.yaml, a.yaml]", "!!str x", "!x y", "&a x", "|", ">", "%", "@", "`", "? ", "- x", "a: b", "#", "…"),
)
HUGE = (
    *("9" * 400, "-" + "9" * 19, "9223372036854775807", "9223372036854775808", "1e308", "1e309", "-1e400", "1e-400"),
    *("0." + "9" * 500, ".inf", "-.inf", ".nan", "NaN", "Infinity", "1" + "0" * 5000, "0x" + "f" * 99, "1e99999999999"),
)
LETTERS = (
    *"\u00e9\u0435\u200b\u200d\u00a0\u202e\u2066\u2028\u0085\ufeff\u0000\u001b\u007f\u0301\U0001f600\ufffe\ud800",
    *"\t\r\x0b\x0c\u3000\uff1a\u201c\u2019\u0661\u05d0",
)
BOMBS = (
    "x: &a [a, a]\ny: &b [*a, *a]\nz: [*b, *b]\n",
    "x: &a {k: v}\ny: {<<: [*a, *a]}\n",
    "deep: " + "[" * 300,
    "deep: " + "[" * 300 + "]" * 300 + "\n",
    "deep: " + "{a: " * 300 + "1" + "}" * 300 + "\n",
    "deep:\n  " + "- " * 2_000 + "x\n",
    "? " * 2_000 + "x\n",
    "self: &s [*s]\n",
    "wide: [" + "x, " * 30_000 + "x]\n",
    "many:\n" + "  - {}\n" * 15_000,
    "concepts:\n" + "  - {}\n" * 12_000,
    "long: " + "x" * 400_000 + "\n",
    "words: " + "x " * 200_000 + "\n",
    "text: |\n" + "  line\n" * 60_000,
    'quoted: "' + "\\n" * 100_000 + '"\n',
    "# " + "x" * (2**20) + "\n",
    "".join(f"key_{number}: {number}\n" for number in range(5_000)),
)


def drop_line(text: str, place: int, choice: int) -> str:
    lines = text.split("\n")
    at = place % len(lines)
    return "\n".join(lines[:at] + lines[at + 1 + choice % 4 :])


def drop_pair(text: str, place: int, choice: int) -> str:
    return replaced(text, PAIR, place, lambda found: "")


def rename(text: str, place: int, choice: int) -> str:
    return replaced(text, KEY, place, lambda found: KEYS[choice % len(KEYS)] if choice % 3 else typo(found, choice))


def retype(text: str, place: int, choice: int) -> str:
    return replaced(text, VALUE, place, lambda found: VALUES[choice % len(VALUES)])


def swap_values(text: str, place: int, choice: int) -> str:
    values = VALUE.findall(text) or ["x"]
    return replaced(text, VALUE, place, lambda found: values[choice % len(values)])


def duplicate(text: str, place: int, choice: int) -> str:
    if choice % 2:
        return replaced(text, PAIR, place, lambda found: f"{found.rstrip(', ')}, {found}")
    lines = text.split("\n")
    at = place % len(lines)
    return "\n".join([*lines[: at + 1 + choice % 5], *lines[at:]])


def nest(text: str, place: int, choice: int) -> str:
    depth = (1, 2, 40, 65, 120)[choice % 5]
    opening, closing = (("[", "]"), ("{a: ", "}"), ("- ", ""), ("[", ""), ('"', "'"))[choice // 5 % 5]
    return replaced(text, VALUE, place, lambda found: f"{opening * depth}{found}{closing * depth}")


def indent(text: str, place: int, choice: int) -> str:
    lines = text.split("\n")
    at, shift = place % len(lines), (" ", "  ", "\t", "      ", "")[choice % 5]
    for number in range(at, min(len(lines), at + 1 + choice % 3)):
        lines[number] = shift + (lines[number] if shift else lines[number].lstrip())
    return "\n".join(lines)


def letter(text: str, place: int, choice: int) -> str:
    at = place % (len(text) + 1)
    return text[:at] + LETTERS[choice % len(LETTERS)] + text[at + choice % 2 :]


def huge(text: str, place: int, choice: int) -> str:
    return replaced(text, VALUE, place, lambda found: HUGE[choice % len(HUGE)])


def bomb(text: str, place: int, choice: int) -> str:
    lines = text.split("\n")
    at = place % len(lines)
    return "\n".join([*lines[:at], BOMBS[choice % len(BOMBS)].rstrip("\n"), *lines[at:]])


def marker(text: str, place: int, choice: int) -> str:
    lines = text.split("\n")
    marks = (
        "---",
        "...",
        "%YAML 1.1",
        "%TAG ! x:",
        "--- !x",
        "--- >",
        "<<<<<<< HEAD",
        "=======",
        "{{ x }}",
        "}",
        "]",
        "\t",
    )
    lines.insert(place % len(lines), marks[choice % len(marks)])
    return "\n".join(lines)


def cut_short(text: str, place: int, choice: int) -> str:
    return text[: place % (len(text) + 1)]


def extend(text: str, place: int, choice: int) -> str:
    names = (
        "base.yaml",
        "[base.yaml, base.yaml]",
        "audit.yaml",
        "nowhere.yaml",
        "../x.yaml",
        "[]",
        "5",
        "/dev/zero",
        "a.txt",
    )
    return f"extends: {names[choice % len(names)]}\n{text}"


MUTATIONS: tuple[Mutation, ...] = (
    *(drop_line, drop_pair, rename, retype, swap_values, duplicate, nest, indent),
    *(letter, huge, bomb, marker, cut_short, extend),
)


def replaced(text: str, pattern: re.Pattern[str], place: int, new: Callable[[str], str]) -> str:
    """`text` with one of the pieces that `pattern` finds replaced."""
    found = list(pattern.finditer(text))
    if not found:
        return text
    one = found[place % len(found)]
    return text[: one.start()] + new(one.group()) + text[one.end() :]


def typo(word: str, choice: int) -> str:
    """`word` with one letter left out, doubled, exchanged, put in, or swapped with its neighbour."""
    at, letter = choice % len(word), "abcdefghijklmnopqrstuvwxyz_"[choice // len(word) % 27]
    return (
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
    )[choice // (27 * len(word)) % 5]


def as_bytes(text: str, choice: int) -> bytes:
    """The bytes of a document; one in five is written as editors of other systems do, or damaged."""
    plain = text.encode("utf-8", "surrogatepass")
    if choice >= 9:
        return plain
    return (
        text.replace("\n", "\r\n").encode("utf-8", "surrogatepass"),
        text.replace("\n", "\r").encode("utf-8", "surrogatepass"),
        b"\xef\xbb\xbf" + plain,
        text.encode("utf-16", "surrogatepass"),
        text.encode("latin-1", "replace"),
        plain[: len(plain) // 2],
        plain + b"\xff",
        plain.replace(b" ", b"\x00", 1),
        b"\xef\xbb\xbf\xef\xbb\xbf" + plain,
    )[choice]


STEP = st.tuples(st.integers(0, len(MUTATIONS) - 1), st.integers(0, 10_000), st.integers(0, 10_000))
STEPS = st.lists(STEP, min_size=1, max_size=4)


@st.composite
def families(draw: st.DrawFn) -> dict[str, bytes]:
    """The bytes of `audit.yaml`, and in one of four families of the file that it extends; in few, any bytes."""
    if draw(st.integers(0, 19)) == 0:
        return {"audit.yaml": draw(st.sampled_from([b"", b"version: 1\n"])) + draw(st.binary(max_size=200))}
    steps, coding = draw(STEPS), draw(st.integers(0, 44))
    if draw(st.integers(0, 3)):
        text = draw(st.sampled_from(DOCUMENTS))
        return {"audit.yaml": as_bytes(spoilt(text, steps), coding)}
    over = VALID.splitlines(keepends=True)[1] + "dataset: {rows: 20}\nfail_on_invalid: 3\nreport: {formats: [html]}\n"
    texts = {"audit.yaml": f"version: 1\nextends: base.yaml\n{over}", "base.yaml": BASE}
    for index, step in enumerate(steps):
        name = ("base.yaml", "audit.yaml")[(step[1] + index) % 2]
        texts[name] = spoilt(texts[name], [step])
    return {name: as_bytes(text, coding if name == "base.yaml" else 44) for name, text in texts.items()}


def spoilt(text: str, steps: list[tuple[int, int, int]]) -> str:
    """`text` after some mutations."""
    for which, place, choice in steps:
        text = MUTATIONS[which](text, place, choice)
    return text
