"""Counts, categories and texts in a table: what is read, and each fault."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from auditor import codes
from auditor.concepts import CategoryValue, Concept
from auditor.dataset import Dataset
from auditor.read_rows import read_rows

COUNT = Concept(name="people", kind="count", column="people", phrase="person")
CATEGORY = Concept(
    name="wall",
    kind="category",
    column="wall",
    values=tuple(CategoryValue(value=word, phrase=f"{word} wall") for word in ("red", "green", "grey")),
)
TEXT = Concept(name="notes", kind="text", column="notes")


@pytest.fixture
def data(tiny, tmp_path) -> Path:
    """A data set with a count, a category and a text."""
    shutil.copytree(tiny / "data", tmp_path / "data")
    rewrite(tmp_path, {"people": lambda i: str((0, 3, 1)[i % 3]), "wall": lambda i: ("green", "red")[i % 2],
                       "notes": lambda i: ("", "at night, outside")[i % 2]})  # fmt: skip
    return tmp_path


def rewrite(base: Path, columns) -> None:  # type: ignore[no-untyped-def]
    path = base / "data/metadata.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for i, row in enumerate(rows):
        row |= {name: of(i) for name, of in columns.items()}
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def read(base: Path, *concepts: Concept):  # type: ignore[no-untyped-def]
    return read_rows(Dataset(source="data", label="outcome"), concepts, base, decode=False)


def test_levels_are_the_values_that_occur(data):
    rows, errors = read(data, COUNT, CATEGORY, TEXT)
    assert not errors
    assert rows.levels_of(0) == (0, 1, 3), "counts rise"
    assert rows.levels_of(1) == ("red", "green"), "as declared, without those that no row has"
    assert set(rows.levels_of(2)) == {"", "at night, outside"}
    for i, name in enumerate(rows.names):
        place = int(name[:3])
        assert rows.levels_of(0)[rows.values[i, 0]] == (0, 3, 1)[place % 3]
        assert rows.levels_of(1)[rows.values[i, 1]] == ("green", "red")[place % 2]
        assert rows.levels_of(2)[rows.values[i, 2]] == ("", "at night, outside")[place % 2]


@pytest.mark.parametrize("cell", ["2.0", "-1", "two", "", "02", "1e3", "٣", "1000000"])
def test_what_is_no_count(data, cell):
    rewrite(data, {"people": lambda i: cell if i == 5 else str(i % 3)})
    (found,) = read(data, COUNT)[1]
    assert found.code == codes.VALUE_NOT_COUNT and found.loc == ("concepts", 0, "column")
    said = f"`{cell}`" if cell else "nothing"
    assert str(found) == f"column `people` holds {said}, not a count, in the row of `005.png` (metadata.csv:7)"


def test_a_value_that_is_not_declared(data):
    rewrite(data, {"wall": lambda i: "gray" if i in (3, 4) else ("green", "red")[i % 2]})
    (found,) = read(data, CATEGORY)[1]
    assert found.code == codes.VALUE_NOT_DECLARED and found.suggestion == "grey"
    assert "holds `gray`, not one of the declared `red`, `green`, `grey`" in str(found)
    assert "1 more row is wrong as well" in str(found)


@pytest.mark.parametrize("concept", [COUNT, CATEGORY])
def test_one_value_leaves_nothing_to_permute_but_a_text_may_have_one(data, concept):
    rewrite(data, {"people": lambda i: "2", "wall": lambda i: "red", "notes": lambda i: "the same"})
    (found,) = read(data, concept, TEXT)[1]
    assert found.code == codes.CONCEPT_WITHOUT_VARIATION
    assert f"has the value {2 if concept is COUNT else 'red'} in every one of the 24 rows" in str(found)
