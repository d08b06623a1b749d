"""The strict reader: what it accepts, where it says things stand, and how fast it refuses bombs."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from auditor import codes
from auditor.errors import Position, SpecError
from auditor.spec import load_spec, parse_spec, render_error
from auditor.spec.scalars import lookalike, plain_scalar
from auditor.spec.yaml_reader import read_yaml


def codes_of(data: bytes | str, path: str = "a.yaml") -> list[str]:
    with pytest.raises(SpecError) as caught:
        parse_spec(data.encode() if isinstance(data, str) else data, Path(path))
    assert render_error(caught.value)
    assert all(problem.where for problem in caught.value.problems)
    return [problem.code for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("12", 12), ("-3", -3), ("+4", 4), ("0", 0), ("2.50", 2.5), (".5", 0.5), ("5.", 5.0), ("1e3", 1000.0),
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None),
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("012", "012"), ("1:30", "1:30"), ("0x1F", "0x1F"),
        ("1_000", "1_000"), (".inf", ".inf"), (".nan", ".nan"), ("2024-13-45", "2024-13-45"),
        ("=", "="), ("1.0.0", "1.0.0"),
    ],
)  # fmt: skip
def test_plain_scalars_mean_what_yaml_1_2_says(written: str, meant: object) -> None:
    assert plain_scalar(written) == meant
    assert type(plain_scalar(written)) is type(meant)
    assert read_yaml(f"a: {written}\n", "a.yaml").value == {"a": meant}


def test_quoted_scalars_are_text() -> None:
    document = read_yaml("a: '12'\nb: \"true\"\nc: |\n  12\nd: ''\n", "a.yaml")
    assert document.value == {"a": "12", "b": "true", "c": "12\n", "d": ""}


def test_lookalikes_say_how_to_write_what_was_meant() -> None:
    assert [lookalike(text, "number") for text in ("012", "0x10", "0o17", "1_000", " 7 ", "high", ".inf", "10%")] == [
        "12", "16", "15", "1000", "7", "", "", "0.1",
    ]  # fmt: skip
    assert [lookalike(text, "bool") for text in ("yes", "Off", "TRUE", "maybe")] == ["true", "false", "true", ""]


def test_every_key_and_value_has_its_position() -> None:
    document = read_yaml("a: 1\nb:\n  - {c: x, d: [y]}\n  - e: 'z'\nf:\n", "p.yaml")
    keys, values = document.positions.keys, document.positions.values
    assert document.value == {"a": 1, "b": ({"c": "x", "d": ("y",)}, {"e": "z"}), "f": None}
    assert keys["b", 0, "d"] == Position("p.yaml", 3, 12, 1)
    assert values["b", 0, "d", 0] == Position("p.yaml", 3, 16, 1)
    assert values["b", 1, "e"] == Position("p.yaml", 4, 8, 3)
    assert values["f",] == keys["f",] == Position("p.yaml", 5, 1, 1)
    assert document.positions.of_value(("b", 1, "missing")) == Position("p.yaml", 4, 5, 1)
    assert document.positions.of_owner(("b",)) == Position("p.yaml", 2, 1, 1)
    assert document.positions.written(("b", 1, "e")) == "'z'"


def test_a_bom_and_windows_line_ends_move_no_position(valid_text: str) -> None:
    plain = parse_spec(valid_text.encode(), Path("a.yaml"))
    windows = parse_spec(b"\xef\xbb\xbf" + valid_text.replace("\n", "\r\n").encode(), Path("a.yaml"))
    assert windows.spec == plain.spec
    assert windows.positions.values == plain.positions.values
    assert windows.digest != plain.digest


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"version: 1\nname: caf\xe9\n", codes.NOT_UTF8),
        ("version: 1\n".encode("utf-16"), codes.NOT_UTF8),
        (b"version: 1\x00\n", codes.FORBIDDEN_CHARACTER),
        (b"version: 1 # \x1b[31m\n", codes.FORBIDDEN_CHARACTER),
        ("version: 1\u2028a: b\n".encode(), codes.FORBIDDEN_CHARACTER),
        ("version: \ufeff1\n".encode(), codes.FORBIDDEN_CHARACTER),
        (b'"\\x00key": 1\n', codes.FORBIDDEN_CHARACTER),
        (b"x" * (2**20 + 1), codes.FILE_TOO_LARGE),
        (b'a: "\\U00FFFFFF"\n', codes.YAML_SYNTAX),
        (b"%YAML 1.99999\n---\na: b\n", codes.MISSING_VERSION),
        (b"%YAML 3.0\n---\na: b\n", codes.YAML_SYNTAX),
        (b"%YAML " + b"9" * 5000 + b".0\n---\na: b\n", codes.YAML_SYNTAX),
        (b"a: @b\n", codes.YAML_SYNTAX),
        (b"a: `b\n", codes.YAML_SYNTAX),
        (b'a: "\\q"\n', codes.YAML_SYNTAX),
        (b"a: !x!y z\n", codes.YAML_SYNTAX),
        (b"a: *\n", codes.YAML_SYNTAX),
        (b"*a : b\n", codes.ALIAS),
        (b"? &a b\n: c\n", codes.ALIAS),
        (b"a: &b [*b]\n", codes.ALIAS),
        (b"a: " + b"9" * 5000 + b"\n", codes.NUMBER_TOO_LARGE),
        (b"a: 1e999\n", codes.NUMBER_TOO_LARGE),
        (b"", codes.EMPTY_DOCUMENT),
        (b"just text\n", codes.NOT_A_MAPPING),
        (b"---\n---\n", codes.EMPTY_DOCUMENT),
    ],
    ids=lambda value: value if isinstance(value, str) else ascii(value[:16]),
)
def test_hostile_bytes_are_refused_with_a_code_and_a_position(data: bytes, code: str) -> None:
    assert code in codes_of(data)


def alias_bomb() -> str:
    return "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60))


def merge_bomb() -> str:
    return "a0: &a0 {x: y}\n" + "".join(f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}]}}\n" for i in range(1, 40))


@pytest.mark.parametrize(
    ("bomb", "code"),
    [
        (alias_bomb(), codes.ALIAS),
        (merge_bomb(), codes.MERGE_KEY),
        ("[" * 20_000, codes.TOO_DEEP),
        ("{a: " * 20_000, codes.TOO_DEEP),
        ("- " * 20_000 + "a", codes.NOT_A_MAPPING),
        ("a:\n  " + "- " * 20_000 + "b", codes.TOO_DEEP),
        ("? " * 20_000 + "a", codes.TOO_DEEP),
        ("a: " + "[" * 200 + "]" * 200, codes.TOO_DEEP),
        ("a: " + "x" * 10_000_000, codes.FILE_TOO_LARGE),
        ("a: &a [*a]\nb: *a\n", codes.ALIAS),
        ("[" * 20_000 + "]" * 20_000, codes.NOT_A_MAPPING),
    ],
    ids=[
        "alias",
        "merge",
        "brackets",
        "braces",
        "dashes",
        "dashes-below",
        "questions",
        "closed",
        "10-MB",
        "cycle",
        "list",
    ],
)
def test_bombs_are_refused_at_once(bomb: str, code: str) -> None:
    data, spent = bomb.encode(), []
    for _ in range(3):
        start = time.process_time()
        found = codes_of(data)
        spent.append(time.process_time() - start)
    assert code in found or (code == codes.NOT_A_MAPPING and codes.TOO_DEEP in found)
    assert min(spent) < 0.1, f"took {min(spent):.3f} s"


def test_too_many_parts_are_refused() -> None:
    assert codes.TOO_MANY_NODES in codes_of("a:\n" + "- [x, y]\n" * 20_000)


def test_a_wide_mapping_of_unknown_keys_is_refused_in_a_second() -> None:
    start = time.process_time()
    wide = "".join(f"  titel{i}: 1\n" for i in range(20_000))
    assert codes_of("version: 1\naudit:\n" + wide)[-1] == codes.MORE_PROBLEMS
    assert time.process_time() - start < 4


@pytest.mark.parametrize(
    "path", ["nowhere.yaml", ".", "a\0b.yaml", "/dev/zero", "/dev/null", "/proc/self/mem", "long" * 100]
)
def test_files_that_cannot_be_read(path: str) -> None:
    with pytest.raises(SpecError) as caught:
        load_spec(Path(path))
    assert [problem.code for problem in caught.value.problems] == [codes.UNREADABLE_FILE]
    assert "\0" not in render_error(caught.value)
