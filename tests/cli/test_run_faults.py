"""Faults while an audit runs: one sentence, what was finished is kept, and the right exit status."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from auditor.run import OneWriter
from auditor.zoo import builtin_folder
from tests.cli.conftest import Command, snapshot
from tests.cli.small_world import respell
from tests.cli.user_audit import PICTURES, RUN, SCORES, UNITS, journal, run_folder

FAILING = {
    "raises": (
        "def score(images):\n    return 1 / 0\n",
        "AUD373 model `reddish` cannot score pictures of the data set: ZeroDivisionError: division by zero "
        "(model.py:2)",
    ),
    "leaves": (
        "import sys\ndef score(images):\n    sys.exit(5)\n",
        "AUD373 model `reddish` cannot score pictures of the data set: SystemExit: 5 (model.py:3)",
    ),
    "wrong_shape": (
        "def score(images):\n    return images[:, 0, 0]\n",
        "AUD332 model `reddish` returned an array of shape (32, 3) for 32 pictures; it must return (32, 1), "
        "a column for each of its outputs",
    ),
    "nothing": (
        "def score(images):\n    pass\n",
        "AUD332 model `reddish` returned an array of shape () for 32 pictures; it must return (32, 1), "
        "a column for each of its outputs",
    ),
    "no_numbers": (
        "def score(images):\n    return [['red']] * len(images)\n",
        "AUD332 model `reddish` returned a list, which is no array of numbers, for 32 pictures; it must return "
        "(32, 1), a column for each of its outputs",
    ),
    "imports_what_is_not_there": (
        "import no_such_package\ndef score(images): ...\n",
        "AUD373 model `reddish` cannot be loaded: ModuleNotFoundError: No module named 'no_such_package' (model.py:1)",
    ),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_model_that_cannot_be_called_is_told_at_its_line(name: str, finished: Path, auditor: Command) -> None:
    working = (finished / "model.py").read_text()
    text, message = FAILING[name]
    (finished / "model.py").write_text(text)
    result = (run_folder(finished) / "result.json").read_bytes()
    said = auditor(*RUN)
    assert (said.status, said.out) == (2, "")
    head, *rest = said.err.splitlines()
    assert head == f"audit.yaml:4:46: {message}"
    assert "way out: mend the function; `auditor explain AUD332`" in "\n".join(rest)
    assert "Traceback" not in said.err and "kept" not in said.err
    assert (run_folder(finished) / "result.json").read_bytes() == result
    (finished / "model.py").write_text(working + "\n# mended\n")
    told = json.loads(auditor(*RUN, "--json").out)
    assert told["computed_units"] == SCORES, "only the scores of the model that was mended"


def test_a_model_is_called_before_anything_is_generated(fresh: Path, auditor: Command) -> None:
    (fresh / "model.py").write_text("def score(images):\n    return 1 / 0\n")
    for command in (RUN, ("preview", "audit.yaml", "--allow-python", "--rows", "1")):
        said = auditor(*command)
        assert (said.status, said.out) == (2, "") and said.err.startswith("audit.yaml:4:46: AUD373 model `reddish` ")
        assert list((fresh / ".auditor/store/objects").iterdir()) == [], "nothing was made"


def test_a_detector_that_cannot_be_loaded_is_told_before_anything_is_generated(fresh: Path, auditor: Command) -> None:
    folder = builtin_folder("shapes/detector")
    assert folder is not None
    shutil.copytree(folder, fresh / "detector")
    (fresh / "detector/preprocessor_config.json").write_text('{"image_processor_type": "NoSuchProcessor"}')
    respell(fresh, '"builtin:shapes/detector"', "detector")
    assert auditor("validate", "audit.yaml", "--allow-python").status == 0, "its files can be read"
    said = auditor(*RUN)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("audit.yaml:6:51: AUD372 model `shapes` cannot be loaded: ValueError: ")
    assert "save_pretrained" in said.err and "kept" not in said.err and "Traceback" not in said.err
    assert list((fresh / ".auditor/store/objects").iterdir()) == [], "nothing was made"


def test_a_model_that_fails_later_is_told_and_what_was_finished_is_kept(fresh: Path, auditor: Command) -> None:
    # The corner of a real picture tells its row apart: neither the first that is drawn nor the smallest.
    with_scores_lost(fresh, "images[:, 0, 0, 2] == 1 // int(not (images[:, 0, 0, 2] == 232).any())")
    said = auditor(*RUN)
    assert (said.status, said.out) == (3, "")
    assert said.err.splitlines()[-1] == (
        "auditor: audit.yaml:4: model `reddish` failed: ZeroDivisionError: integer division or modulo by zero "
        "(model.py:8); what was finished is kept"
    )
    assert len(list(journal(fresh))) > 0


DYING = """
def score(images):
    import os
    os._exit(7)
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_a_model_that_ends_its_process_is_named(workers: int, fresh: Path, auditor_process: Command) -> None:
    respell(fresh, "draws: 2", "draws: 20")
    (fresh / "model.py").write_text(DYING)
    said = auditor_process("run", "audit.yaml", "--allow-python", "--workers", str(workers))
    assert (said.status, said.out) == (2, ""), said.err
    assert said.err.startswith(
        "audit.yaml:4:46: AUD373 model `reddish` ended its process with status 7 when it was called"
    )
    assert "memory" not in said.err


def test_a_model_that_crashes_later_leaves_what_was_finished(fresh: Path, auditor: Command) -> None:
    model = (fresh / "model.py").read_text()
    # The corner of one real picture, neither the first that is drawn nor the smallest.
    dies = "    if (images[:, 0, 0, 2] == 232).any():\n        import ctypes, resource\n"
    dies += "        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n        ctypes.string_at(0)\n"
    (fresh / "model.py").write_text(model.replace("    pixels =", dies + "    pixels ="))
    said = auditor(*RUN)
    assert (said.status, said.out) == (3, "")
    assert said.err.splitlines()[-1] == (
        "auditor: audit.yaml:4: a worker crashed (SIGSEGV), in code of a model or of a library; "
        "it was scoring with reddish; what was finished is kept"
    )
    assert len(list(journal(fresh))) > 0


