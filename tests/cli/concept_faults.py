"""Faults of users in counts, categories and captions: each function spoils the small audit in one way."""

from __future__ import annotations

from pathlib import Path

from tests.cli.small_world import respell, table_rows, write_table

PRESENCE = "{name: red circle, column: red_circle, phrase: red circle}"
COUNT = "{name: red circle, kind: count, column: red_circle, phrase: red circle}"
CATEGORY = (
    "{name: red circle, kind: category, column: red_circle, unseen: undecided, "
    "values: [{value: round, phrase: red circle}, {value: oval, phrase: red oval}]}"
)
TABLE = "file_name,concept,value,caption\n"


def rewritten(world: Path, **cells: str) -> None:
    """The table with some cells of the column `red_circle` by row number, such as `row_3="2"`."""
    rows = table_rows()
    for key, cell in cells.items():
        rows[int(key.removeprefix("row_"))]["red_circle"] = cell
    write_table(world / "data", rows)


def count_that_is_no_whole_number(world: Path) -> None:
    respell(world, PRESENCE, COUNT)
    rewritten(world, row_3="2.0", row_5="-1")


def category_with_an_undeclared_value(world: Path) -> None:
    respell(world, PRESENCE, CATEGORY)
    write_table(world / "data", [{**row, "red_circle": "round"} for row in table_rows()])
    rows = [{**row, "red_circle": ("round", "oval")[i % 2]} for i, row in enumerate(table_rows())]
    rows[4]["red_circle"] = "ovel"
    write_table(world / "data", rows)


def category_of_one_value(world: Path) -> None:
    respell(world, PRESENCE, CATEGORY)
    write_table(world / "data", [{**row, "red_circle": "oval"} for row in table_rows()])


def counts_that_collapse_to_one(world: Path) -> None:
    respell(world, PRESENCE, COUNT)
    respell(world, "    steps: 2", "    caption: {counts: collapsed}\n    steps: 2")
    write_table(world / "data", [{**row, "red_circle": str(1 + i % 3)} for i, row in enumerate(table_rows())])


def captions_given(world: Path, *lines: str) -> None:
    """The audit with a table of captions that has these lines."""
    respell(world, "    steps: 2", "    caption: {table: captions.csv}\n    steps: 2")
    (world / "captions.csv").write_text(TABLE + "".join(f"{line}\n" for line in lines), encoding="utf-8")


def captions_of_an_undeclared_concept(world: Path) -> None:
    captions_given(world, "00.png,red circel,0,nothing")


def captions_that_leave_one_out(world: Path) -> None:
    captions_given(world, "00.png,red circle,0,an empty page", "00.png,blue square,0,an empty page")


def captions_that_contradict(world: Path) -> None:
    captions_given(world, "00.png,red circle,1,red circle", "00.png,red circle,1,a red circle")


def captions_of_nowhere(world: Path) -> None:
    captions_given(world)
    (world / "captions.csv").unlink()


def captions_without_permutations(world: Path) -> None:
    captions_given(world)
    respell(world, "intervention: captions, margin", "intervention: captions, permutations: table, margin")


def text_too_long_for_the_encoder(world: Path) -> None:
    respell(world, "{name: red circle", "{name: notes, kind: text, column: patient}\n  - {name: red circle")
    write_table(world / "data", [{**row, "patient": "very " * 60} for row in table_rows()])
