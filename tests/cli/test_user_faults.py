"""Each fault of a user is told in one go: the place, the code, the way out; and nothing is written.

The texts stand in `bad/`. Rewrite them with `AUDITOR_WRITE_GOLDEN=1 pytest tests/cli/test_user_faults.py`,
and read the diff.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Command, snapshot
from tests.cli.user_faults import ALLOWED_PYTHON, FAULTS, Fault, missing_picture, truncated_picture, wrong_key

BAD = Path(__file__).parent / "bad"
WRITE = bool(os.environ.get("AUDITOR_WRITE_GOLDEN"))
HEAD = re.compile(r"^audit\.yaml:(\d+):(\d+): (AUD\d{3}) .+[^.]$", re.MULTILINE)

every_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)


def flags(fault: Fault) -> list[str]:
    return ["--allow-python"] if fault in ALLOWED_PYTHON else []


def steady(text: str) -> str:
    """`text` without the names of what happens to be bundled, and the words of a library."""
    text = re.sub(r"(the tokenizer in .* cannot be read): .*", r"\1: …", text)
    return re.sub(r"bundled: .*", "bundled: …", text)


@every_fault
def test_run_tells_the_fault_and_writes_nothing(fault: Fault, world: Path, auditor: Command) -> None:
    fault(world)
    before = snapshot(world)
    said = auditor("run", "audit.yaml", *flags(fault))
    golden = BAD / f"{fault.__name__}.txt"
    if WRITE:
        golden.write_text(steady(said.err), encoding="utf-8")
    assert steady(said.err) == golden.read_text(encoding="utf-8")
    assert said.status == 2 and said.out == ""
    assert HEAD.search(said.err) and "way out: " in said.err
    assert "Traceback" not in said.err and str(world) not in said.err
    assert snapshot(world) == before


@every_fault
def test_validate_plan_and_preview_tell_the_same(fault: Fault, world: Path, auditor: Command) -> None:
    fault(world)
    before = snapshot(world)
    golden = (BAD / f"{fault.__name__}.txt").read_text(encoding="utf-8")
    for command in ("plan", "preview"):
        assert steady(auditor(command, "audit.yaml", *flags(fault)).err) == golden
    if fault is not truncated_picture:  # `validate` reads pictures as far as their headers.
        assert steady(auditor("validate", "audit.yaml", *flags(fault)).err) == golden
        told = json.loads(auditor("validate", "audit.yaml", "--json", *flags(fault)).out)
        assert not told["valid"]
        places = [(str(one["line"]), str(one["column"]), one["code"]) for one in told["problems"]]
        assert places == HEAD.findall(golden)
    assert snapshot(world) == before


def test_problems_are_sorted_by_place() -> None:
    found = HEAD.findall((BAD / "several_at_once.txt").read_text(encoding="utf-8"))
    assert len(found) == 5
    assert found == sorted(found, key=lambda head: (int(head[0]), int(head[1])))


def test_every_text_has_its_fault() -> None:
    assert {path.stem for path in BAD.glob("*.txt")} == {fault.__name__ for fault in FAULTS}


def test_the_small_world_itself_is_valid(world: Path, auditor: Command) -> None:
    before = snapshot(world)
    said = auditor("validate", "audit.yaml")
    assert (said.status, said.err) == (0, "")
    assert said.out == "audit.yaml: valid; 12 rows, 2 concepts, 1 model, 2 checks, 1 requirement\n"
    assert auditor("plan", "audit.yaml", "--no-estimate").status == 0
    assert snapshot(world) == before


@pytest.mark.parametrize("fault", [wrong_key, missing_picture], ids=lambda fault: fault.__name__)
def test_a_process_says_what_is_said_here(fault: Fault, world: Path, auditor_process: Command) -> None:
    fault(world)
    said = auditor_process("run", "audit.yaml")
    assert (said.status, said.out) == (2, "")
    assert said.err == (BAD / f"{fault.__name__}.txt").read_text(encoding="utf-8")
