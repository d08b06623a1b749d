"""Looking at many pictures is seen."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from auditor.execute import PlainProgress
from auditor.run.looking import looking
from auditor.spec import load_spec
from auditor.spec.materials import require

SPEC = Path(__file__).parents[2] / "specs" / "shapes-reliance.yaml"


@pytest.mark.parametrize(
    ("quick", "lines"), [(0.0, ["look at pictures: 200 to do", "look at pictures: 200 of 200"]), (60.0, [])]
)
def test_progress_is_told_where_it_takes_long(quick, lines):
    told = io.StringIO()
    require(load_spec(SPEC), allow_python=False, decode=True, looked=looking(PlainProgress(told), quick))
    said = told.getvalue().splitlines()
    assert len(said) == len(lines) and all(line.startswith(begun) for line, begun in zip(said, lines, strict=True))
