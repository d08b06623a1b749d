"""Reading the table of a data set: which rows an audit uses, and what they say."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from auditor import codes
from auditor.concepts import Concept
from auditor.dataset import Dataset, Rows
from auditor.digest import digest_bytes, digest_file
from auditor.errors import DataError
from auditor.pictures import check_picture
from auditor.source import Loc, expect_digest, locate

TABLE = "metadata.csv"
FILE_COLUMN = "file_name"


def read_rows(dataset: Dataset, concepts: Sequence[Concept], base: Path, decode: bool) -> tuple[Rows, list[DataError]]:
    """Read the table, draw the rows, and look at their pictures.

    Args:
        dataset: what the document says.
        concepts: whose columns to read.
        base: the folder of the document.
        decode: whether every picture is decoded, or only its header read.

    Returns:
        The rows, and every fault found in columns and pictures; with faults, columns that could
        not be read hold zeros.

    Raises:
        DataError: there is no table that can be read at all.
    """
    loc: Loc = ("dataset",)
    folder = locate(dataset.source, base, (*loc, "source"))
    header, table, digest = _read_table(folder, dataset)
    errors: list[DataError] = []
    picked = _pick(table, dataset, errors)

    def column(name: str, where: Loc) -> np.ndarray | None:
        if name in header:
            return np.array([table[i][header.index(name)] for i in picked], dtype=object)
        near = difflib.get_close_matches(name, header, 1)
        hint = f"did you mean `{near[0]}`? " if near else ""
        errors.append(
            DataError(
                f"the table has no column `{name}`",
                code=codes.COLUMN_MISSING,
                loc=where,
                way_out=f"{hint}its columns: {', '.join(f'`{found}`' for found in header)}",
            )
        )
        return None

    names = tuple(table[i][0] for i in picked)
    labels = _binary(column(dataset.label, (*loc, "label")), names, dataset.label, (*loc, "label"), errors)
    if labels is not None and labels.min() == labels.max():
        errors.append(
            DataError(
                f"every one of the {len(labels)} rows has the label {labels[0]}, so performance does not exist",
                code=codes.LABEL_WITHOUT_VARIATION,
                loc=(*loc, "label"),
                way_out="use more rows, another seed, or another label",
            )
        )
    values = np.zeros((len(picked), len(concepts)), np.int64)
    for number, concept in enumerate(concepts):
        where = ("concepts", number, "column")
        found = _binary(column(concept.column, where), names, concept.column, where, errors)
        if found is None:
            continue
        values[:, number] = found
        if found.min() == found.max():
            errors.append(
                DataError(
                    f"concept `{concept.name}` has the value {found[0]} in every one of the {len(found)} rows, "
                    "so there is nothing to permute",
                    code=codes.CONCEPT_WITHOUT_VARIATION,
                    loc=where,
                    way_out="use more rows or another seed, or leave the concept out",
                )
            )
    clusters = None
    if dataset.cluster is not None:
        sources = column(dataset.cluster, (*loc, "cluster"))
        if sources is not None:
            clusters = np.unique(sources.astype(str), return_inverse=True)[1]
            if "" in sources:
                errors.append(
                    DataError(
                        f"the row of `{names[list(sources).index('')]}` names no source in column `{dataset.cluster}`",
                        code=codes.CLUSTER_MISSING,
                        loc=(*loc, "cluster"),
                        way_out="fill in the source of every row",
                    )
                )
    paths, digests = _pictures(folder, names, decode, errors)
    rows = Rows(
        names=names,
        paths=paths,
        image_digests=digests,
        labels=labels if labels is not None else np.zeros(len(picked), np.int64),
        values=values,
        clusters=clusters,
        table_digest=digest,
    )
    return rows, errors


def _read_table(folder: Path, dataset: Dataset) -> tuple[list[str], list[list[str]], str]:
    loc: Loc = ("dataset", "source")
    path = folder / TABLE
    if not path.is_file():
        raise DataError(
            f"`{dataset.source}` has no table `{TABLE}`",
            code=codes.TABLE_MISSING,
            loc=loc,
            way_out=f"write one: `{FILE_COLUMN}` first, then the label and a column for each concept",
        )
    data = path.read_bytes()
    expect_digest(digest_bytes(data), dataset.digest, f"the table of `{dataset.source}`", ("dataset",))
    try:
        lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _malformed(f"is no CSV in UTF-8 ({error})", loc) from None
    lines = [line for line in lines if line]
    if not lines or lines[0][0] != FILE_COLUMN:
        raise _malformed(f"must begin with the column `{FILE_COLUMN}`", loc)
    header, table = lines[0], lines[1:]
    if len(set(header)) != len(header):
        raise _malformed("names a column twice", loc)
    for number, line in enumerate(table, start=2):
        if len(line) != len(header):
            raise _malformed(f"has {len(line)} values in line {number} and {len(header)} columns", loc)
    names = [line[0] for line in table]
    if len(set(names)) != len(names):
        twice = next(name for i, name in enumerate(names) if name in names[:i])
        raise DataError(
            f"the picture `{twice}` stands in two rows of `{TABLE}`",
            code=codes.DUPLICATE_PICTURE,
            loc=loc,
            way_out="keep one row for each picture",
        )
    return header, table, digest_bytes(data)


def _malformed(what: str, loc: Loc) -> DataError:
    return DataError(
        f"`{TABLE}` {what}",
        code=codes.TABLE_MALFORMED,
        loc=loc,
        way_out=f"save it as CSV in UTF-8, `{FILE_COLUMN}` first, one line a picture",
    )


def _pick(table: list[list[str]], dataset: Dataset, errors: list[DataError]) -> list[int]:
    wanted = len(table) if dataset.rows is None else dataset.rows
    if wanted > len(table) or len(table) < 2:
        errors.append(
            DataError(
                f"the document asks for {max(wanted, 2)} rows, and the table has {len(table)}",
                code=codes.TOO_FEW_ROWS,
                loc=("dataset", "rows") if dataset.rows is not None else ("dataset",),
                way_out=f"ask for at most {len(table)}, or add rows to the table",
            )
        )
    # A permutation, cut: asking for more rows later keeps the rows, and the pictures, of today.
    return [int(i) for i in np.random.default_rng(dataset.seed).permutation(len(table))[:wanted]]


def _binary(
    cells: np.ndarray | None, names: Sequence[str], column: str, loc: Loc, errors: list[DataError]
) -> np.ndarray | None:
    if cells is None or len(cells) == 0:
        return None
    odd = [i for i, cell in enumerate(cells) if cell not in ("0", "1")]
    if odd:
        errors.append(
            DataError(
                f"column `{column}` has the value `{cells[odd[0]]}` in the row of `{names[odd[0]]}`"
                + (f" and {len(odd) - 1} more that are not 0 or 1" if len(odd) > 1 else ", which is not 0 or 1"),
                code=codes.VALUE_NOT_BINARY,
                loc=loc,
                way_out="write 0 (absent, no) or 1 (present, yes) in every row",
            )
        )
        return None
    return np.array([int(cell) for cell in cells], np.int64)


def _pictures(
    folder: Path, names: Sequence[str], decode: bool, errors: list[DataError]
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    root = folder.resolve()
    paths, digests = [], []
    for name in names:
        path = (root / name).resolve()
        paths.append(path)
        digests.append("0" * 64)
        try:
            if "\x00" in name or not path.is_relative_to(root):
                raise DataError(
                    f"the picture `{name}` lies outside the folder of the data set",
                    code=codes.SOURCE_OUTSIDE,
                    way_out="copy it into the folder",
                )
            check_picture(path, decode)
            digests[-1] = digest_file(path)
        except DataError as error:
            errors.append(
                DataError(f"data set: {error}", code=error.code, loc=("dataset", "source"), way_out=error.way_out)
            )
    return tuple(paths), tuple(digests)
