"""--max-time ends a run between two micro-batches, and fail_on_invalid one that is of no use."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.cli.user_audit import RUN, UNITS, run_folder


def test_a_run_whose_time_is_up_is_incomplete_and_goes_on(fresh: Path, auditor: Command) -> None:
    said = auditor(*RUN, "--max-time", "0.001s")
    assert said.status == 3 and said.out == ""
    assert said.err.splitlines()[-1] == (
        "the time that was allowed is up; what was finished is kept. "
        "To go on: auditor run audit.yaml --allow-python --workers 1 --max-time 0.001s"
    )
    assert not (run_folder(fresh) / "result.json").exists()
    assert json.loads(auditor(*RUN, "--json").out)["computed_units"] == UNITS


@pytest.mark.parametrize("duration", ["soon", "5", "-1s", "0m", "nans", "1e99h", "1h30m", ""])
def test_what_is_no_duration_is_told(duration: str, fresh: Path, auditor: Command) -> None:
    said = auditor(*RUN, "--max-time", duration)
    assert said.status == 2 and f"`{duration}` is no duration; write 90s, 15m or 2h" in said.err


def test_the_result_says_what_the_probes_found(finished: Path, auditor: Command) -> None:
    result = json.loads((run_folder(finished) / "result.json").read_text())
    probes = [one for one in result["identities"] if one["name"].startswith("probe: ")]
    assert probes and all(one["detail"].endswith("equal bit for bit") for one in probes)


def test_a_run_of_invalid_units_stops_as_the_spec_says(finished: Path, auditor: Command) -> None:
    shutil.rmtree(run_folder(finished))  # The pictures are stored; another model is to score them.
    model, spec = finished / "model.py", finished / "audit.yaml"
    model.write_text(model.read_text().replace("    return", "    pixels[:] = np.nan\n    return"), encoding="utf-8")
    said = auditor(*RUN)
    assert said.status == 3 and "reddish" in said.err and "fail_on_invalid" in said.err
    spec.write_text(f"{spec.read_text()}fail_on_invalid: 100000\n", encoding="utf-8")
    # Allowed to, it goes on to the end, where nothing is left to judge.
    said = auditor(*RUN)
    assert (
        said.status == 3 and "Mend the model or pipeline that failed" in said.err and "fail_on_invalid" not in said.err
    )
