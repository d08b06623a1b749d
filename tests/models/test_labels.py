"""Labels of every task: what a table may hold, and each fault of it."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

from auditor import codes
from auditor.concepts import Concept
from auditor.dataset import Dataset, Rows
from auditor.errors import DataError
from auditor.read_rows import read_rows

CONCEPTS = (Concept(name="red circle", column="red_circle", phrase="red circle"),)
KINDS = ("cat", "dog", "eel")


@pytest.fixture
def data(tiny, tmp_path) -> Path:
    """The folder of a document whose table has a class and a number more."""
    shutil.copytree(tiny / "data", tmp_path / "data")
    table = tmp_path / "data" / "metadata.csv"
    lines = list(csv.reader(table.read_text(encoding="utf-8").splitlines()))
    more = [["kind", "age"], *([KINDS[i % 3], f"{i / 2}"] for i in range(len(lines) - 1))]
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([*line, *added] for line, added in zip(lines, more, strict=True))
    return tmp_path


def read(base: Path, task: str, label: str, **fields: object) -> tuple[Rows, list[DataError]]:
    dataset = Dataset(**{"source": "data", "label": label, **fields})
    return read_rows(dataset, CONCEPTS, base, decode=False, task=task)  # type: ignore[arg-type]


def table_of(base: Path) -> dict[str, dict[str, str]]:
    text = (base / "data" / "metadata.csv").read_text(encoding="utf-8")
    return {line["file_name"]: line for line in csv.DictReader(text.splitlines())}


def spoil(base: Path, column: str, cell: str, every: bool = False) -> None:
    table = base / "data" / "metadata.csv"
    lines = list(csv.reader(table.read_text(encoding="utf-8").splitlines()))
    place = lines[0].index(column)
    for line in lines[1 : None if every else 2]:
        line[place] = cell
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(lines)


def one(errors: list[DataError]) -> DataError:
    assert len(errors) == 1, [str(error) for error in errors]
    assert errors[0].way_out
    return errors[0]


def test_classes_are_numbered_as_their_names_rise(data):
    rows, errors = read(data, "classes", "kind")
    assert not errors
    assert (rows.classes, rows.task) == (KINDS, "classes")
    table = table_of(data)
    assert [rows.label_of(i) for i in range(len(rows))] == [table[name]["kind"] for name in rows.names]
    assert sorted(set(rows.labels.tolist())) == [0, 1, 2]


def test_numbers_are_read_as_they_stand(data):
    rows, errors = read(data, "numbers", "age")
    assert not errors
    table = table_of(data)
    assert rows.labels.tolist() == [float(table[name]["age"]) for name in rows.names]
    assert rows.labels.dtype == np.float64
    assert rows.label_of(0) == rows.labels[0]
    assert isinstance(rows.label_of(0), float)


def test_one_class_against_the_rest(data):
    classes, _ = read(data, "classes", "kind")
    rows, errors = read(data, "binary", "kind", positive="dog")
    assert not errors
    assert np.array_equal(rows.labels, classes.labels == 1)
    assert isinstance(rows.label_of(0), int)


@pytest.mark.parametrize(
    ("task", "label", "cell", "fields", "said"),
    [
        ("classes", "kind", "", {}, "holds nothing, not a class"),
        ("binary", "kind", "", {"positive": "cat"}, "holds nothing, not a class"),
        ("numbers", "age", "old", {}, "holds `old`, not a number"),
        ("numbers", "age", "nan", {}, "holds `nan`, not a number"),
        ("numbers", "age", "1e999", {}, "holds `1e999`, not a number"),
        ("numbers", "age", "1,5", {}, "holds `1,5`, not a number"),
    ],
)
def test_labels_that_do_not_fit_the_metric(data, task, label, cell, fields, said):
    spoil(data, label, cell)
    error = one(read(data, task, label, **fields)[1])
    assert error.code == codes.LABEL_UNFIT
    assert said in str(error)


@pytest.mark.parametrize(("task", "label"), [("classes", "kind"), ("numbers", "age")])
def test_labels_that_are_all_one(data, task, label):
    spoil(data, label, "7", every=True)
    error = one(read(data, task, label)[1])
    assert error.code == codes.LABEL_WITHOUT_VARIATION
    assert "has the label 7" in str(error)


def test_a_positive_label_that_no_row_has(data):
    error = one(read(data, "binary", "kind", positive="dgo")[1])
    assert (error.code, error.suggestion) == (codes.LABEL_WITHOUT_VARIATION, "dog")
    spoil(data, "kind", "dog", every=True)
    error = one(read(data, "binary", "kind", positive="dog")[1])
    assert "every one of the 24 rows has the label dog" in str(error)
