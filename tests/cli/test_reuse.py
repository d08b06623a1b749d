"""--reuse semantic: what another numerics class made may answer, and wherever it does, it is said."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Command
from tests.cli.small_world import respell
from tests.cli.user_audit import PICTURES, RUN, SCORES, UNITS, run_folder

SMALL = "report: {formats: [html]"
NUMERICS = "numerics: {name: small, batch: {generate: 4}}\n"


def test_reuse_is_asked_for_and_told_everywhere(finished: Path, auditor: Command) -> None:
    before = json.loads((run_folder(finished) / "result.json").read_text())
    respell(finished, SMALL, NUMERICS + SMALL)
    told = json.loads(auditor(*RUN, "--reuse", "semantic", "--json").out)
    # Scores were made under the class that is declared: of the old pictures, which is what they say they are of.
    assert (told["computed_units"], told["reused_units"]) == (0, PICTURES)
    assert "reused from other numerics classes" in auditor(*RUN, "--reuse", "semantic").out, "of a current result, too"
    result = json.loads((run_folder(finished) / "result.json").read_text())
    assert [one["estimate"] for one in result["findings"]] == [one["estimate"] for one in before["findings"]]
    (reused,) = (one for one in result["identities"] if one["name"].startswith("reused: "))
    assert reused["role"] == "numerics" and len(reused["digest"]) == 64
    assert reused["name"] == "reused: generate captions" and "72 of 72 units of equal meaning" in reused["detail"]
    assert "batch 16 instead of 4" in reused["detail"]
    assert any("72 pictures and scores: they were made under other classes" in line for line in result["not_measured"])
    record = json.loads((run_folder(finished) / "run.json").read_text())
    assert sum(op["reused"] for op in record["ops"]) == PICTURES
    assert "72 were made under another numerics class" in (run_folder(finished) / "run-record.html").read_text()


def test_without_it_everything_is_made_as_declared(finished: Path, auditor: Command) -> None:
    respell(finished, SMALL, NUMERICS + SMALL)
    told = json.loads(auditor(*RUN, "--json").out)
    # Scores of real pictures stay: no bit of theirs depends on how others were generated.
    real = 2 * (SCORES - PICTURES)
    assert (told["computed_units"], told["reused_units"]) == (UNITS - real, 0)
    # And then nothing is reused even where it may be: what is stored exactly comes first.
    told = json.loads(auditor(*RUN, "--reuse", "semantic", "--json").out)
    assert (told["computed_units"], told["reused_units"]) == (0, 0)
    result = (run_folder(finished) / "result.json").read_text()
    assert "reused" not in result
