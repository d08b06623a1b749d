"""How problems look: the caret under what is meant, and nothing in a terminal that was not meant to be there."""

from __future__ import annotations

import json

import pytest

from auditor.errors import Position, Problem
from auditor.spec import problem_dicts, render_text
from auditor.spec.render import WIDEST, width


def shown(line: str, column: int, length: int = 1) -> tuple[str, str]:
    """The source line and the caret line of a problem."""
    told = render_text([Problem("AUD104", "m", Position("a.yaml", 1, column, length))], {"a.yaml": line}).splitlines()
    return told[1].removeprefix("    1 | "), told[2].removeprefix("      | ")


def test_the_shape_is_the_one_that_was_promised() -> None:
    where = Position("specs/faces.yaml", 2, 8, 5)
    problem = Problem("AUD104", "unknown key `stpes` in a text_to_image intervention", where, "write it so", "steps")
    assert render_text([problem], {"specs/faces.yaml": "      seed: 7\n       stpes: 30\n"}) == (
        "specs/faces.yaml:2:8: AUD104 unknown key `stpes` in a text_to_image intervention\n"
        "    1 |       seed: 7\n"
        "    2 |        stpes: 30\n"
        "      |        ^^^^^ did you mean `steps`?\n"
        "   = way out: write it so\n"
    )


def test_a_problem_without_a_place_or_a_text_is_told_all_the_same() -> None:
    assert render_text([Problem("AUD301", "no folder", None, "make one", "x")], {}) == (
        "AUD301 no folder\n   = did you mean `x`?\n   = way out: make one\n"
    )
    for texts in ({}, {"a.yaml": ""}, {"a.yaml": "one line"}, {"b.yaml": "\n" * 10}):
        assert render_text([Problem("AUD001", "m", Position("a.yaml", 9, 1))], texts) == "a.yaml:9:1: AUD001 m\n"


def test_each_problem_is_shown_in_its_own_file() -> None:
    problems = [Problem("AUD104", "m", Position(path, 1, 1)) for path in ("a.yaml", "b.yaml")]
    told = render_text(problems, {"b.yaml": "of b", "a.yaml": "of a"}).splitlines()
    assert told[1] == "    1 | of a" and told[4] == "    1 | of b"


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("\tkey: stpes", "stpes"),
        ("赤い円: stpes", "stpes"),
        ("e\u0301e\u0301: stpes", "stpes"),
        ("a\u202eb: stpes", "stpes"),
        ("x" * 500 + " stpes: 1 " + "y" * 500, "stpes"),
        ("赤" * 300 + " stpes: 1 " + "円" * 300, "stpes"),
        ("\t" * 60 + "stpes: 1", "stpes"),
        ("stpes: " + "y" * 500, "stpes"),
    ],
)
def test_the_caret_stands_under_the_word(line: str, word: str) -> None:
    source, caret = shown(line, line.index(word) + 1, len(word))
    assert width(source) <= WIDEST + 2
    start = len(caret) - len(caret.lstrip())
    assert caret.strip() == "^" * len(word)
    assert width(source[: source.index(word)]) == start


def test_a_long_value_is_cut_at_both_ends() -> None:
    source, caret = shown("k: " + "v" * 5000, 4, 5000)
    assert source.endswith("v…")
    assert len(caret) <= WIDEST


def test_nothing_hidden_reaches_a_terminal() -> None:
    hostile = "\x1b[31m \u202e \u2066 \x00 \u200b \u2028 \x9b \ud800"
    problem = Problem("AUD104", hostile, Position(f"{hostile}.yaml", 1, 1, 40), hostile, hostile)
    told = render_text([problem], {f"{hostile}.yaml": f"a: {hostile}"})
    assert told.replace("\n", "").isprintable()
    assert "\\x1b[31m" in told
    told.encode("utf-8")


def test_problems_are_json_values() -> None:
    problems = [Problem("AUD104", "m", Position("a.yaml", 1, 2, 3), "w", "s"), Problem("AUD301", "n")]
    assert json.loads(json.dumps(problem_dicts(problems))) == [
        {
            "code": "AUD104",
            "message": "m",
            "way_out": "w",
            "suggestion": "s",
            "file": "a.yaml",
            "line": 1,
            "column": 2,
            "length": 3,
        },
        {
            "code": "AUD301",
            "message": "n",
            "way_out": "",
            "suggestion": "",
            "file": None,
            "line": None,
            "column": None,
            "length": None,
        },
    ]
