"""`auditor cache`: what is stored, whether it is sound, and removing what no audit needs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from auditor.execute import Store
from auditor.execute.storage.objects import Objects
from tests.cli.conftest import Command, environment, snapshot
from tests.cli.small_world import respell
from tests.cli.user_audit import PICTURES, RUN, SCORES, run_folder

STORE = Path(".auditor/store")
GC = ("cache", "gc", "audit.yaml", "--allow-python")


def objects() -> list[Path]:
    return sorted((STORE / "objects").glob("??/*"))


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 16
    path.write_bytes(data)


def told(auditor: Command, *arguments: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(auditor(*arguments, "--json").out)
    return found


@pytest.fixture(scope="module")
def first_two(first: tuple[Path, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished audit, and a second one on the same store with pictures of other steps."""
    folder = Path(shutil.copytree(first[0], tmp_path_factory.mktemp("two") / "world"))
    text = (folder / "audit.yaml").read_text().replace("id: user", "id: other").replace("steps: 2", "steps: 1")
    (folder / "other.yaml").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "auditor", "run", "other.yaml", *RUN[2:]], cwd=folder, env=environment()
    )
    assert done.returncode in (0, 1, 7), done.stderr
    return folder


@pytest.fixture
def two_audits(first_two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of two finished audits on one store, which is also the working folder."""
    folder = Path(shutil.copytree(first_two, tmp_path / "world"))
    monkeypatch.chdir(folder)
    return folder


def test_info_counts_units_by_op_and_class(finished: Path, auditor: Command) -> None:
    found = told(auditor, "cache", "info")
    units = {(held["op"]["kind"], json.dumps(held["op"]["parameters"])[:18]): held["units"] for held in found["held"]}
    assert sorted(units.values()) == sorted([PICTURES, SCORES, SCORES])
    assert found["objects"] == len(objects()) == sum(held["blocks"] for held in found["held"])
    assert found["bytes"] == sum(path.stat().st_size for path in objects())
    assert found["quarantined"] == found["unused"] == 0 and found["format"] == 2
    assert found["oldest"] <= found["newest"]
    assert all({"batch", "packages", "processor"} <= held["class"].keys() for held in found["held"])
    lines = auditor("cache", "info").out.splitlines()
    assert lines[0].startswith(f".auditor/store: {len(objects())} objects, ")
    assert any(line.startswith("generate, ") and "steps 2" in line and f": {PICTURES} units" in line for line in lines)


def test_info_tells_what_is_not_of_this_format(finished: Path, auditor: Command) -> None:
    Objects(STORE / "objects", STORE / "quarantine").write(b'{"auditor_block":1}\n')
    assert told(auditor, "cache", "info")["unused"] == 1
    assert "1 object without a unit: of an older format, or unknown to the index" in auditor("cache", "info").out


@pytest.mark.parametrize("command", ["info", "verify"])
def test_a_store_that_is_not_there_is_said_and_not_made(fresh: Path, auditor: Command, command: str) -> None:
    said = auditor("cache", command)
    assert (said.status, said.out) == (2, "")
    assert said.err == "auditor: there is no store at .auditor/store; name one with --store\n"
    assert not STORE.exists()


def test_a_sound_store_is_sound(finished: Path, auditor: Command) -> None:
    said = auditor("cache", "verify")
    assert said.status == 0 and said.out.startswith(f".auditor/store: {len(objects())} objects read, ")
    found = told(auditor, "cache", "verify")
    assert found["sound"] and found["objects"] == len(objects()) and found["damaged"] == found["gone"] == []


def test_a_damaged_object_is_found_and_made_again(finished: Path, auditor: Command) -> None:
    before = snapshot(STORE / "objects")
    first, last = objects()[0], objects()[-1]
    flip(first)
    last.unlink()
    said = auditor("cache", "verify")
    assert said.status == 6
    names = [path.parent.name + path.name for path in (first, last)]
    assert said.out.splitlines()[1:] == [
        "1 object damaged, now in .auditor/store/quarantine:",
        f"  {names[0]}",
        "1 object gone:",
        f"  {names[1]}",
        "the next run that needs their units makes them again",
    ]
    assert told(auditor, "cache", "info")["quarantined"] == 1
    assert auditor("cache", "verify").status == 0, "what was found is told once"
    assert told(auditor, *RUN)["computed_units"] > 0
    assert snapshot(STORE / "objects") == before


def test_a_block_that_the_index_lost_is_entered_again(finished: Path, auditor: Command) -> None:
    with closing(Store(STORE)) as store:
        store.index.forget([next(store.objects.digests())])
    said = auditor("cache", "verify")
    assert said.status == 0 and "1 block entered into the index, which did not know of them" in said.out
    assert told(auditor, "plan", "audit.yaml", "--allow-python", "--no-estimate", "--why")["why"] == []


def test_gc_says_first_what_would_go(two_audits: Path, auditor: Command) -> None:
    before = snapshot(STORE)
    said = auditor(*GC)
    assert said.status == 0
    lines = said.out.splitlines()
    assert " would go, " in lines[0] and lines[-1] == "nothing was removed; to do it: the same command with --yes"
    assert {name: data for name, data in snapshot(STORE).items() if name.startswith("objects")} == {
        name: data for name, data in before.items() if name.startswith("objects")
    }
    assert told(auditor, *GC)["done"] is False


def test_gc_removes_what_these_specs_do_not_need(two_audits: Path, auditor: Command) -> None:
    would = told(auditor, *GC)
    done = told(auditor, *GC, "--yes")
    assert done["objects"] == would["objects"] > 0 and done["kept"] == len(objects())
    for spec, work in (("audit.yaml", False), ("other.yaml", True)):
        planned = told(auditor, "plan", spec, "--allow-python", "--no-estimate")
        assert (sum(op["to_run"] for op in planned["ops"]) > 0) is work, spec
    assert auditor("cache", "verify").status == 0
    assert told(auditor, *RUN)["computed_units"] == 0
    assert told(auditor, *GC)["objects"] == 0


def test_gc_keeps_what_every_named_spec_needs(two_audits: Path, auditor: Command) -> None:
    assert told(auditor, *GC, "other.yaml")["objects"] == 0


def test_gc_keeps_what_the_run_folder_rests_on(finished: Path, auditor: Command) -> None:
    """The document has changed since; the result in its folder is evidence all the same."""
    respell(finished, "steps: 2", "steps: 3")
    assert told(auditor, *GC)["objects"] == 0
    folder = run_folder(finished).rename(finished / "handed-over")
    assert told(auditor, *GC)["objects"] > 0
    assert told(auditor, *GC, "--out", folder)["objects"] == 0
    assert told(auditor, "cache", "gc", "--out", folder)["objects"] == 0


def test_gc_keeps_what_an_interrupted_run_has_made(two_audits: Path, auditor: Command) -> None:
    """Its journal says what it made, also under a class that memory forced on it."""
    folder = two_audits / "audits/other/1.0.0"
    for name in ("blocks.txt", "run.json"):
        (folder / name).unlink()
    respell(two_audits, "report:", "numerics: reference\nreport:")
    (two_audits / "other.yaml").write_text((two_audits / "audit.yaml").read_text().replace("id: user", "id: other"))
    command = ("cache", "gc", "other.yaml", "--allow-python")
    kept = told(auditor, *command)["kept"]
    (folder / "journal.jsonl").unlink()
    assert told(auditor, *command)["kept"] < kept


def test_gc_keeps_what_reuse_would_use(finished: Path, auditor: Command) -> None:
    respell(finished, "report:", "numerics: reference\nreport:")
    run_folder(finished).rename(finished / "elsewhere")
    assert told(auditor, *GC)["objects"] > 0
    assert told(auditor, *GC, "--reuse", "semantic")["objects"] == 0


def test_gc_by_age(finished: Path, auditor: Command) -> None:
    assert told(auditor, "cache", "gc", "--older-than", "1")["objects"] == 0
    os.utime(objects()[0], (0, 0))
    assert told(auditor, "cache", "gc", "--older-than", "1")["objects"] == 1
    assert told(auditor, *GC, "--older-than", "1")["objects"] == 0, "old, but needed"


def test_gc_empties_quarantine_and_what_killed_writers_left(finished: Path, auditor: Command) -> None:
    (STORE / "quarantine").mkdir(exist_ok=True)
    (STORE / "quarantine" / ("0" * 64)).write_bytes(b"damaged")
    part = objects()[0].parent / ".part-0123"
    part.write_bytes(b"torn")
    said = auditor(*GC)
    assert "1 object in quarantine would go, 7 bytes" in said.out and "1 unfinished file would go" in said.out
    assert part.exists()
    assert auditor(*GC, "--yes").status == 0
    assert not part.exists() and list((STORE / "quarantine").iterdir()) == []
    assert auditor("cache", "verify").status == 0


def test_gc_needs_to_know_what_is_needed(finished: Path, auditor: Command) -> None:
    said = auditor("cache", "gc", "--yes")
    assert said.status == 2 and "nothing says what is needed: name the specs" in said.err
    assert told(auditor, "cache", "verify")["sound"] and objects()


def test_gc_removes_nothing_for_a_spec_that_is_wrong(finished: Path, auditor: Command) -> None:
    respell(finished, "steps: 2", "stepps: 2")
    before = objects()
    assert auditor(*GC, "--yes").status == 2
    assert objects() == before


def test_gc_removes_nothing_while_another_process_uses_the_store(finished: Path, auditor: Command) -> None:
    program = (
        "import sys, pathlib; from auditor.execute import Store; store = Store(pathlib.Path(sys.argv[1]));"
        "print('open', flush=True); sys.stdin.read()"
    )
    run_folder(finished).rename(finished / "elsewhere")
    respell(finished, "steps: 2", "steps: 3")
    before = objects()
    with subprocess.Popen(
        [sys.executable, "-c", program, str(STORE)],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as user:
        assert user.stdout is not None and user.stdout.readline() == "open\n"
        said = auditor(*GC, "--yes")
        assert said.status == 2 and objects() == before
        use = f"the store {finished / STORE} is in use by another process"
        assert said.err == f"auditor: {use}; nothing was removed: wait until it has ended\n"
        assert auditor(*GC).status == 0, "looking is allowed"
        user.kill()
    assert auditor(*GC, "--yes").status == 0 and objects() != before


def test_specs_with_several_stores_must_say_which(two_audits: Path, auditor: Command) -> None:
    (two_audits / "deeper").mkdir()
    (two_audits / "deeper/audit.yaml").write_text((two_audits / "audit.yaml").read_text())
    said = auditor(*GC, "deeper/audit.yaml", "--yes")
    assert said.status == 2 and "name the one that is meant with --store" in said.err
