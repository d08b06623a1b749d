"""examples/caption_table: a category, a kept text and a presence, on the bundled pipeline from table to report."""

from __future__ import annotations

import csv
import importlib
import json
from pathlib import Path

import pytest

from auditor.execute import Silent
from auditor.run import Options, run
from auditor.spec import load_spec

EXAMPLE = Path(__file__).parents[2] / "examples/caption_table"
ROWS = 12


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example with few rows and steps, and its data."""
    monkeypatch.syspath_prepend(str(EXAMPLE))
    assert importlib.import_module("make_table").make_table(tmp_path / "data") > 200
    text = (EXAMPLE / "audit.yaml").read_text(encoding="utf-8")
    for whole, small in (
        ("rows: 200", f"rows: {ROWS}"),
        ("steps: 10", "steps: 2"),
        ("draws: 2", "draws: 1"),
        ("[html, pdf]", "[html]"),
        ("alpha: 0.01", "alpha: 0.05"),
        ("swaps: 9999", "swaps: 199"),
    ):
        assert whole in text
        text = text.replace(whole, small)
    (tmp_path / "audit.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_category_and_a_kept_text_run_from_table_to_report(folder: Path) -> None:
    outcome = run(load_spec(folder / "audit.yaml"), Options(store=folder / "store", workers=1), Silent())
    result = json.loads(outcome.folder.result.read_text(encoding="utf-8"))
    assert {finding["subject"]["name"] for finding in result["findings"]} == {"circle", "blue rectangle"}
    assert set(result["sample"]["values"]["circle"]) == {"red", "green", "blue"}
    units = [json.loads(line) for line in outcome.folder.units.read_text(encoding="utf-8").splitlines()]
    with (folder / "data/metadata.csv").open(newline="", encoding="utf-8") as file:
        table = {row["file_name"]: row for row in csv.DictReader(file)}
    generated = [unit for unit in units if unit["kind"] == "generated"]
    assert len(generated) == ROWS * (1 + 3 + 2)
    for unit in generated:
        row, changed = dict(table[unit["row"]]), unit["changed"]
        if changed:
            row[changed["concept"].replace(" ", "_")] = str(changed["value"])
        said = [f"{row['circle']} circle", row["rectangles"], "blue rectangle" * (row["blue_rectangle"] == "1")]
        assert unit["prompt"] == ", ".join(filter(None, said))
    parts = {part["subject"] for check in result["checks"] for part in check["parts"]}
    assert {"circle: red", "circle: green", "circle: blue", "any concept -> rectangles"} <= parts
    page = outcome.folder.html.read_text(encoding="utf-8")
    assert "How common each value is" in page
    assert any(pair["change"].startswith("from ") for pair in result["pairs"] if pair["concept"] == "circle")
