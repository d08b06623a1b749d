"""The catalogue of codes: complete, without doubles, and every code raised by some test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from auditor import codes

ROOT = Path(__file__).parents[2]
NAMES = {name: value for name, value in vars(codes).items() if name.isupper() and isinstance(value, str)}


def sources(folder: str) -> str:
    """All Python and golden text below `folder`, without the catalogue and this test."""
    paths = [path for pattern in ("*.py", "*.txt") for path in sorted((ROOT / folder).rglob(pattern))]
    mine = {ROOT / "auditor/codes.py", Path(__file__)}
    return "\n".join(path.read_text(encoding="utf-8") for path in paths if path not in mine)


def mentioned(name: str, text: str) -> bool:
    """Whether `text` has a code by its name or its number."""
    return re.search(rf"\b({name}|{NAMES[name]})\b", text) is not None


def test_every_code_is_explained_once() -> None:
    assert set(NAMES.values()) == set(codes.EXPLANATIONS)
    assert len(set(NAMES.values())) == len(NAMES)
    assert all(re.fullmatch(r"AUD\d{3}", code) for code in NAMES.values())
    assert all(text.endswith(".") and "{" not in text for text in codes.EXPLANATIONS.values())


def test_every_code_written_in_the_program_is_in_the_catalogue() -> None:
    written = set(re.findall(r"\bAUD\d{3}\b", sources("auditor")))
    assert written <= set(NAMES.values()), sorted(written - set(NAMES.values()))


@pytest.mark.parametrize("name", [name for name, code in NAMES.items() if code < "AUD3"])
def test_every_code_of_the_document_is_raised_by_some_test(name: str) -> None:
    assert mentioned(name, sources("auditor"))
    assert mentioned(name, sources("tests/spec"))


def test_every_code_of_data_that_is_used_is_raised_by_some_test() -> None:
    program, tests = sources("auditor"), sources("tests")
    used = [name for name, code in NAMES.items() if code >= "AUD3" and mentioned(name, program)]
    assert not [name for name in used if not mentioned(name, tests)]
