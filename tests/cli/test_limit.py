"""--limit runs the first rows: a partial result, in a folder of its own, that is never a pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command, snapshot
from tests.cli.small_world import respell
from tests.cli.user_audit import PICTURES, RUN, UNITS, run_folder

LIMITED = "audits/user/1.0.0-limit-6"


def test_a_limited_run_is_partial_and_says_so_everywhere(fresh: Path, auditor: Command) -> None:
    said = auditor(*RUN, "--limit", "6")
    assert said.status == 7
    assert said.out.splitlines()[1] == (
        "  Partial result: the first 6 of 12 rows (--limit); no claim about the models may rest on it."
    )
    assert said.out.splitlines()[-1] == (
        "  next    without --limit all rows are run; what is computed is not computed again"
    )
    assert not run_folder(fresh).exists()
    result = json.loads((fresh / LIMITED / "result.json").read_text())
    assert result["partial"] == {"rows": 6, "of": 12} and result["sample"]["rows"] == 6
    page = (fresh / LIMITED / "report.html").read_text()
    first_page = page[page.index("<header") : page.index("</header>")]
    assert "Partial result: the first 6 of 12 rows" in first_page and ", partial result" in first_page
    # The rows are the first of the whole run, which computes only the others.
    told = json.loads(auditor(*RUN, "--json").out)
    assert told["partial"] is None and told["computed_units"] == UNITS // 2
    assert "Partial" not in (run_folder(fresh) / "report.html").read_text()
    assert json.loads((run_folder(fresh) / "result.json").read_text())["partial"] is None


def test_a_partial_result_never_passes(finished: Path, auditor: Command) -> None:
    text = (finished / "audit.yaml").read_text()
    start, end = text.index("checks:"), text.index("report:")
    # Without gates and requirements nothing can speak against the whole audit.
    (finished / "audit.yaml").write_text(text[:start] + text[end:])
    assert auditor(*RUN).status == 0
    told = json.loads(auditor(*RUN, "--limit", "10", "--json").out)
    assert (told["outcome"], told["exit_status"]) == ("inconclusive", 7)


def test_partial_and_whole_are_never_mixed(finished: Path, auditor: Command) -> None:
    before = snapshot(finished)
    said = auditor(*RUN, "--limit", "6", "--out", "audits/user/1.0.0")
    assert (said.status, said.out) == (2, "")
    assert said.err == (
        "auditor: audits/user/1.0.0 holds a run of all rows, and this is one of the first 6 rows; they are never "
        "mixed: name another folder with --out\n"
    )
    assert snapshot(finished) == before
    assert auditor(*RUN, "--limit", "6").status == 7
    said = auditor(*RUN, "--out", LIMITED)
    assert said.status == 2 and "holds a run of the first 6 rows, and this is one of all rows" in said.err
    said = auditor(*RUN, "--limit", "8", "--out", LIMITED)
    assert said.status == 2 and "holds a run of the first 6 rows, and this is one of the first 8 rows" in said.err
    (finished / LIMITED / "result.json").unlink()
    assert auditor(*RUN, "--out", LIMITED).status == 2, "an unfinished run is no other"


@pytest.mark.parametrize("limit", ["12", "500"])
def test_a_limit_that_leaves_nothing_out_is_refused(limit: str, fresh: Path, auditor: Command) -> None:
    before = snapshot(fresh)
    for command in ("run", "plan"):
        said = auditor(command, "audit.yaml", "--allow-python", "--limit", limit)
        assert (said.status, said.out) == (2, "")
        assert said.err == f"auditor: the audit has 12 rows, so --limit {limit} leaves none out; leave it away\n"
    assert snapshot(fresh) == before


@pytest.mark.parametrize("limit", ["1", "0", "-3", "six"])
def test_a_limit_is_a_number_of_rows(limit: str, fresh: Path, auditor: Command) -> None:
    said = auditor(*RUN, "--limit", limit)
    assert (said.status, said.out) == (2, "") and "--limit" in said.err


def test_rows_that_are_all_alike_say_to_raise_the_limit(fresh: Path, auditor: Command) -> None:
    respell(fresh, "rows: 12}", "rows: 12, seed: 4}")
    said = auditor(*RUN, "--limit", "2")
    assert said.status == 2 and "AUD305" in said.err and "way out: raise --limit or use another seed" in said.err


def test_planning_and_preparing_see_the_limit(fresh: Path, auditor: Command) -> None:
    told = json.loads(auditor("plan", "--no-estimate", "audit.yaml", "--allow-python", "--limit", "6", "--json").out)
    assert next(op["distinct"] for op in told["ops"] if op["kind"] == "generate") == PICTURES // 2


def test_a_lock_is_about_all_rows(finished: Path, auditor: Command) -> None:
    assert auditor("lock", "audit.yaml", "--allow-python").status == 0
    assert auditor(*RUN, "--limit", "6", "--locked").status == 7
    row = json.loads((run_folder(finished) / "units.jsonl").read_text().splitlines()[11])["row"]
    picture = finished / "data" / row
    picture.write_bytes((finished / "data" / ("00.png" if row != "00.png" else "01.png")).read_bytes() + b"\0")
    said = auditor(*RUN, "--limit", "6", "--locked")
    assert said.status == 2 and "pictures of the data set: locked " in said.err
