"""The two forms of tables with captions and permutations from outside, as lines.

A CSV file with the columns `file_name`, `concept`, `value`, `caption` and, where the table holds permutations,
`permutation`. Or the folders that DEPICT's released code writes: `NAME_permutations/0.csv`, `1.csv` and so on for each
concept, each with `file_name`, a column for the concept with the values as dealt, and `permuted_text`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from auditor import codes
from auditor.concepts import Concept
from auditor.errors import DataError
from auditor.read_table import FILE_COLUMN, csv_lines
from auditor.source import Loc, nearest

COLUMNS: Final = (FILE_COLUMN, "concept", "value", "caption")
PERMUTATION: Final = "permutation"
SUFFIX: Final = "_permutations"
PERMUTED_TEXT: Final = "permuted_text"


@dataclass(frozen=True)
class Line:
    """One line of a table: a caption, and where it stands."""

    where: str
    row: str
    concept: str
    value: str
    caption: str
    permutation: str | None


def files_of(path: Path, source: str, loc: Loc) -> dict[str, Path]:
    """The files of a table by the names that messages use, in order."""
    if not path.is_dir():
        return {path.name: path}
    found = {
        f"{folder.name}/{file.name}": file
        for folder in sorted(path.iterdir())
        if folder.is_dir() and folder.name.endswith(SUFFIX)
        for file in sorted(folder.glob("*.csv"), key=lambda each: (len(each.stem), each.stem))
    }
    if not found:
        raise refused(f"`{source}` holds no folder `NAME{SUFFIX}` with tables `0.csv`, `1.csv` and so on", loc)
    return found


def lines_of(
    folder: bool, contents: Mapping[str, bytes], concepts: Sequence[Concept], source: str, loc: Loc
) -> Iterator[Line]:
    """The lines of all files; DataError where a column is missing or a line is short.

    Args:
        folder: whether they are of the released form.
        contents: the files by name.
        concepts: declared concepts, whose columns the released form has.
        source: the table as the document names it.
        loc: where it does.
    """
    columns_of = {key: (concept.column, concept.name) for concept in concepts for key in (concept.column, concept.name)}
    for name, data in contents.items():
        numbered = csv_lines(data, name, loc)
        header = numbered[0][1] if numbered else ()
        concept = name.partition("/")[0].removesuffix(SUFFIX) if folder else ""
        of_value = next((key for key in columns_of.get(concept, (concept,)) if key in header), concept)
        wanted = (FILE_COLUMN, of_value, PERMUTED_TEXT) if folder else COLUMNS
        for column in wanted:
            if column not in header:
                raise refused(f"`{name}` of `{source}` has no column `{column}`", loc, nearest(column, header))
        places = [header.index(column) for column in wanted]
        permutation = header.index(PERMUTATION) if not folder and PERMUTATION in header else None
        for number, cells in numbered[1:]:
            if len(cells) != len(header):
                raise refused(f"line {number} of `{name}` has {len(cells)} values, and {len(header)} columns", loc)
            row, *middle, value, caption = (cells[place] for place in places)
            replicate = name if folder else cells[permutation] if permutation is not None else None
            yield Line(f"line {number} of `{name}`", row, middle[0] if middle else concept, value, caption, replicate)


def refused(message: str, loc: Loc, suggestion: str = "") -> DataError:
    """A table that is not of either form, or says what cannot be."""
    return DataError(
        message,
        code=codes.CAPTION_TABLE,
        loc=loc,
        way_out=f"give the columns {', '.join(f'`{column}`' for column in COLUMNS)} and `{PERMUTATION}`, one caption "
        f"for each row, concept and value; or folders `NAME{SUFFIX}` as DEPICT's released code writes them",
        suggestion=suggestion,
    )
