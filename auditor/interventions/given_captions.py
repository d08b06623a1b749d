"""Captions and permutations that are given from outside, as tables, instead of being written from concepts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditor import codes
from auditor.concepts import Concept
from auditor.dataset import Rows
from auditor.digest import Digest, FileDigests, digest_bytes, digest_value
from auditor.errors import DataError
from auditor.interventions.caption_table import files_of, lines_of, refused
from auditor.read_table import table_bytes
from auditor.source import Loc, below, nearest

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class GivenCaptions:
    """Captions from outside.

    Attributes:
        captions: by file name, concept and value index.
        factual: the caption of a row as it is, by file name; of those rows whose own value the table holds.
        dealt: of each concept the permutations in order, each the value index that a row is dealt, by file name.
        where: the place in the table of each caption, by file name, concept and value index.
        digest: SHA-256 over the files.
        files: the files, each with its own.
    """

    captions: Mapping[tuple[str, str, int], str]
    factual: Mapping[str, str]
    dealt: Mapping[str, tuple[Mapping[str, int], ...]]
    where: Mapping[tuple[str, str, int], str]
    digest: Digest
    files: FileDigests = ()

    def deals(self, concept: str, names: Sequence[str]) -> np.ndarray | None:
        """The value indices that these rows are dealt, (n_rows, n_permutations); None where the table deals none."""
        import numpy as np

        found = self.dealt.get(concept, ())
        return np.array([[dealt[name] for dealt in found] for name in names]) if found else None


def read_given(source: str, base: Path, rows: Rows, concepts: Sequence[Concept], loc: Loc) -> GivenCaptions:
    """The table at `source`, held against the rows that the audit uses; lines of other rows are read over.

    Raises:
        DataError: it is no such table, names what is not declared, contradicts itself, or its permutations are not
            complete permutations of these rows' values.
    """
    path = below(source, base, loc)
    files = files_of(path, source, loc)
    contents = {name: table_bytes(file, name, loc) for name, file in files.items()}
    named = {key: place for place, concept in enumerate(concepts) for key in (concept.column, concept.name)}
    own = {name: rows.values[i].tolist() for i, name in enumerate(rows.names)}
    known = [{str(level): v for v, level in enumerate(rows.levels_of(j))} for j in range(len(concepts))]
    captions: dict[tuple[str, str, int], str] = {}
    where: dict[tuple[str, str, int], str] = {}
    factual: dict[str, tuple[str, str]] = {}
    dealt: dict[str, dict[str, dict[str, int]]] = {}
    for line in lines_of(path.is_dir(), contents, concepts, source, loc):
        if line.row not in own:
            continue
        if line.concept not in named:
            near = nearest(line.concept, list(named))
            raise refused(f"{line.where} names the concept `{line.concept}`, which is not declared", loc, near)
        place = named[line.concept]
        name = concepts[place].name
        if line.value not in known[place]:
            said = ", ".join(f"`{value}`" for value in known[place])
            raise refused(f"{line.where} gives `{name}` the value `{line.value}`, and these rows have {said}", loc)
        value = known[place][line.value]
        key = (line.row, name, value)
        if captions.setdefault(key, line.caption) != line.caption:
            raise refused(
                f"{line.where} gives `{line.row}` with `{name}` at {line.value} the caption `{line.caption}`, and "
                f"{where[key]} another, `{captions[key]}`",
                loc,
            )
        where.setdefault(key, line.where)
        if value == own[line.row][place]:
            first = factual.setdefault(line.row, (line.caption, line.where))
            if first[0] != line.caption:
                raise refused(
                    f"{line.where} gives `{line.row}` as it is the caption `{line.caption}`, and {first[1]} another, "
                    f"`{first[0]}`",
                    loc,
                )
        if line.permutation is not None:
            of_rows = dealt.setdefault(name, {}).setdefault(line.permutation, {})
            if line.row in of_rows:
                raise refused(f"{line.where} deals `{line.row}` a second value in one permutation of `{name}`", loc)
            of_rows[line.row] = value
    _refuse_no_permutations(dealt, rows, [concept.name for concept in concepts], loc)
    digests = tuple((name, digest_bytes(data)) for name, data in contents.items())
    return GivenCaptions(
        captions,
        {name: caption for name, (caption, _) in factual.items()},
        {name: tuple(found.values()) for name, found in dealt.items()},
        where,
        digest_value([list(file) for file in digests]),
        digests,
    )


def _refuse_no_permutations(
    dealt: Mapping[str, Mapping[str, Mapping[str, int]]], rows: Rows, names: Sequence[str], loc: Loc
) -> None:
    """Each permutation deals every row one value, and each value as often as the rows have it."""
    for concept, permutations in dealt.items():
        own = sorted(rows.values[:, names.index(concept)].tolist())
        for name, found in permutations.items():
            missing = next((row for row in rows.names if row not in found), None)
            if missing is not None:
                raise DataError(
                    f"permutation `{name}` of `{concept}` deals no value to `{missing}`",
                    code=codes.CAPTION_MISSING,
                    loc=loc,
                    way_out="give every row of the audit a line in every permutation",
                )
            # Of the first rows alone (--limit), a permutation of all of them is none, and the result is partial.
            if not rows.left_out and sorted(found.values()) != own:
                raise DataError(
                    f"permutation `{name}` of `{concept}` does not deal out the values that these rows have",
                    code=codes.NOT_A_PERMUTATION,
                    loc=loc,
                    way_out="use the rows that were permuted, each value as often as the rows have it",
                )
        if len(permutations) < 2:
            raise DataError(
                f"the table holds one permutation of `{concept}`, which says nothing of how permutations differ",
                code=codes.CAPTION_MISSING,
                loc=loc,
                way_out="give two permutations or more, or leave the permutations out",
            )
