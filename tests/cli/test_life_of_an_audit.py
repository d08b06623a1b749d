"""An audit from its first run to its tenth: resumed, re-judged, redrawn, killed; with real diffusion."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from auditor.cli.main import COMMANDS
from tests.cli.conftest import Command, Said, environment
from tests.cli.small_world import respell, write_pictures
from tests.cli.test_init import fill_in
from tests.cli.user_audit import PICTURES, RUN, UNITS, journal, run_folder

VERDICTS = (0, 1, 7)
PROGRESS = re.compile(r"(generating pictures|scoring with \w+): \d+ (to do|of \d+ (in .*|.* left))")


def test_a_run_says_its_verdict_and_nothing_else(first: tuple[Path, Said]) -> None:
    folder, said = first
    assert said.status in VERDICTS
    lines = said.out.splitlines()
    assert lines[0] == "Does the share of red follow red circles?"
    assert any(line.startswith("  rectangles do not matter (reddish): ") for line in lines)
    assert f"(exit status {said.status}); {UNITS} units computed" in said.out
    assert all(PROGRESS.fullmatch(line) for line in said.err.splitlines()), said.err
    for name in ("result.json", "units.jsonl", "report.html", "resolved.yaml", "run.json", "run-record.html"):
        assert (run_folder(folder) / name).stat().st_size > 100
    assert sum(record["units"] for record in journal(folder)) == UNITS


def test_running_again_computes_nothing_and_changes_nothing(finished: Path, auditor: Command) -> None:
    before = {path.name: path.read_bytes() for path in run_folder(finished).iterdir() if path.is_file()}
    told = json.loads(auditor(*RUN, "--json").out)
    assert told["computed_units"] == 0 and told["exit_status"] in VERDICTS
    after = {path.name: path.read_bytes() for path in run_folder(finished).iterdir() if path.is_file()}
    clocks = {"run.json", "run-record.html"}
    assert {name for name in before if before[name] != after[name]} <= clocks
    assert set(after) == set(before)


def test_another_threshold_is_judged_without_computing(finished: Path, auditor: Command) -> None:
    before = json.loads((run_folder(finished) / "result.json").read_text())
    respell(finished, "max_drop: 0.12", "max_drop: 0.5")
    told = json.loads(auditor(*RUN, "--json").out)
    assert told["computed_units"] == 0
    after = json.loads((run_folder(finished) / "result.json").read_text())
    thresholds = [result["checks"][0]["parts"][0]["threshold"] for result in (before, after)]
    assert thresholds[0] != thresholds[1]
    assert after["findings"][0]["estimate"] == before["findings"][0]["estimate"]
    assert "max_drop: 0.5" in (run_folder(finished) / "spec.yaml").read_text()


def test_a_report_that_is_gone_is_drawn_again(finished: Path, auditor: Command) -> None:
    html = run_folder(finished) / "report.html"
    drawn = html.read_bytes()
    html.unlink()
    assert json.loads(auditor(*RUN, "--json").out)["computed_units"] == 0
    assert html.read_bytes() == drawn
    html.write_text("scribbled over")
    said = auditor("report", run_folder(finished), "--format", "html")
    assert (said.status, said.err) == (0, "")
    assert html.read_bytes() == drawn
    shutil.move(run_folder(finished), finished / "handed-over")
    html = finished / "handed-over/report.html"
    html.unlink()
    assert auditor("report", "handed-over", "--format", "html").status == 0
    assert html.read_bytes() == drawn


@pytest.mark.parametrize("name", ["result.json", "units.jsonl"])
def test_a_report_of_changed_files_is_refused(finished: Path, auditor: Command, name: str) -> None:
    html, path = run_folder(finished) / "report.html", run_folder(finished) / name
    drawn, told = html.read_bytes(), path.read_text()
    path.write_text(
        told.replace('"red circle', '"red  circle', 1) if name == "units.jsonl" else told.replace("0.", "0.1", 1)
    )
    said = auditor("report", run_folder(finished), "--format", "html")
    assert said.status == 6 and f"{name} was changed after the run" in said.err
    assert html.read_bytes() == drawn
    path.write_text(told)
    assert auditor("report", run_folder(finished), "--format", "html").status == 0


def test_json_is_all_there_is_on_stdout(finished: Path, auditor: Command) -> None:
    # What the user's own code prints must not come between.
    source = (finished / "model.py").read_text().replace("    pixels", '    print("scoring!")\n    pixels')
    (finished / "model.py").write_text('print("loading!")\n' + source)
    commands = {
        "validate": ("validate", "audit.yaml", "--allow-python"),
        "plan": ("plan", "audit.yaml", "--allow-python", "--no-estimate"),
        "preview": ("preview", "audit.yaml", "--allow-python", "--workers", "1", "--rows", "4"),
        "resolve": ("resolve", "audit.yaml"),
        "cache": ("cache", "info"),
        "lock": ("lock", "audit.yaml", "--allow-python"),
        "run": RUN,
        "report": ("report", run_folder(finished), "--format", "html"),
    }
    for name, command in commands.items():
        said = auditor(*command, "--json")
        told = json.loads(said.out)
        assert said.status == (told["exit_status"] if name == "run" else 0)
        assert "scoring!" not in said.out and "loading!" not in said.out
    assert set(commands) | {"init", "schema", "explain", "evaluate"} == set(COMMANDS)
    assert json.loads(auditor("schema").out)["$schema"].startswith("http://json-schema.org/draft-07")


def test_a_preview_makes_what_the_run_then_finds(fresh: Path, auditor: Command) -> None:
    told = json.loads(auditor("preview", "audit.yaml", "--allow-python", "--workers", "1", "--rows", "4", "--json").out)
    assert told["rows"] == 4 and told["computed_units"] > 0
    assert Path(told["sheet"]).read_bytes().startswith(b"\x89PNG")
    planned = json.loads(auditor("plan", "audit.yaml", "--allow-python", "--no-estimate", "--json").out)
    generate = next(op for op in planned["ops"] if op["kind"] == "generate")
    assert generate["stored"] == 4 * 2 * 3 and generate["to_run"] == PICTURES - 4 * 2 * 3
    assert not (fresh / "audits/user/1.0.0").exists()


def start(folder: Path, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "auditor", *RUN, *more],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_records(folder: Path, process: subprocess.Popen[str], count: int) -> None:
    """Until the journal has so many records, or the process has ended too early."""
    deadline = time.monotonic() + 120
    while len(list(journal(folder))) < count:
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()
        time.sleep(0.005)


def test_a_killed_run_goes_on_where_it_was(fresh: Path, first: tuple[Path, Said], auditor: Command) -> None:
    with start(fresh) as process:
        wait_for_records(fresh, process, 2)
        process.kill()
    assert not (run_folder(fresh) / "result.json").exists()
    planned = json.loads(auditor("plan", "audit.yaml", "--allow-python", "--no-estimate", "--json").out)
    stored = sum(op["stored"] for op in planned["ops"])
    assert 0 < stored < PICTURES, "killed too late to show anything"
    told = json.loads(auditor(*RUN, "--json").out)
    assert told["computed_units"] == UNITS - stored
    blocks = [record["block"] for record in journal(fresh)]
    assert len(set(blocks)) == len(blocks)
    for name in ("result.json", "units.jsonl", "report.html"):
        assert (run_folder(fresh) / name).read_bytes() == (run_folder(first[0]) / name).read_bytes(), name


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_run_that_is_stopped_says_how_to_go_on(fresh: Path, number: signal.Signals) -> None:
    with start(fresh) as process:
        wait_for_records(fresh, process, 1)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    asked, ended = err.splitlines()[-2:]
    assert asked == "stopping when the pictures at work are finished; once more stops at once" or "of 72 in" in asked
    assert ended == "stopped; what was finished is kept. To go on: auditor run audit.yaml --allow-python --workers 1"
    assert 0 < len(list(journal(fresh))) < 15


def test_from_a_table_to_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, auditor: Command) -> None:
    """init, validate, plan, preview and run, as the first hour of a user goes."""
    monkeypatch.chdir(tmp_path)
    write_pictures(tmp_path / "data", size=64)
    said = auditor(
        "init", "data", "--model", "builtin:shapes/outcome", "--detector", "builtin:shapes/detector",
        "--pipeline", "builtin:shapes/text-to-image", "--concept", "red_circle", "-o", "audit.yaml",
    )  # fmt: skip
    assert said.status == 0, said.err
    fill_in(tmp_path / "audit.yaml")
    for old, new in (("steps: 10", "steps: 2"), ("[html, pdf]", "[html]"), ("swaps: 9999", "swaps: 199")):
        respell(tmp_path, old, new)
    assert auditor("validate", "audit.yaml").out == (
        "audit.yaml: valid; 12 rows, 1 concept, 1 model, 3 checks, 1 requirement\n"
    )
    assert "generate captions" in auditor("plan", "audit.yaml", "--no-estimate").out
    said = auditor("preview", "audit.yaml", "--rows", "12", "--workers", "1")
    assert said.status == 0 and said.out.startswith("PREVIEW")
    said = auditor("run", "audit.yaml", "--workers", "1")
    assert said.status in VERDICTS
    assert said.out.startswith("Which concepts does the model rely on?\n")
    assert (tmp_path / "audits/data/0.1.0/report.html").exists()
    assert "0 units computed" in said.out, "the preview of all rows has made everything"
