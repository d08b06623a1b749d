"""Tables of data sets: which rows an audit uses, and each fault of a table, column or picture."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from auditor import codes
from auditor.concepts import Concept
from auditor.dataset import Dataset, Rows
from auditor.digest import digest_file
from auditor.errors import DataError
from auditor.preview import first_rows
from auditor.read_rows import read_rows
from tests.tiny import CONCEPTS

CONCEPT_NODES = tuple(Concept(name=name, column=name.replace(" ", "_"), phrase=name) for name in CONCEPTS)


def read(base: Path, decode: bool = True, concepts=CONCEPT_NODES, **fields) -> tuple[Rows, list[DataError]]:
    return read_rows(Dataset(**{"source": "data", "label": "outcome", **fields}), concepts, base, decode)


@pytest.fixture
def data(tiny, tmp_path) -> Path:
    """The folder of a document with a data set that a test may spoil."""
    shutil.copytree(tiny / "data", tmp_path / "data")
    return tmp_path


def lines_of(base: Path) -> list[str]:
    return (base / "data" / "metadata.csv").read_text().splitlines()


def write(base: Path, lines: list[str]) -> None:
    (base / "data" / "metadata.csv").write_text("\n".join(lines) + "\n")


def one(errors: list[DataError]) -> DataError:
    """The only fault found; whatever it is, it says a way out."""
    assert len(errors) == 1, [str(error) for error in errors]
    assert errors[0].way_out and "{" not in str(errors[0])
    return errors[0]


def test_rows_are_what_the_table_says(data):
    rows, errors = read(data, cluster="patient")
    assert not errors and len(rows) == 24
    table = {line.split(",")[0]: line.split(",") for line in lines_of(data)[1:]}
    for i, name in enumerate(rows.names):
        assert rows.values[i].tolist() == [int(cell) for cell in table[name][1:4]]
        assert rows.labels[i] == int(table[name][4])
        assert rows.image_digests[i] == digest_file(data / "data" / name) and rows.paths[i].name == name
    assert rows.clusters is not None and len(set(rows.clusters.tolist())) == 12
    assert rows.table_digest == digest_file(data / "data" / "metadata.csv")


def test_more_rows_keep_the_first_ones(data):
    every, _ = read(data)
    some, _ = read(data, rows=10)
    assert every.names[:10] == some.names and len(some) == 10
    other, _ = read(data, rows=10, seed=1)
    assert set(other.names) != set(some.names)


def test_a_byte_order_mark_blank_lines_and_crlf_are_read_over(data):
    before, _ = read(data)
    text = "\ufeff" + "\r\n\r\n".join(lines_of(data)) + "\r\n"
    (data / "data" / "metadata.csv").write_bytes(text.encode())
    after, errors = read(data)
    assert not errors and after.names == before.names and np.array_equal(after.values, before.values)


def test_a_table_that_is_missing(data, fault):
    (data / "data" / "metadata.csv").unlink()
    found = fault(lambda: read(data))
    assert found.code == codes.TABLE_MISSING and found.message == "`data` has no table `metadata.csv`"
    assert found.loc == ("dataset", "source")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda t: "", "is empty"),
        (lambda t: t.replace("file_name", "picture"), "begins with the column `picture`, not with `file_name`"),
        (lambda t: t.replace("green_circle", "red_circle"), "has two columns named `red_circle`"),
        (lambda t: t.replace("001.png,", "001.png,1,"), "in line 3"),
        (lambda t: t.replace("red_circle", '"red_circle'), "no CSV"),
        (lambda t: t.encode().replace(b"001.png", b"00\xff.png"), "UTF-8"),
    ],
)
def test_tables_that_are_no_tables(data, fault, spoil, said):
    path = data / "data" / "metadata.csv"
    spoilt = spoil(path.read_text())
    path.write_bytes(spoilt if isinstance(spoilt, bytes) else spoilt.encode())
    found = fault(lambda: read(data))
    assert found.code == codes.TABLE_MALFORMED and said in found.message, found.message


def test_a_picture_in_two_rows(data, fault):
    write(data, [*lines_of(data), lines_of(data)[1]])
    found = fault(lambda: read(data))
    assert found.code == codes.DUPLICATE_PICTURE and "`000.png`" in found.message


def test_a_table_that_changed(data, fault):
    digest = digest_file(data / "data" / "metadata.csv")
    assert not read(data, digest=digest)[1]
    write(data, lines_of(data)[:-1])
    assert fault(lambda: read(data, digest=digest)).code == codes.DIGEST_MISMATCH


def test_a_table_that_is_a_link_out_of_its_folder(data, fault):
    (data / "data" / "metadata.csv").rename(data / "elsewhere.csv")
    (data / "data" / "metadata.csv").symlink_to(data / "elsewhere.csv")
    found = fault(lambda: read(data))
    assert found.code == codes.SOURCE_OUTSIDE and "`metadata.csv` of `data` is a link" in found.message


@pytest.mark.parametrize("number", [0, 1])
def test_a_table_of_too_few_rows(data, number):
    write(data, lines_of(data)[: 1 + number])
    found = read(data)[1][0]
    assert found.code == codes.TOO_FEW_ROWS and "statistics need two at least" in str(found)


def test_one_row_is_enough_where_statistics_need_no_more(data):
    write(data, lines_of(data)[:2])
    rows, errors = read_rows(Dataset(source="data", label=None), [], data, True, fewest=1)
    assert len(rows) == 1 and not errors


def test_more_rows_than_there_are(data):
    found = one(read(data, rows=25)[1])
    assert found.code == codes.TOO_FEW_ROWS and found.loc == ("dataset", "rows")
    assert str(found) == "the document asks for 25 rows, and the table has 24" and "at most 24" in found.way_out


def test_a_column_that_is_not_there_suggests_one(data):
    found = one(read(data, label="outcom")[1])
    assert found.code == codes.COLUMN_MISSING and found.loc == ("dataset", "label")
    assert found.suggestion == "outcome" and "`red_circle`" in found.way_out
    wrong = (CONCEPT_NODES[0].model_copy(update={"column": "redcircle"}), *CONCEPT_NODES[1:])
    found = one(read(data, concepts=wrong)[1])
    assert found.loc == ("concepts", 0, "column") and found.suggestion == "red_circle"
    assert one(read(data, cluster="patients")[1]).suggestion == "patient"


@pytest.mark.parametrize("value", ["2", "yes", "1.0", " 1", "", "-0"])
def test_values_that_are_not_0_or_1(data, value):
    lines = lines_of(data)
    cells = lines[4].split(",")
    cells[1] = value
    write(data, [*lines[:4], ",".join(cells), *lines[5:]])
    found = one(read(data)[1])
    assert found.code == codes.VALUE_NOT_BINARY and "in the row of `003.png`" in str(found)
    assert "write 0 (absent, no) or 1 (present, yes)" in found.way_out


def test_labels_and_concepts_without_variation(data):
    lines = lines_of(data)
    same = [",".join([*line.split(",")[:1], "1", *line.split(",")[2:4], "0", line.split(",")[5]]) for line in lines[1:]]
    write(data, [lines[0], *same])
    found = {error.code: str(error) for error in read(data)[1]}
    assert "every one of the 24 rows has the label 0" in found[codes.LABEL_WITHOUT_VARIATION]
    assert "concept `red circle` has the value 1" in found[codes.CONCEPT_WITHOUT_VARIATION]


def test_a_row_without_its_source(data):
    lines = lines_of(data)
    write(data, [*lines[:3], lines[3].rsplit(",", 1)[0] + ",", *lines[4:]])
    found = one(read(data, cluster="patient")[1])
    assert found.code == codes.CLUSTER_MISSING and "the row of `002.png` (metadata.csv:4) names no source" in str(found)


def test_one_source_for_all_rows(data):
    lines = lines_of(data)
    write(data, [lines[0], *(line.rsplit(",", 1)[0] + ",p0" for line in lines[1:])])
    found = one(read(data, cluster="patient")[1])
    assert found.code == codes.TOO_FEW_ROWS and "every row has the source `p0`" in str(found)


def rename(base: Path, name: str) -> None:
    write(base, [line.replace("001.png", name) for line in lines_of(base)])


@pytest.mark.parametrize("name", ["../000.png", "/etc/passwd", "a\x00b.png", ".", "link.png"])
def test_pictures_outside_the_folder(data, name):
    (data / "outside.png").write_bytes((data / "data" / "000.png").read_bytes())
    (data / "data" / "link.png").symlink_to(data / "outside.png")
    rename(data, name)
    found = one(read(data)[1])
    assert found.code == codes.SOURCE_OUTSIDE and "lies outside the folder of the data set" in str(found)


def test_faults_of_pictures_are_told_by_reason(data):
    for number in (1, 2, 3):
        (data / "data" / f"00{number}.png").unlink()
    (data / "data" / "004.png").write_bytes(b"no picture")
    rows, errors = read(data)
    assert {error.code for error in errors} == {codes.PICTURE_MISSING, codes.PICTURE_UNREADABLE}
    (missing,) = (str(error) for error in errors if error.code == codes.PICTURE_MISSING)
    assert all(f"`00{number}.png` " in missing and f"metadata.csv:{number + 2}" in missing for number in (1, 2, 3))
    assert len(rows) == 24


def test_validating_reads_headers_and_running_reads_pictures(data):
    path = data / "data" / "001.png"
    path.write_bytes(path.read_bytes()[:-30])
    assert read(data, decode=False)[1] == []
    assert one(read(data, decode=True)[1]).code == codes.PICTURE_UNREADABLE


def test_all_faults_are_told_at_once(data):
    (data / "data" / "001.png").unlink()
    wrong = (CONCEPT_NODES[0].model_copy(update={"column": "redcircle"}), *CONCEPT_NODES[1:])
    errors = read(data, label="outcom", rows=30, concepts=wrong)[1]
    assert [error.code for error in errors] == [
        codes.TOO_FEW_ROWS, codes.COLUMN_MISSING, codes.COLUMN_MISSING, codes.PICTURE_MISSING,
    ]  # fmt: skip


def test_a_model_may_have_a_label_of_its_own(data):
    own = {"red": ("red_circle", ("models", 0, "label")), "same": ("outcome", ("models", 1, "label"))}
    rows, errors = read_rows(Dataset(source="data", label="outcome"), CONCEPT_NODES, data, True, own_labels=own)
    assert not errors
    assert rows.labels_of("red").tolist() == rows.values[:, 0].tolist()
    assert rows.labels_of("same").tolist() == rows.labels_of("another").tolist() == rows.labels.tolist()
    first = first_rows(rows, 5)
    assert first.labels_of("red").tolist() == rows.values[:5, 0].tolist()


def test_a_model_s_own_label_is_checked_where_the_document_names_it(data):
    loc = ("models", 3, "label")
    for column, code in (("outcom", codes.COLUMN_MISSING), ("patient", codes.VALUE_NOT_BINARY)):
        _, errors = read_rows(
            Dataset(source="data", label="outcome"), CONCEPT_NODES, data, True, own_labels={"m": (column, loc)}
        )
        assert one(errors).code == code and one(errors).loc == loc
    write(data, [lines_of(data)[0] + ",always", *(f"{line},1" for line in lines_of(data)[1:])])
    _, errors = read_rows(
        Dataset(source="data", label="outcome"), CONCEPT_NODES, data, True, own_labels={"m": ("always", loc)}
    )
    assert one(errors).code == codes.LABEL_WITHOUT_VARIATION and one(errors).loc == loc
