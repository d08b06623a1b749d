"""Which captions can be asked for, and what is wrong with them: found before anything is generated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from auditor import codes
from auditor.concepts import Concept
from auditor.dataset import Rows
from auditor.errors import DataError
from auditor.interventions.caption import Caption, said_at, words_of
from auditor.source import Loc

if TYPE_CHECKING:
    from auditor.interventions.given_captions import GivenCaptions


def asked_captions(
    caption: Caption,
    rows: Rows,
    concepts: Sequence[Concept],
    permuted: Sequence[Sequence[str]],
    given: GivenCaptions | None,
    loc: Loc,
) -> tuple[list[str], list[DataError]]:
    """Every caption that analyses can ask for, and what a table from outside lacks.

    Args:
        caption: how the document writes captions.
        rows: the rows of the audit.
        concepts: declared concepts.
        permuted: the concepts of each analysis.
        given: captions from outside, or None.
        loc: where the document names the table.
    """
    if given is not None:
        from auditor.interventions.row_captions import incomplete, row_captions

        found = [row_captions(caption, rows, concepts, names, given) for names in permuted]
        faults = [incomplete(caption, rows, concepts, names, given, loc) for names in permuted]
        texts = {text for one in found for text in (*one.factual.tolist(), *one.by_value.ravel().tolist())}
        return sorted(texts), [fault for fault in faults if fault is not None][:1]
    # Sets and not `np.unique`, which imports `numpy.ma` for 20 ms that validating has not to spare.
    rows = caption.told(rows, concepts)
    said, as_is = words_of(concepts, rows), {tuple(row) for row in rows.values.tolist()}
    captions: set[str] = set()
    for names in {tuple(names) for names in permuted}:
        write = caption.writer(concepts, names)
        moved = {
            (*row[:number], value, *row[number + 1 :])
            for row in as_is
            for number, concept in enumerate(concepts)
            if concept.name in names
            for value in range(len(said[number]))
        }
        captions |= {write(said_at(row, said)) for row in as_is | moved}
    return sorted(captions), []


def collapsed_to_one(
    caption: Caption, rows: Rows, concepts: Sequence[Concept], permuted: Sequence[Sequence[str]], loc: Loc
) -> list[DataError]:
    """Counts that differ and are all 1 or more, so that collapsed there is nothing to permute."""
    told = caption.told(rows, concepts)
    if told is rows:
        return []
    return [
        DataError(
            f"concept `{concept.name}` is 1 or more in every row, so there is nothing to permute where "
            "counts are collapsed",
            code=codes.CONCEPT_WITHOUT_VARIATION,
            loc=loc,
            way_out="keep the counts, use more rows, or leave the concept out",
        )
        for number, concept in enumerate(concepts)
        if concept.kind == "count" and any(concept.name in names for names in permuted)
        if told.values[:, number].min() == told.values[:, number].max()
    ]
