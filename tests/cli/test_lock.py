"""A lock says what a document names, by digest; with --locked nothing else is run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from tests.cli import concept_faults
from tests.cli.conftest import Command, snapshot
from tests.cli.small_world import respell, table_rows, weights, write_table

LOCK = "audit.lock.json"
COMMANDS = ("validate", "plan", "run")


@pytest.fixture
def locked(world: Path, auditor: Command) -> Path:
    """The small audit with its lock."""
    said = auditor("lock", "audit.yaml")
    assert (said.status, said.err) == (0, "")
    assert said.out == f"{LOCK}: locked; 2 models, 1 pipeline, 12 pictures, 9 packages\n"
    return world


def edited(world: Path, *place: str, value: object) -> None:
    """Change one value of the lock, as if it had been written when that was so."""
    lock = json.loads((world / LOCK).read_text())
    inner: Any = lock
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    (world / LOCK).write_text(json.dumps(lock))


def other_weights(world: Path) -> None:
    save_file({"weight": weights(9)}, world / "models/outcome/model.safetensors")


def other_preprocessing(world: Path) -> None:
    path = world / "models/detector/preprocessor_config.json"
    path.write_text(path.read_text().replace("{", '{"do_resize": false, ', 1))


def other_scheduler(world: Path) -> None:
    (world / "models/pipeline/scheduler/scheduler_config.json").write_text('{"_class_name": "PNDMScheduler"}')


def one_file_more(world: Path) -> None:
    save_file({"extra": np.zeros(2, np.float32)}, world / "models/outcome/more.safetensors")


def other_picture(world: Path) -> None:
    Image.new("RGB", (16, 16), (1, 2, 3)).save(world / "data/03.png")


def other_table(world: Path) -> None:
    rows = table_rows()
    rows[0]["patient"] = "p99"
    write_table(world / "data", rows)


def other_torch(world: Path) -> None:
    edited(world, "packages", "torch", value="1.0.0")


def other_python(world: Path) -> None:
    edited(world, "python", value="3.10.1")


def other_auditor(world: Path) -> None:
    edited(world, "auditor", value="0.0.9")


DRIFTS: dict[Callable[[Path], None], str] = {
    other_weights: "model `outcome`, file `model.safetensors`: locked ",
    other_preprocessing: "detector `shapes`, file `preprocessor_config.json`: locked ",
    other_scheduler: "pipeline of `captions`, file `scheduler/scheduler_config.json`: locked ",
    one_file_more: "model `outcome`, file `more.safetensors`: locked nothing, found ",
    other_picture: "pictures of the data set: locked ",
    other_table: "table of the data set: locked ",
    other_torch: "package torch: locked 1.0.0, found ",
    other_python: "python: locked 3.10.1, found ",
    other_auditor: "auditor: locked 0.0.9, found 0.1.0",
}


@pytest.mark.parametrize("spoil", DRIFTS, ids=lambda spoil: spoil.__name__)
def test_what_has_drifted_is_refused_in_one_line(spoil: Callable[[Path], None], locked: Path, auditor: Command) -> None:
    spoil(locked)
    before = snapshot(locked)
    for command in COMMANDS:
        said = auditor(command, "audit.yaml", "--locked")
        assert (said.status, said.out) == (2, "")
        first, line, last = said.err.splitlines()
        assert first == f"auditor: the lock {LOCK} does not hold any more"
        assert line.startswith("  " + DRIFTS[spoil])
        assert last == "way out: restore what was locked, or accept what is there now: auditor lock audit.yaml"
    told = json.loads(auditor("validate", "audit.yaml", "--locked", "--json").out)
    assert told["valid"] is False and len(told["differences"]) == 1
    assert snapshot(locked) == before
    assert auditor("validate", "audit.yaml").status == 0, "without --locked nobody asks"
    said = auditor("lock", "audit.yaml")
    assert said.status == 0 and said.out.splitlines()[1].startswith("  " + DRIFTS[spoil].split(":")[0])
    assert auditor("validate", "audit.yaml", "--locked").status == 0


def test_every_difference_is_told_at_once(locked: Path, auditor: Command) -> None:
    for spoil in (other_weights, other_picture, other_torch):
        spoil(locked)
    lines = auditor("plan", "--no-estimate", "audit.yaml", "--no-estimate", "--locked").err.splitlines()[1:-1]
    assert [line.split(":")[0] for line in lines] == [
        "  package torch", "  pictures of the data set", "  model `outcome`, file `model.safetensors`",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("source: models/outcome", "source: models/other", "model `outcome`, source: locked models/outcome, found mod"),
        ("- name: shapes", "- name: forms", "detector `shapes`, source: locked models/detector, found nothing"),
        ("rows: 12", "rows: 8", "data set, rows: locked 12, found 8"),
        ("rows: 12", "rows: 12\n  seed: 3", "data set, seed: locked 0, found 3"),
    ],
)
def test_a_lock_of_other_sources_is_stale(old: str, new: str, told: str, locked: Path, auditor: Command) -> None:
    (locked / "models/other").symlink_to(locked / "models/outcome")
    respell(locked, old, new)
    said = auditor("run", "audit.yaml", "--locked")
    assert (said.status, said.out) == (2, "")
    lines = said.err.splitlines()
    assert lines[0] == f"auditor: the lock {LOCK} was written for other sources than audit.yaml names now"
    assert lines[1].startswith("  " + told)
    assert lines[-1] == "way out: write it again, and read what it changes: auditor lock audit.yaml"


@pytest.mark.parametrize(
    ("old", "new"), [("steps: 2", "steps: 3"), ("swaps: 99", "swaps: 999"), ("version: 1", "# new\nversion: 1")]
)
def test_what_the_document_says_of_statistics_is_not_locked(old: str, new: str, locked: Path, auditor: Command) -> None:
    respell(locked, old, new)
    assert auditor("plan", "--no-estimate", "audit.yaml", "--no-estimate", "--locked").status == 0
    before = (locked / LOCK).read_bytes()
    assert auditor("lock", "audit.yaml").out.startswith(f"{LOCK}: current; ")
    assert (locked / LOCK).read_bytes() == before


def test_a_missing_lock_says_how_to_write_one(world: Path, auditor: Command) -> None:
    before = snapshot(world)
    for command in COMMANDS:
        said = auditor(command, "audit.yaml", "--locked")
        assert (said.status, said.out) == (2, "")
        assert said.err == f"auditor: there is no lock {LOCK}; write one: auditor lock audit.yaml\n"
    assert snapshot(world) == before


BROKEN = {
    "": "the lock audit.lock.json is cut short at line 1",
    '{"auditor": "0.1.0",\n': "the lock audit.lock.json is cut short at line 2",
    '{"auditor": nonsense}': "the lock audit.lock.json is no JSON at line 1",
    "[1, 2]": "audit.lock.json is no lock: it holds no JSON object",
    "{}": "audit.lock.json is no lock: it names no schema_version",
    '{"schema_version": true}': "audit.lock.json is no lock: it names no schema_version",
    '{"schema_version": 2}': "audit.lock.json is a lock of a newer auditor (schema version 2, this one reads 1)",
    '{"schema_version": 1}': "audit.lock.json is no lock that auditor wrote: auditor: is missing",
    "[" * 100_000: "the lock audit.lock.json is no JSON in UTF-8",
}


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: text[:24] or "empty")
def test_a_broken_lock_is_told_in_one_sentence(text: str, locked: Path, auditor: Command) -> None:
    (locked / LOCK).write_text(text)
    said = auditor("run", "audit.yaml", "--locked")
    assert (said.status, said.out) == (2, "") and said.err.count("\n") == 1
    assert said.err.startswith(f"auditor: {BROKEN[text]}") and "again" in said.err
    assert auditor("lock", "audit.yaml").status == 0, "it is written anew"
    assert auditor("plan", "--no-estimate", "audit.yaml", "--no-estimate", "--locked").status == 0


def test_a_key_that_nobody_wrote_is_refused_and_plays_no_tricks(locked: Path, auditor: Command) -> None:
    edited(locked, "dataset", "\x1b[2J", value="x")
    said = auditor("plan", "--no-estimate", "audit.yaml", "--no-estimate", "--locked")
    assert said.status == 2 and "\x1b" not in said.err and "is not known" in said.err


def test_a_lock_diffs_well_and_names_no_place(locked: Path) -> None:
    text = (locked / LOCK).read_text()
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"
    assert str(locked) not in text and json.loads(text)["schema_version"] == 1
    files = json.loads(text)["pipelines"]["captions"]["files"]
    assert "unet/diffusion_pytorch_model.safetensors" in files and "tokenizer/tokenizer.json" in files


def test_a_table_of_captions_is_locked_too(world: Path, auditor: Command) -> None:
    concept_faults.captions_given(world, "00.png,red circle,0,nothing")
    assert auditor("lock", "audit.yaml").status == 0
    assert auditor("validate", "audit.yaml", "--locked").status == 0
    with (world / "captions.csv").open("a", encoding="utf-8") as file:
        file.write("00.png,red circle,1,red circle\n")
    assert auditor("validate", "audit.yaml").status == 0
    said = auditor("validate", "audit.yaml", "--locked")
    assert said.status == 2 and "captions of `captions`, file `captions.csv`" in said.err, said.err
