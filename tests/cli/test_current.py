"""A finished run is left as it is where nothing has changed, and healed where something has."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Command, Said, environment, snapshot
from tests.cli.small_world import respell
from tests.cli.test_startup import HEAVY, LISTING
from tests.cli.user_audit import RUN, SCORES, UNITS, journal, run_folder

CLOCKS = {"run.json", "run-record.html"}
"""What the next run writes anew, since it says when that was."""


def test_a_current_result_is_told_and_nothing_is_touched_or_loaded(finished: Path) -> None:
    before = snapshot(run_folder(finished))
    done = subprocess.run(
        [sys.executable, "-c", LISTING, *RUN], cwd=finished, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == json.loads((run_folder(finished) / "run.json").read_text())["exit_status"]
    assert "the result is current, nothing was done" in done.stdout and done.stderr == ""
    assert snapshot(run_folder(finished)) == before
    assert not (HEAVY | {"jinja2"}) & set(json.loads((finished / "modules.json").read_text()))


def test_it_says_what_the_first_run_said(finished: Path, first: tuple[Path, Said], auditor: Command) -> None:
    said = auditor(*RUN)
    assert said.status == first[1].status
    told = first[1].out.replace(f"{UNITS} units computed", "the result is current, nothing was done")
    assert said.out == told
    found = json.loads(auditor(*RUN, "--json").out)
    assert found["current"] is True and found["computed_units"] == 0
    assert all(Path(file).exists() for file in found["files"].values())


def left_by(folder: Path) -> dict[str, bytes | None]:
    """Every file of a run whose bytes do not depend on when it was."""
    found = snapshot(run_folder(folder))
    return {name: data for name, data in found.items() if name not in CLOCKS}


FILES = (
    "result.json", "units.jsonl", "report.html", "spec.yaml", "resolved.yaml", "plan.json", "blocks.txt",
    "run-record.html", "images",
)  # fmt: skip


@pytest.mark.parametrize("change", ["gone", "scribbled"])
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_not_as_it_was_is_made_again(name: str, change: str, finished: Path, auditor: Command) -> None:
    before = left_by(finished)
    file = run_folder(finished) / name
    file = next(file.iterdir()) if file.is_dir() else file
    if change == "gone":
        file.unlink()
    elif name != "result.json":  # What cannot be read as a result may be anybody's, and is refused.
        file.write_bytes(file.read_bytes() + b"\n")
    else:
        file.write_text(json.dumps({**json.loads(file.read_text()), "outcome": "pass"}))
    told = json.loads(auditor(*RUN, "--json").out)
    assert told["current"] is False and told["computed_units"] == 0
    assert left_by(finished) == before
    assert json.loads(auditor(*RUN, "--json").out)["current"] is True


def test_every_file_that_a_run_leaves_is_watched(finished: Path) -> None:
    record = json.loads((run_folder(finished) / "run.json").read_text())
    left = {name for name, data in snapshot(run_folder(finished)).items() if data is not None}
    assert set(record["files"]) == left - {"run.json", ".lock"}


@pytest.mark.parametrize("change", ["gone", "flipped"])
def test_a_stored_picture_that_is_lost_is_made_again(change: str, finished: Path, auditor: Command) -> None:
    before = left_by(finished)
    record = next(journal(finished))
    block = finished / ".auditor/store/objects" / record["block"][:2] / record["block"][2:]
    data = bytearray(block.read_bytes())
    data[len(data) // 2] ^= 4
    block.unlink() if change == "gone" else block.write_bytes(data)
    told = json.loads(auditor(*RUN, "--json").out)
    assert told["current"] is False and told["computed_units"] == record["units"]
    after = left_by(finished)
    assert after.pop("journal.jsonl") != before.pop("journal.jsonl")
    assert after == before


def comment(world: Path) -> None:
    respell(world, "version: 1", "version: 1  # as agreed")


def other_title(world: Path) -> None:
    respell(world, "Does the share", "How does the share")


def other_model(world: Path) -> None:
    (world / "model.py").write_text((world / "model.py").read_text() + "\n# mended\n")


def other_value(world: Path) -> None:
    table = world / "data/metadata.csv"
    table.write_text(table.read_text().replace("p5", "p6"))


def other_auditor(world: Path) -> None:
    as_recorded(world, "auditor")


def other_numerics(world: Path) -> None:
    as_recorded(world, "numerics")


def older_record(world: Path) -> None:
    as_recorded(world, None)


def as_recorded(world: Path, name: str | None) -> None:
    """Let the record say that the result was made from something else, or nothing of it."""
    path = run_folder(world) / "run.json"
    record = json.loads(path.read_text())
    record["inputs"] = {**record["inputs"], name: "0" * 64} if name else {}
    path.write_text(json.dumps(record))


CHANGES: dict[Callable[[Path], None], int] = {
    comment: 0, other_title: 0, other_model: SCORES, other_value: 0, other_auditor: 0, other_numerics: 0,
    older_record: 0,
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_whatever_the_result_depends_on_is_asked(
    change: Callable[[Path], None], finished: Path, auditor: Command
) -> None:
    change(finished)
    told = json.loads(auditor(*RUN, "--json").out)
    assert told["current"] is False and told["computed_units"] == CHANGES[change]
    assert json.loads(auditor(*RUN, "--json").out)["current"] is True


def test_a_current_result_is_no_way_around_a_lock(finished: Path, auditor: Command) -> None:
    assert auditor("lock", "audit.yaml", "--allow-python").status == 0
    assert json.loads(auditor(*RUN, "--locked", "--json").out)["current"] is True
    lock = finished / "audit.lock.json"
    lock.write_text(lock.read_text().replace('"numpy": "', '"numpy": "1'))
    assert auditor(*RUN, "--locked").status == 2


def test_code_of_the_author_is_still_to_be_allowed(finished: Path, auditor: Command) -> None:
    said = auditor("run", "audit.yaml")
    assert said.status == 2 and "AUD331" in said.err


def test_a_folder_that_cannot_be_written_may_hold_a_current_result(finished: Path, auditor: Command) -> None:
    lock = run_folder(finished) / ".lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()  # As on a disk that is read only: nobody can hold the folder.
    assert json.loads(auditor(*RUN, "--json").out)["current"] is True
    comment(finished)
    said = auditor(*RUN)
    assert said.status == 3 and "cannot be written" in said.err
