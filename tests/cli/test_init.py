"""`auditor init`: a first draft that is valid, from any table with 0 and 1 in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.spec.rules.placeholders import INTENDED_USE, OWNER, PROPERTY_TITLE, TITLE
from tests.cli.conftest import Command, snapshot
from tests.cli.small_world import table_rows, write_table

MODELS = ("--model", "models/outcome", "--detector", "models/detector", "--pipeline", "models/pipeline")


def fill_in(draft: Path) -> None:
    """Write what `auditor init` left in capitals."""
    text = draft.read_text(encoding="utf-8")
    for left in (TITLE, PROPERTY_TITLE, OWNER, INTENDED_USE):
        text = text.replace(left, left.capitalize())
    draft.write_text(text, encoding="utf-8")


def test_the_draft_is_valid_when_it_is_filled_in(world: Path, auditor: Command) -> None:
    said = auditor("init", "data", *MODELS, "-o", "draft.yaml")
    assert (said.status, said.err) == (0, "")
    assert said.out == ("draft.yaml written. Next: fill in what stands in CAPITALS, then auditor validate draft.yaml\n")
    unfilled = auditor("validate", "draft.yaml")
    assert unfilled.status == 2 and unfilled.err.count(": AUD242 ") == 3 == unfilled.err.count(": AUD")
    fill_in(world / "draft.yaml")
    assert auditor("validate", "draft.yaml").out == (
        "draft.yaml: valid; 12 rows, 2 concepts, 1 model, 3 checks, 1 requirement\n"
    )
    schema = (world / "draft.yaml").read_text().splitlines()[0].partition("$schema=")[2]
    assert '"$schema": "http://json-schema.org/draft-07/schema#"' in (world / schema).read_text()


def test_a_draft_of_gradual_interventions_needs_no_label_and_runs(world: Path, auditor: Command) -> None:
    write_table(world / "data", [{"file_name": row["file_name"]} for row in table_rows()])
    (world / "light.py").write_text(
        "import numpy as np\n\n\ndef score(images):\n    return images.mean(axis=(1, 2, 3))[:, None] / 32.0 - 4.0\n"
    )
    asked = ("data", "--analysis", "property_gradient", "--model", "light.py:score", "--label", "light")
    assert auditor("init", *asked, "-o", "draft.yaml").status == 0
    assert auditor("validate", "draft.yaml").err.count(": AUD242 ") == 3
    fill_in(world / "draft.yaml")
    said = auditor("validate", "draft.yaml", "--allow-python")
    assert said.out == "draft.yaml: valid; 12 rows, 0 concepts, 1 model, 1 check, 1 requirement\n", said.err
    said = auditor("run", "draft.yaml", "--allow-python")
    assert said.status in (0, 1, 6, 7) and "target" in said.out and "hue" in said.out, said.err


def test_a_draft_for_a_folder_of_transformers_follows_the_label(world: Path, auditor: Command) -> None:
    asked = ("data", "--analysis", "property_gradient", "--model", "models/outcome")
    assert auditor("init", *asked, "-o", "draft.yaml").status == 0
    fill_in(world / "draft.yaml")
    assert auditor("validate", "draft.yaml").status == 0
    said = auditor("init", *asked, "--detector", "models/detector", "-o", "other.yaml")
    assert (said.status, said.err) == (2, "auditor: --detector has no place in a property_gradient; leave it out\n")


def test_the_folder_is_seen_from_where_the_user_stands(
    world: Path, auditor: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world / "data")
    assert auditor("init", ".", "-o", "../one.yaml").status == 0
    monkeypatch.chdir(world.parent)
    assert auditor("init", world / "data", "-o", world / "two.yaml").status == 0
    for name in ("one.yaml", "two.yaml"):
        assert "\n  source: data\n" in (world / name).read_text()
    said = auditor("init", "world/data", "-o", "world/models/three.yaml")
    assert said.status == 2 and "does not lie below" in said.err


def test_odd_names_of_columns_are_quoted(world: Path, auditor: Command) -> None:
    odd = ["no", "1e5", "a,b", "x: y", "# 1", "ünï", 'say "so"', "{it}"]
    rows = [{**row, **{name: row["red_circle"] for name in odd}} for row in table_rows()]
    write_table(world / "data", rows)
    assert auditor("init", "data", *MODELS, "-o", "draft.yaml").status == 0
    fill_in(world / "draft.yaml")
    said = auditor("validate", "draft.yaml")
    # Nothing is wrong but that the detector knows no such concepts.
    assert said.err.count(": AUD329 ") == len(odd) == said.err.count(": AUD")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere"], "there is nothing at `nowhere`"),
        (["date"], "did you mean `data`?"),
        (["models"], "`models` has no table `metadata.csv`; write one: "),
        (["builtin:shapes/tests"], "did you mean `builtin:shapes/test`?"),
        (["data", "--label", "outcom"], "the table has no column `outcom`; did you mean `outcome`?"),
        (["data", "--label", "patient"], "column `patient` holds other values than 0 and 1"),
        (["data", "--concept", "red"], "the table has no column `red`; its columns: file_name, red_circle,"),
        (["data", "--concept", "outcome"], "the label `outcome` cannot be a concept as well"),
        (["data", "-o", "audit.yaml"], "audit.yaml exists; name another file with -o, or move it away"),
        (["builtin:shapes/test", "-o", "audit.yaml/x.yaml"], "cannot be written: "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_drafted(arguments: list[str], told: str, world: Path, auditor: Command) -> None:
    before = snapshot(world)
    said = auditor("init", *arguments, *([] if "-o" in arguments else ["-o", "draft.yaml"]))
    assert (said.status, said.out) == (2, "")
    assert told in said.err and said.err.count("\n") == 1
    assert snapshot(world) == before


def test_tables_without_label_or_concepts(world: Path, auditor: Command) -> None:
    write_table(world / "data", [{"file_name": row["file_name"], "sick": row["outcome"]} for row in table_rows()])
    said = auditor("init", "data", "-o", "draft.yaml")
    assert said.status == 2 and said.err.startswith("auditor: which column is the label? Say --label with one of: sick")
    said = auditor("init", "data", "-o", "draft.yaml", "--label", "sick")
    assert said.status == 2
    assert (
        said.err
        == "auditor: no column but the label `sick` holds 0 and 1, counts or a few words, so the table has no concept\n"
    )
    write_table(world / "data", table_rows()[:1])
    assert "has 1 row, and statistics need two at least" in auditor("init", "data", "-o", "draft.yaml").err


def test_counts_and_categories_are_recognised(world: Path, auditor: Command) -> None:
    rows = [
        {**row, "file_name": f"{i:02d}.png", "red_circle": str(i % 3), "patient": f"p{i}",
         "wall_colour": ("no", "a b", "7")[i % 3], "weight": str(50.5 + i % 2), "outcome": str(i % 2),
         "blue_square": str(i // 3 % 2)}
        for i, row in enumerate(row for _ in range(3) for row in table_rows())
    ]  # fmt: skip
    for i in range(12, 36):
        (world / f"data/{i:02d}.png").write_bytes((world / "data/00.png").read_bytes())
    write_table(world / "data", rows)
    assert auditor("init", "data", *MODELS, "-o", "draft.yaml").status == 0
    text = (world / "draft.yaml").read_text()
    assert "{name: red circle, kind: count, column: red_circle, phrase: red circle}" in text
    assert "{name: blue square, column: blue_square, phrase: blue square}" in text
    assert "  - name: wall colour\n    kind: category\n    column: wall_colour\n" in text
    assert '- {value: "no", phrase: no wall colour}' in text and '- {value: "7", phrase: "7 wall colour"}' in text
    assert "patient" not in text and "weight" not in text, "neither names nor measures are concepts"
    fill_in(world / "draft.yaml")
    said = auditor("validate", "draft.yaml")
    # Nothing is wrong but that the detector knows no such walls.
    assert said.err.count(": AUD329 ") == 3 == said.err.count(": AUD"), said.err


def test_a_column_that_the_user_names_needs_no_many_rows(world: Path, auditor: Command) -> None:
    assert auditor("init", "data", "--concept", "patient", *MODELS, "-o", "draft.yaml").status == 0
    assert "- {value: p0, phrase: p0 patient}" in (world / "draft.yaml").read_text()
    write_table(world / "data", [{**row, "patient": f"{i}.5"} for i, row in enumerate(table_rows())])
    said = auditor("init", "data", "--concept", "patient", "-o", "other.yaml")
    assert said.status == 2 and "column `patient` is no concept: it holds neither 0 and 1, nor counts" in said.err
