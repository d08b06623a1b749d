"""The captions of rows, as they are and with each concept at each of its values: written, or given from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from auditor import codes
from auditor.concepts import Concept
from auditor.dataset import Rows
from auditor.errors import DataError
from auditor.interventions.caption import Caption, captions_of, words_of
from auditor.interventions.given_captions import GivenCaptions
from auditor.source import Loc


@dataclass(frozen=True)
class RowCaptions:
    """Captions of the rows of an audit.

    Attributes:
        rows: the rows as captions tell them (`Caption.told`).
        columns: where each changed concept stands among those declared.
        factual: of each row as it is, (n_rows,) of str.
        by_value: with a changed concept set to a value, (n_rows, n_changed, n_values) of str; at its own value, and
            beyond the concept's own number of values, the row's factual caption.
    """

    rows: Rows
    columns: tuple[int, ...]
    factual: np.ndarray
    by_value: np.ndarray


def row_captions(
    caption: Caption,
    rows: Rows,
    concepts: Sequence[Concept],
    changed: Sequence[str],
    given: GivenCaptions | None = None,
) -> RowCaptions:
    """Every caption of these rows where `changed` are changed; given ones stand in the place of written ones."""
    told = caption.told(rows, concepts)
    said, writer = words_of(concepts, told), caption.writer(concepts, changed)
    names = [concept.name for concept in concepts]
    columns = tuple(names.index(name) for name in changed)
    factual = captions_of(told.values, said, writer)
    if given is not None:
        factual = np.array(
            [given.factual.get(row, text) for row, text in zip(rows.names, factual, strict=True)], object
        )
    n_values = max(len(told.levels_of(column)) for column in columns)
    by_value = np.repeat(factual[:, None, None], len(changed), 1).repeat(n_values, 2)
    for number, column in enumerate(columns):
        for value in range(len(told.levels_of(column))):
            moved = told.values.copy()
            moved[:, column] = value
            texts = captions_of(moved, said, writer)
            if given is not None:
                key = names[column]
                texts = np.array(
                    [given.captions.get((row, key, value), text) for row, text in zip(rows.names, texts, strict=True)],
                    object,
                )
            by_value[:, number, value] = np.where(told.values[:, column] == value, factual, texts)
    return RowCaptions(told, columns, factual, by_value)


def incomplete(
    caption: Caption, rows: Rows, concepts: Sequence[Concept], changed: Sequence[str], given: GivenCaptions, loc: Loc
) -> DataError | None:
    """What is wrong where a table leaves captions out: the document may write them only if it would write all others.

    Args:
        caption: how the document writes captions.
        rows: the rows of the audit.
        concepts: declared concepts.
        changed: those that the analysis changes.
        given: what the table holds.
        loc: where the document names the table.
    """
    written = row_captions(caption, rows, concepts, changed)
    odd = missing = ""
    for i, row in enumerate(rows.names):
        for number, column in enumerate(written.columns):
            name, own = concepts[column].name, int(written.rows.values[i, column])
            for value, level in enumerate(written.rows.levels_of(column)):
                text, key = written.by_value[i, number, value], (row, name, value)
                found = given.factual.get(row) if value == own else given.captions.get(key)
                if found is None:
                    missing = missing or f"`{row}` with `{name}` at {level}"
                elif found != text:
                    place = given.where.get(key, "the table")
                    odd = odd or f"{place} has `{found}` for `{row}`, and the document would write `{text}`"
    if not (missing and odd):
        return None
    return DataError(
        f"the table has no caption for {missing}, and the document cannot write it: {odd}",
        code=codes.CAPTION_MISSING,
        loc=loc,
        way_out="add a line for every row, concept and value, or write concepts and `caption` so that they give the "
        "captions of the table",
    )
