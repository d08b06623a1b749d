"""Each family of documents with a fault is refused with exactly the text in `bad_families/`.

Regenerate the texts with `AUDITOR_WRITE_GOLDEN=1 pytest tests/spec/test_bad_families.py`, and read the diff.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from auditor.errors import SpecError
from auditor.spec import load_spec, render_error
from tests.spec.family_faults import FAULTS, FamilyFault

BAD = Path(__file__).parent / "bad_families"
WRITE = bool(os.environ.get("AUDITOR_WRITE_GOLDEN"))


def refused(fault: FamilyFault, folder: Path, monkeypatch: pytest.MonkeyPatch) -> SpecError:
    fault(folder)
    path = Path("audit.yaml")
    if (folder / "specs").exists():
        (folder / ".git").mkdir()
        path = Path("specs/audit.yaml")
    monkeypatch.chdir(folder)
    with pytest.raises(SpecError) as caught:
        load_spec(path)
    return caught.value


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_bad_family_is_told_as_written(fault: FamilyFault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error = refused(fault, tmp_path, monkeypatch)
    told, golden = render_error(error), BAD / f"{fault.__name__}.txt"
    if WRITE:
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")
    assert not re.search(r"Errno|Traceback", told)
    for problem in error.problems:
        where = problem.where
        assert where is not None and problem.way_out
        lines = re.split(r"\r\n|\n|\r", error.texts.get(where.path, ""))
        assert 1 <= where.line <= len(lines) and 1 <= where.column <= len(lines[where.line - 1]) + 1


def test_every_text_has_its_fault() -> None:
    assert {path.stem for path in BAD.glob("*.txt")} == {fault.__name__ for fault in FAULTS}
