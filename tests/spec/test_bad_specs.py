"""Each hostile document in `bad/` is refused with exactly the text beside it.

Regenerate the texts with `AUDITOR_WRITE_GOLDEN=1 pytest tests/spec/test_bad_specs.py`, and read the diff.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from auditor.errors import SpecError
from auditor.spec import parse_spec, render_error

BAD = Path(__file__).parent / "bad"
WRITE = bool(os.environ.get("AUDITOR_WRITE_GOLDEN"))


def refused(path: Path) -> str:
    with pytest.raises(SpecError) as caught:
        parse_spec(path.read_bytes(), Path(path.name))
    return render_error(caught.value)


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_bad_spec_is_told_as_written(path: Path) -> None:
    told, golden = refused(path), path.with_suffix(".txt")
    if WRITE:
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")


def test_every_text_has_its_document() -> None:
    assert {path.stem for path in BAD.glob("*.txt")} == {path.stem for path in BAD.glob("*.yaml")}
