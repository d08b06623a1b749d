"""A plan file fixes a run before it is made: it runs where everything is the same, and nowhere else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auditor.digest import digest_value
from tests.cli.conftest import Command, Said, snapshot
from tests.cli.small_world import respell, table_rows, write_table
from tests.cli.test_lock import other_picture, other_scheduler, other_weights
from tests.cli.user_audit import RUN, UNITS, run_folder

PLAN = "plan.json"


@pytest.fixture
def planned(world: Path, auditor: Command) -> Path:
    """The small audit with a plan file."""
    said = auditor("plan", "--no-estimate", "audit.yaml", "-o", PLAN)
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines()[-1] == f"{PLAN}: this run is fixed; to make it: auditor run {PLAN}"
    return world


def sealed(world: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """The plan file as if it had been written when something was otherwise."""
    plan = json.loads((world / PLAN).read_text())
    change(plan)
    plan["seal"] = digest_value({key: value for key, value in plan.items() if key != "seal"})
    (world / PLAN).write_text(json.dumps(plan))


def other_step(world: Path) -> None:
    respell(world, "steps: 2", "steps: 3")


def other_comment(world: Path) -> None:
    respell(world, "version: 1", "version: 1  # as agreed")


def longer_document(world: Path) -> None:
    with (world / "audit.yaml").open("a") as file:
        file.write("fail_on_invalid: 3\n")


def document_gone(world: Path) -> None:
    (world / "audit.yaml").unlink()


def other_values(world: Path) -> None:
    rows = table_rows()
    rows[2]["red_circle"] = "1"
    write_table(world / "data", rows)


def other_torch(world: Path) -> None:
    sealed(world, lambda plan: plan["pins"]["packages"].update(torch="1.0.0"))


def other_auditor(world: Path) -> None:
    sealed(world, lambda plan: plan["pins"].update(auditor="0.0.9"))


def other_batch(world: Path) -> None:
    sealed(world, lambda plan: plan["numerics"].update(batch="generate 1, predict 1"))


def other_processor(world: Path) -> None:
    sealed(world, lambda plan: plan["numerics"].update(processor="abacus"))


def other_units(world: Path) -> None:
    sealed(world, lambda plan: plan["round_one"][1].update(keys="0" * 64))


def other_ops(world: Path) -> None:
    sealed(world, lambda plan: plan["round_one"].pop())


DRIFTS: dict[Callable[[Path], None], list[str]] = {
    other_step: ["document `audit.yaml`, line 23: planned `steps: 2`, found `steps: 3`"],
    other_comment: ["document `audit.yaml`, line 1: planned `version: 1`, found `version: 1  # as agreed`"],
    longer_document: ["document `audit.yaml`, line 32: planned nothing, found `fail_on_invalid: 3`"],
    document_gone: ["document `audit.yaml`: planned "],
    other_weights: ["model `outcome`, file `model.safetensors`: planned "],
    other_scheduler: ["pipeline of `captions`, file `scheduler/scheduler_config.json`: planned "],
    other_picture: ["pictures of the data set: planned "],
    other_values: ["table of the data set: planned "],
    other_torch: ["package torch: planned 1.0.0, found "],
    other_auditor: ["auditor: planned 0.0.9, found 0.1.0"],
    other_batch: ["numerics, batch: planned generate 1, predict 1, found load "],
    other_processor: ["numerics, processor: planned abacus, found "],
    other_units: ["round one, generate: planned 72 units of "],
    other_ops: ["round one: planned 3 ops, found 4 ops"],
}


@pytest.mark.parametrize("spoil", DRIFTS, ids=lambda spoil: spoil.__name__)
def test_what_has_changed_is_refused_and_told(spoil: Callable[[Path], None], planned: Path, auditor: Command) -> None:
    spoil(planned)
    before = snapshot(planned)
    said = auditor("run", PLAN)
    assert (said.status, said.out) == (2, "")
    first, *lines, last = said.err.splitlines()
    assert first == f"auditor: the plan file {PLAN} does not hold any more"
    assert len(lines) == len(DRIFTS[spoil]), said.err
    assert all(line.startswith("  " + told) for line, told in zip(lines, DRIFTS[spoil], strict=True)), said.err
    assert last == f"way out: restore what was planned, or plan anew: auditor plan audit.yaml -o {PLAN}"
    assert json.loads(auditor("run", PLAN, "--json").out)["differences"]
    assert snapshot(planned) == before


def test_a_document_that_now_names_what_is_not_there_is_told_in_its_place(planned: Path, auditor: Command) -> None:
    shutil.rmtree(planned / "models/detector")
    said = auditor("run", PLAN)
    assert said.status == 2 and said.err.startswith("audit.yaml:11:13: AUD301 ")


WRONG = {
    "newer": (lambda text: text.replace('"schema_version": 1', '"schema_version": 2'), "of a newer auditor (schema"),
    "cut": (lambda text: text[: len(text) // 2], "the plan file plan.json is cut short at line "),
    "cut at the end": (lambda text: text[:-3], "the plan file plan.json is cut short at line "),
    "empty": (lambda text: "", "the plan file plan.json is cut short at line 1"),
    "edited": (lambda text: text.replace('"units": 72', '"units": 71'), "its seal does not fit"),
    "document edited": (lambda text: text.replace("steps: 2", "steps: 3"), "its seal does not fit"),
    "key added": (lambda text: text.replace("{", '{"note": 1,', 1), "no plan file that auditor wrote: note: is not"),
    "key taken": (lambda text: text.replace('"seal"', '"sael"'), "no plan file that auditor wrote: seal: is missing"),
    "a list": (lambda text: "[]", "it holds no JSON object"),
    "no json": (lambda text: "version 1", "the plan file plan.json is no JSON at line 1"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_broken_plan_file_is_told_in_one_sentence(name: str, planned: Path, auditor: Command) -> None:
    change, told = WRONG[name]
    (planned / PLAN).write_text(change((planned / PLAN).read_text()))
    before = snapshot(planned)
    said = auditor("run", PLAN)
    assert (said.status, said.out) == (2, "") and said.err.count("\n") == 1
    assert said.err.startswith("auditor: ") and told in said.err
    assert "write it again" in said.err
    assert snapshot(planned) == before


@pytest.mark.parametrize("path", ["../audit.yaml", "/etc/passwd", "data/../../audit.yaml", "link/audit.yaml", "a\0b"])
def test_paths_never_lead_outside(path: str, planned: Path, auditor: Command) -> None:
    shutil.copytree(planned, planned.parent / "elsewhere")
    (planned / "link").symlink_to(planned.parent / "elsewhere")
    shutil.copy(planned / "audit.yaml", planned.parent / "audit.yaml")
    sealed(planned, lambda plan: plan["document"][0].update(path=path))
    said = auditor("run", PLAN)
    assert (said.status, said.out) == (2, "") and said.err.count("\n") == 1
    assert "which leads outside its folder" in said.err


def test_a_plan_of_no_document(planned: Path, auditor: Command) -> None:
    sealed(planned, lambda plan: plan.update(document=[]))
    assert "names no document" in auditor("run", PLAN).err


def test_a_plan_file_lies_beside_the_document_or_above_it(world: Path, auditor: Command) -> None:
    (world / "plans").mkdir()
    said = auditor("plan", "--no-estimate", "audit.yaml", "-o", "plans/plan.json")
    assert (said.status, said.out) == (2, "")
    assert said.err == (
        "auditor: the plan file plans/plan.json must lie in the folder of audit.yaml, or above it: "
        "the paths in it lead down\n"
    )
    assert not list((world / "plans").iterdir())
    assert auditor("plan", "--no-estimate", "audit.yaml", "-o", "../plan.json").status == 0
    written = (world.parent / "plan.json").read_text()
    assert json.loads(written)["document"][0]["path"] == "world/audit.yaml"
    assert str(world.parent) not in written, "no path of this machine stands in it"


def test_files_that_are_extended_are_fixed_too(world: Path, auditor: Command) -> None:
    (world / ".git").mkdir()  # In a repository, a document may extend what lies above it.
    (world / "specs").mkdir()
    (world / "specs/strict.yaml").write_text(
        "version: 1\nextends: ../audit.yaml\naudit: {id: strict, title: Strictly, revision: '2'}\n"
    )
    said = auditor("plan", "--no-estimate", "specs/strict.yaml", "-o", "specs/plan.json")
    assert (said.status, said.out) == (2, "")
    assert "must lie in the folder of audit.yaml, or above it" in said.err
    assert auditor("plan", "--no-estimate", "specs/strict.yaml", "-o", PLAN).status == 0
    document = json.loads((world / PLAN).read_text())["document"]
    assert [file["path"] for file in document] == ["specs/strict.yaml", "audit.yaml"]
    other_step(world)
    said = auditor("run", PLAN)
    assert said.status == 2 and "document `audit.yaml`, line 23: planned `steps: 2`, found `steps: 3`" in said.err


def test_other_json_is_told(planned: Path, auditor: Command) -> None:
    assert auditor("run", "nowhere.json").err.startswith("auditor: the plan file nowhere.json cannot be read: no such")
    (planned / "counts.json").write_text('{"schema_version": 1, "ops": []}')
    assert "no plan file that auditor wrote: document: is missing" in auditor("run", "counts.json").err
    # A document may be written in JSON, which is YAML.
    (planned / "spec.json").write_text('{"version": 1}')
    assert "AUD105" in auditor("run", "spec.json").err


@pytest.mark.parametrize("command", ["validate", "plan", "preview", "lock", "resolve"])
def test_a_plan_file_is_run_and_nothing_else(command: str, planned: Path, auditor: Command) -> None:
    said = auditor(command, PLAN)
    assert (said.status, said.out) == (2, "")
    assert said.err == f"auditor: {PLAN} is no spec but a plan file, which can be run: auditor run {PLAN}\n"


def test_a_plan_is_the_same_wherever_it_is_written(planned: Path, auditor: Command) -> None:
    before = (planned / PLAN).read_bytes()
    assert auditor("plan", "--no-estimate", "audit.yaml", "-o", PLAN).status == 0
    assert (planned / PLAN).read_bytes() == before


def test_a_planned_run_is_the_run(fresh: Path, first: tuple[Path, Said], auditor: Command) -> None:
    assert auditor("plan", "--no-estimate", "audit.yaml", "--allow-python", "-o", PLAN).status == 0
    told = json.loads(auditor("run", PLAN, *RUN[2:], "--json").out)
    assert told["computed_units"] == UNITS
    for name in ("result.json", "units.jsonl", "report.html"):
        assert (run_folder(fresh) / name).read_bytes() == (run_folder(first[0]) / name).read_bytes(), name
    # Stored units are no change of the plan: it may be run again.
    assert json.loads(auditor("run", PLAN, *RUN[2:], "--json").out)["computed_units"] == 0


def test_a_plan_file_fixes_the_limit(finished: Path, auditor: Command) -> None:
    assert auditor("plan", "--no-estimate", "audit.yaml", "--allow-python", "--limit", "6", "-o", PLAN).status == 0
    said = auditor("run", PLAN, *RUN[2:], "--limit", "8")
    assert (said.status, said.out) == (2, "")
    assert said.err == "auditor: the plan file plan.json fixes how many rows are run; leave --limit out\n"
    told = json.loads(auditor("run", PLAN, *RUN[2:], "--json").out)
    assert told["partial"] == {"rows": 6, "of": 12} and told["computed_units"] == 0
    said = auditor("run", PLAN, *RUN[2:], "--reuse", "semantic")
    assert said.err == "auditor: the plan file plan.json fixes what is reused; leave --reuse out\n"
