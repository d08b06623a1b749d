"""`auditor plan --why` says why there is something to run, and `--reuse semantic` what needs not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.cli.small_world import respell
from tests.cli.user_audit import PICTURES

PLAN = ("plan", "audit.yaml", "--allow-python", "--no-estimate", "--why")


def test_a_finished_audit_needs_nothing(finished: Path, auditor: Command) -> None:
    said = auditor(*PLAN)
    assert said.status == 0 and "WHY: nothing needs to run.\n" in said.out
    assert json.loads(auditor(*PLAN, "--json").out)["why"] == []


def test_why_is_said_where_it_is_asked_for(fresh: Path, auditor: Command) -> None:
    assert json.loads(auditor(*PLAN[:-1], "--json").out)["why"] is None
    assert "WHY" not in auditor(*PLAN[:-1]).out
    lines = auditor(*PLAN).out.splitlines()
    start = lines.index("WHY")
    assert lines[start + 1 : start + 3] == [
        f"generate captions: {PICTURES} to run",
        f"  {PICTURES}: no picture was generated into this store yet",
    ]


def test_each_reason_has_a_line(finished: Path, auditor: Command) -> None:
    respell(finished, "draws: 2", "draws: 3")
    lines = auditor(*PLAN).out.splitlines()
    start = lines.index("WHY")
    assert lines[start + 1 : start + 5] == [
        "generate captions: 36 to run",
        "  36: draw 3 of 12 rows is new",
        "predict reddish: 36 to run",
        "  36: the pictures they are of must be made",
    ]


def test_another_numerics_class_is_the_reason_and_may_be_reused(finished: Path, auditor: Command) -> None:
    respell(finished, "report:", "numerics: reference\nreport:")
    told = json.loads(auditor(*PLAN, "--json").out)
    assert told["why"][0]["reasons"] == [
        {"kind": "class", "units": PICTURES, "sentence": "stored under another numerics class: batch 16 -> 1"}
    ]
    reusing = auditor(*PLAN, "--reuse", "semantic")
    assert "WHY: nothing needs to run." in reusing.out
    assert f"generate captions: {PICTURES} of the stored were made under another numerics class" in reusing.out


@pytest.mark.parametrize("numerics", ["default", "{name: ours}"])
def test_the_name_of_a_profile_is_no_reason(finished: Path, auditor: Command, numerics: str) -> None:
    respell(finished, "report:", f"numerics: {numerics}\nreport:")
    assert json.loads(auditor(*PLAN, "--json").out)["why"] == []
