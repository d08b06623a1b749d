"""Audits of several files, from the command line: checked, planned and run as one document."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.cli.conftest import Command
from tests.cli.small_world import SPEC
from tests.cli.user_audit import RUN, run_folder

HEAD = "version: 1\nextends: method.yaml\n"


def split(document: Path, header: str, first_line_of_method: int) -> None:
    """Moves all but the first lines of a document to `method.yaml` beside it."""
    lines = document.read_text(encoding="utf-8").splitlines(keepends=True)
    method = lines[:1] + lines[first_line_of_method:]
    (document.parent / "method.yaml").write_text("".join(method), encoding="utf-8")
    document.write_text(header + "".join(lines[1:first_line_of_method]), encoding="utf-8")


def test_a_run_split_over_files_computes_nothing_new(finished: Path, auditor: Command) -> None:
    before = json.loads((run_folder(finished) / "result.json").read_text())
    split(finished / "audit.yaml", HEAD, 2)
    told = json.loads(auditor(*RUN, "--json").out)
    assert told["computed_units"] == 0
    folder = run_folder(finished)
    assert (folder / "spec.yaml").read_text() == (finished / "audit.yaml").read_text()
    assert (folder / "extended/1-method.yaml").read_text() == (finished / "method.yaml").read_text()
    after = json.loads((folder / "result.json").read_text())
    assert after["resolved_text"] == before["resolved_text"] and after["findings"] == before["findings"]
    assert "# ======== method.yaml ========" in after["spec_text"]
    specs = [found["name"] for found in after["identities"] if found["role"] == "spec"]
    assert specs == ["user", "method.yaml"]
    # A byte of the file that is extended is a change of the document.
    (finished / "method.yaml").write_text((finished / "method.yaml").read_text() + "# a remark\n")
    auditor(*RUN, "--json")
    again = json.loads((folder / "result.json").read_text())
    assert again["identities"][0]["digest"] != after["identities"][0]["digest"]


def test_models_beside_the_method_serve_documents_elsewhere(world: Path, auditor: Command) -> None:
    (world / ".git").mkdir()
    split(world / "audit.yaml", "version: 1\nextends: ../method.yaml\n", 2)
    hospital = world / "hospital"
    hospital.mkdir()
    shutil.move(world / "audit.yaml", hospital / "audit.yaml")
    shutil.move(world / "data", hospital / "pictures")
    with (hospital / "audit.yaml").open("a") as file:
        file.write("dataset: {source: pictures}\n")
    said = auditor("validate", "hospital/audit.yaml")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("hospital/audit.yaml: valid; 12 rows")
    assert auditor("plan", "--no-estimate", "hospital/audit.yaml").status == 0


def test_a_fault_of_data_is_told_in_the_file_that_names_it(world: Path, auditor: Command) -> None:
    split(world / "audit.yaml", HEAD, 2)
    method = world / "method.yaml"
    method.write_text(method.read_text().replace("source: models/detector", "source: models/detectors"))
    line = SPEC.splitlines().index("    source: models/detector")
    said = auditor("validate", "audit.yaml")
    assert said.status == 2
    assert said.err.startswith(f"method.yaml:{line}:13: AUD301 there is nothing at `models/detectors`, seen from ")
    assert f"{line:>5} |     source: models/detectors\n" in said.err
    assert "did you mean `models/detector`?" in said.err
    (problem,) = json.loads(auditor("validate", "audit.yaml", "--json").out)["problems"]
    assert (problem["file"], problem["line"]) == ("method.yaml", line)


def test_resolve_prints_one_document_and_where_its_values_stand(world: Path, auditor: Command) -> None:
    split(world / "audit.yaml", HEAD, 2)
    said = auditor("resolve", "audit.yaml")
    assert (said.status, said.err) == (0, "")
    line = SPEC.splitlines().index("  rows: 12")
    assert f"  rows: 12{' ' * 20}" in said.out and f"# method.yaml:{line}\n" in said.out
    (world / "resolved.yaml").write_text(said.out)
    (world / "method.yaml").unlink()
    assert auditor("validate", "resolved.yaml").out.startswith("resolved.yaml: valid; 12 rows")
    assert auditor("resolve", "audit.yaml").status == 2


def test_resolve_tells_machines_the_same(world: Path, auditor: Command) -> None:
    told = json.loads(auditor("resolve", "audit.yaml", "--json").out)
    assert [file["file"] for file in told["files"]] == ["audit.yaml"]
    found = {origin["field"]: origin for origin in told["origins"]}
    rows = found["dataset.rows"]
    assert (rows["value"], rows["file"], rows["default_from"]) == (12, "audit.yaml", None)
    assert SPEC.splitlines()[rows["line"] - 1] == "  rows: 12" and rows["column"] == 9
    assert (found["numerics"]["value"], found["numerics"]["default_from"]) == ("default", "chosen")
    assert told["spec"]["dataset"]["rows"] == 12
