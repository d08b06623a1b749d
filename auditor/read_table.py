"""Reading the table of a data set, `metadata.csv`: its columns, and one line for each picture."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from auditor import codes
from auditor.digest import Digest, digest_bytes
from auditor.errors import DataError
from auditor.permission import not_permitted
from auditor.source import Loc

TABLE = "metadata.csv"
FILE_COLUMN = "file_name"


@dataclass(frozen=True)
class Table:
    """A table as it was read.

    Attributes:
        columns: the names of the columns; the first is `file_name`.
        lines: the values of each picture, in the order of the columns.
        digest: SHA-256 of the file.
        numbers: in which line of the file the values of each picture end, counted from 1.
    """

    columns: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    digest: Digest
    numbers: tuple[int, ...] = ()

    def place(self, picture: int) -> str:
        """File and line of a picture's values, by its place in `lines`."""
        return f"{TABLE}:{self.numbers[picture]}" if self.numbers else TABLE


def read_table(folder: Path, source: str, loc: Loc) -> Table:
    """The table in `folder`, which the document calls `source`.

    Raises:
        DataError: there is none, it is no CSV in UTF-8, or a picture stands in it twice.
    """
    path = folder / TABLE
    if not path.resolve().is_relative_to(folder.resolve()):
        raise DataError(
            f"the table `{TABLE}` of `{source}` is a link that leads outside its folder",
            code=codes.SOURCE_OUTSIDE,
            loc=loc,
            way_out="copy the table into the folder instead of linking to it",
        )
    if not path.is_file():
        raise DataError(
            f"`{source}` has no table `{TABLE}`",
            code=codes.TABLE_MISSING,
            loc=loc,
            way_out=f"write one: `{FILE_COLUMN}` first, then the label and a column for each concept",
        )
    data = table_bytes(path, TABLE, loc)
    numbered = csv_lines(data, TABLE, loc)
    if not numbered:
        raise _malformed("is empty", loc)
    columns = numbered[0][1]
    if columns[0] != FILE_COLUMN:
        raise _malformed(f"begins with the column `{columns[0]}`, not with `{FILE_COLUMN}`", loc)
    twice = [name for name, times in Counter(columns).items() if times > 1]
    if twice:
        raise _malformed(f"has two columns named `{twice[0]}`", loc)
    for number, line in numbered[1:]:
        if len(line) != len(columns):
            raise _malformed(f"has {len(line)} values in line {number}, and {len(columns)} columns", loc)
    lines = tuple(line for _, line in numbered[1:])
    _refuse_repeated(lines, loc)
    return Table(columns, lines, digest_bytes(data), tuple(number for number, _ in numbered[1:]))


def table_bytes(path: Path, name: str, loc: Loc) -> bytes:
    """The bytes of a table that messages call `name`; DataError where it cannot be read."""
    try:
        return path.read_bytes()
    except PermissionError:
        raise not_permitted(f"`{name}`", loc) from None
    except OSError as error:
        raise _malformed(f"cannot be read: {str(error.strerror).lower()}", loc, name) from None


def csv_lines(data: bytes, name: str, loc: Loc) -> list[tuple[int, tuple[str, ...]]]:
    """The lines of a CSV that are not blank, each with its number in the file; DataError where it is no CSV."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _malformed(f"is not UTF-8 text: byte 0x{data[error.start]:02x} in line {line}", loc, name) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return [(reader.line_num, tuple(line)) for line in reader if line]
    except csv.Error as error:
        raise _malformed(f"is no CSV: {error} in line {reader.line_num}", loc, name) from None


def _refuse_repeated(lines: tuple[tuple[str, ...], ...], loc: Loc) -> None:
    twice = [name for name, times in Counter(line[0] for line in lines).items() if times > 1]
    if twice:
        more = f", and so do {len(twice) - 1} more" if len(twice) > 1 else ""
        raise DataError(
            f"the picture `{twice[0]}` stands in more than one row of `{TABLE}`{more}",
            code=codes.DUPLICATE_PICTURE,
            loc=loc,
            way_out="keep one row for each picture",
        )


def _malformed(what: str, loc: Loc, name: str = TABLE) -> DataError:
    return DataError(
        f"`{name}` {what}",
        code=codes.TABLE_MALFORMED,
        loc=loc,
        way_out=f"save it as CSV in UTF-8: `{FILE_COLUMN}` first, one line for each picture, and quotes around "
        "values that hold a comma",
    )
