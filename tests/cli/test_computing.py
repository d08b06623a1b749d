"""What is decided and verified while computing is told: time that is up, memory that runs out, probes, limits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command, snapshot
from tests.cli.small_world import respell
from tests.cli.user_audit import MODEL, RUN, SCORES, run_folder


def result_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run_folder(folder) / "result.json").read_text())
    return found


def test_when_the_time_is_up_a_run_stops_and_says_how_to_go_on(finished: Path, auditor: Command) -> None:
    (finished / "model.py").write_text(MODEL.replace("    pixels", "    import time; time.sleep(1.5)\n    pixels", 1))
    before = snapshot(run_folder(finished))
    said = auditor(*RUN, "--max-time", "2s")
    assert (said.status, said.out) == (3, "")
    assert said.err.splitlines()[-1] == (
        "the time that was allowed is up; what was finished is kept. "
        "To go on: auditor run audit.yaml --allow-python --workers 1 --max-time 2s"
    )
    assert snapshot(run_folder(finished))["result.json"] == before["result.json"]
    told = json.loads(auditor(*RUN, "--json").out)
    assert 0 < told["computed_units"] <= SCORES
    assert told["exit_status"] in (0, 1, 7)


@pytest.mark.parametrize("duration", ["90s", "1.5h", "15M"])
def test_time_that_suffices_changes_nothing(duration: str, finished: Path, auditor: Command) -> None:
    assert json.loads(auditor(*RUN, "--max-time", duration, "--json").out)["current"] is True


def test_memory_that_runs_out_is_told_in_result_and_record(finished: Path, auditor: Command) -> None:
    small = MODEL.replace("    pixels", "    if len(images) > 8:\n        raise MemoryError\n    pixels", 1)
    (finished / "model.py").write_text(small)
    assert json.loads(auditor(*RUN, "--json").out)["computed_units"] == SCORES
    first = result_of(finished)
    halved = [one for one in first["identities"] if one["name"] == "smaller batches: predict reddish"]
    assert [one["detail"] for one in halved] == ["8 units computed together, since memory ran out with more"]
    record = json.loads((run_folder(finished) / "run.json").read_text())
    sizes = [(one["op"], one["before"], one["after"]) for one in record["smaller_batches"]]
    assert sizes == [("reddish", 32, 16), ("reddish", 16, 8)]
    page = (run_folder(finished) / "run-record.html").read_text()
    assert "Batches that were made smaller" in page and "memory sufficed" not in page
    # A run that goes on from here knows what it has come down to: it plans, finds and says the same.
    assert json.loads(auditor(*RUN, "--json").out)["current"] is True
    respell(finished, "max_drop: 0.12", "max_drop: 0.13")
    assert json.loads(auditor(*RUN, "--json").out)["computed_units"] == 0
    assert [one for one in result_of(finished)["identities"] if one in halved] == halved


def test_what_probes_verified_is_told_in_result_and_record(finished: Path) -> None:
    probes = {one["name"]: one for one in result_of(finished)["identities"] if one["name"].startswith("probe: ")}
    assert set(probes) == {"probe: generate captions", "probe: predict reddish", "probe: predict shapes"}
    assert all(len(one["digest"]) == 64 and one["role"] == "numerics" for one in probes.values())
    assert probes["probe: generate captions"]["detail"] == ("repeat, neighbours, slot, padding: equal bit for bit")
    record = json.loads((run_folder(finished) / "run.json").read_text())
    assert {f"probe: {one['op']}" for one in record["probes"]} == set(probes)
    assert all(set(one["equal"].values()) == {True} for one in record["probes"])
    assert "What probes found" in (run_folder(finished) / "run-record.html").read_text()


@pytest.mark.parametrize(("limit", "stops"), [("1", True), ("2", False), ("0.01", True), ("0.02", False)])
def test_the_document_says_when_invalid_units_stop_a_run(
    limit: str, stops: bool, finished: Path, auditor: Command
) -> None:
    # The corner of one real picture of twelve, and of no generated one: one unit of 84.
    lost = MODEL.replace("    return ", "    pixels[images[:, 0, 0, 2] == 232] = np.nan\n    return ")
    (finished / "model.py").write_text(lost)
    respell(finished, "report: {formats", f"fail_on_invalid: {limit}\nreport: {{formats")
    said = auditor(*RUN)
    if stops:
        assert (said.status, said.out) == (3, "") and "reddish: 1 of 84 units are invalid" in said.err
    else:
        assert said.status in (1, 7) and result_of(finished)["sample"]["invalid_rows"] == 1
