"""Whatever is written, the answer is an audit or a list of problems at places; typing errors are understood."""

from __future__ import annotations

import random
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.errors import SpecError
from auditor.spec import LoadedSpec, parse_spec, render_error
from auditor.spec.positions import Loc
from auditor.spec.source_text import lines_of

VALID = (Path(__file__).parent / "valid.yaml").read_text(encoding="utf-8")

HOSTILE = st.sampled_from(
    [
        *"{}[]:,-?!&*#|>'\"%@`~<=\t \n\r\\.0\x00\x85\u2028\ufeff\u202e\U0001f600",
        "<<: *a\n",
        "&a ",
        "*a",
        "!!str ",
        "---\n",
        "...\n",
        "? ",
        "- ",
        ": ",
        "9" * 400,
        "1e999",
        ".inf",
        "null",
        "no",
        "012",
        "\\ud800",
        "[" * 80,
    ]
)
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 12), st.one_of(HOSTILE, st.text(max_size=5))), min_size=1, max_size=6
)


def edited(text: str, edits: list[tuple[float, int, str]]) -> bytes:
    """`text` with pieces cut out and others put in, at relative places."""
    for place, cut, piece in edits:
        at = int(place * len(text))
        text = text[:at] + piece + text[at + cut :]
    return text.encode("utf-8", "surrogatepass")


def answered(data: bytes) -> LoadedSpec | SpecError:
    """An audit, or problems that each have a place inside the document; never anything else."""
    try:
        return parse_spec(data, Path("fuzz.yaml"))
    except SpecError as error:
        assert 0 < len(error.problems) <= 51
        lines = lines_of(data.decode("utf-8", "replace").removeprefix("\ufeff"))
        for problem in error.problems:
            assert problem.where is not None
            assert 1 <= problem.where.line <= len(lines)
            assert 1 <= problem.where.column <= len(lines[problem.where.line - 1]) + 1
            assert problem.message
            assert problem.way_out
            assert not problem.message.endswith(".")
        told = render_error(error)
        assert told.replace("\n", "").isprintable()
        return error


@given(edits=EDITS)
@settings(max_examples=200, deadline=None)
def test_edited_documents_are_answered(edits: list[tuple[float, int, str]]) -> None:
    answered(edited(VALID, edits))


@given(data=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_answered(data: bytes) -> None:
    answered(data)
    answered(b"version: 1\n" + data)


@pytest.mark.slow
@given(edits=EDITS)
@settings(max_examples=5_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_many_edited_documents_are_answered(edits: list[tuple[float, int, str]]) -> None:
    answered(edited(VALID, edits))


def misspelt(word: str, draw: random.Random) -> str:
    """`word` with one letter left out, doubled, exchanged, put in, or swapped with its neighbour."""
    at = draw.randrange(len(word))
    letter = draw.choice(string.ascii_lowercase)
    wrong = {
        "leave out": word[:at] + word[at + 1 :],
        "double": word[:at] + word[at] + word[at:],
        "exchange": word[:at] + letter + word[at + 1 :],
        "put in": word[:at] + letter + word[at:],
        "swap": word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
    }
    return draw.choice([form for form in wrong.values() if form not in ("", word)])


def suggestion_for(loc: Loc, wrong: str, positions: Any) -> str:
    """What is suggested where the key at `loc` is written `wrong`."""
    where = positions.keys[loc]
    lines = list(lines_of(VALID))
    line = lines[where.line - 1]
    lines[where.line - 1] = line[: where.column - 1] + wrong + line[where.column - 1 + where.length :]
    result = answered("\n".join(lines).encode())
    assert isinstance(result, SpecError), f"{wrong} is taken for another key"
    here = [problem for problem in result.problems if problem.where and problem.where.line == where.line]
    return next((problem.suggestion for problem in here if problem.where and problem.where.column == where.column), "")


def test_one_wrong_letter_in_a_key_is_understood() -> None:
    positions = parse_spec(VALID.encode(), Path("a.yaml")).positions
    draw, right, asked = random.Random(7), 0, 0
    missed = []
    for loc in positions.keys:
        for _ in range(5):
            wrong = misspelt(str(loc[-1]), draw)
            asked += 1
            if suggestion_for(loc, wrong, positions) == loc[-1]:
                right += 1
            else:
                missed.append((wrong, loc[-1]))
    assert asked > 200
    assert right / asked >= 0.95, f"{right} of {asked}; missed {missed}"