def with_scores_lost(world: Path, which: str) -> None:
    """Let the model return NaN for the pictures where `which` is true."""
    model = world / "model.py"
    model.write_text(model.read_text().replace("    return ", f"    pixels[{which}] = np.nan\n    return "))


def test_scores_that_are_no_numbers_are_invalid_units_and_no_fault(finished: Path, auditor: Command) -> None:
    with_scores_lost(finished, "images[:, 0, 0, 2] == 232")  # The corner of one real picture.
    said = auditor(*RUN, "--json")
    told = json.loads(said.out)
    assert said.status == told["exit_status"] in (1, 7)
    result = json.loads((run_folder(finished) / "result.json").read_text())
    assert max(finding["n_invalid"] for finding in result["findings"]) > 0
    assert "the model returned numbers that are not finite" in (run_folder(finished) / "units.jsonl").read_text()


def test_scores_that_are_all_lost_leave_nothing_to_judge(finished: Path, auditor: Command) -> None:
    with_scores_lost(finished, ":")
    with (finished / "audit.yaml").open("a", encoding="utf-8") as document:
        document.write("fail_on_invalid: 1000\n")  # Otherwise the run stops before it has looked at all of them.
    said = auditor(*RUN)
    assert (said.status, said.out) == (3, "")
    assert "0 of 12 rows have all their pictures and scores" in said.err
    assert "the model returned numbers that are not finite" in said.err and "Traceback" not in said.err


@pytest.mark.parametrize("option", ["--out", "--store"])
def test_a_folder_that_cannot_be_written(option: str, finished: Path, auditor: Command) -> None:
    said = auditor(*RUN, option, "model.py/here")
    assert said.status == 3 and said.out == ""
    what = {"--out": "the folder model.py/here cannot be made", "--store": "the store model.py/here cannot be written"}
    assert said.err.lower().startswith(f"auditor: {what[option]}: not a directory")
    assert said.err.count("\n") == 1


def test_a_second_run_of_one_folder_is_refused(finished: Path, auditor: Command) -> None:
    with OneWriter(run_folder(finished)):
        before = snapshot(finished)
        said = auditor(*RUN)
        assert (said.status, said.out) == (2, "")
        assert said.err == (
            f"auditor: another run is writing to {run_folder(finished)}; wait for it, "
            "or name another folder with --out\n"
        )
        assert snapshot(finished) == before
    assert auditor(*RUN).status != 2


def test_the_folder_of_another_audit_is_refused(finished: Path, auditor: Command) -> None:
    respell(finished, "id: user", "id: other")
    before = snapshot(finished)
    said = auditor(*RUN, "--out", "audits/user/1.0.0")
    assert (said.status, said.out) == (2, "")
    assert said.err == (
        "auditor: audits/user/1.0.0 holds the audit user 1.0.0, and this document is other 1.0.0; "
        "name another folder with --out\n"
    )
    (run_folder(finished) / "result.json").unlink()  # An unfinished run is another audit's no less.
    assert auditor(*RUN, "--out", "audits/user/1.0.0").err == said.err
    shutil.copy(run_folder(finished) / "units.jsonl", run_folder(finished) / "result.json")
    assert "result.json cannot be read" in auditor(*RUN, "--out", "audits/user/1.0.0").err
    before["audits/user/1.0.0/result.json"] = (run_folder(finished) / "result.json").read_bytes()
    assert snapshot(finished) == before


def test_a_folder_of_something_else_is_refused(finished: Path, auditor: Command) -> None:
    before = snapshot(finished)
    said = auditor(*RUN, "--out", "data")
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("auditor: data is no folder of a run and holds other files, such as ")
    assert snapshot(finished) == before


def test_a_journal_that_was_changed_is_evidence_no_more(finished: Path, auditor: Command) -> None:
    path = run_folder(finished) / "journal.jsonl"
    path.write_text(path.read_text().replace('"units":16', '"units":15', 1))
    said = auditor(*RUN)
    assert (said.status, said.out) == (6, "")
    assert "does not follow from the one before it; the journal was changed" in said.err


def test_damaged_pictures_are_made_again(finished: Path, first: tuple[Path, object], auditor: Command) -> None:
    record = next(journal(finished))
    path = finished / ".auditor/store/objects" / record["block"][:2] / record["block"][2:]
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data)
    told = json.loads(auditor(*RUN, "--json").out)
    assert told["computed_units"] == record["units"]
    assert sum(each["units"] for each in journal(finished)) == UNITS + record["units"] > PICTURES
    ours, theirs = (run_folder(folder) / "result.json" for folder in (finished, first[0]))
    assert ours.read_bytes() == theirs.read_bytes()


def test_reports_of_no_run(finished: Path, auditor: Command) -> None:
    said = auditor("report", "nowhere")
    assert (said.status, said.out) == (2, "")
    assert said.err == "auditor: there is no folder nowhere; name the folder of a run, such as audits/ID/REVISION\n"
    said = auditor("report", "data")
    assert (said.status, said.out) == (3, "")
    assert said.err == "auditor: data holds no result.json; run the audit first: auditor run SPEC\n"
    (finished / "data/result.json").write_text('{"schema_version": 9}')
    said = auditor("report", "data")
    assert said.status == 3
    assert said.err.startswith("auditor: data/result.json is no result that this auditor reads: ")
    assert said.err.count("\n") == 1
