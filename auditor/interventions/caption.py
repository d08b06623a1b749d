"""How the concepts of a row become a caption: joined phrases, or a template with slots."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from auditor.concepts import PRESENCE, Concept, Level
from auditor.dataset import Rows
from auditor.node import Source, SpecNode, default

if TYPE_CHECKING:
    import numpy as np

Writer = Callable[[Sequence[str]], str]
"""From what each concept says, (n_concepts,), to the caption."""

_PIECE: Final = re.compile(r"\{\{|\}\}|\{(?P<slot>[^{}]*)\}|[{}]")


class Caption(SpecNode):
    """How the concepts of a row become a caption."""

    join: str = default(", ", "paper", max_length=20)
    """What stands between the phrases of the concepts present."""

    empty: str = default("nothing", "chosen", max_length=200)
    """The caption of a row in which no concept says anything."""

    counts: Literal["kept", "collapsed"] = default("kept", "chosen")
    """`kept`: "2 person". `collapsed`: counts above 1 are told as 1, and permuted as presences, as
    the permuted captions of DEPICT's released code do."""

    include: Literal["all", "permuted"] = default("all", "chosen")
    """Which concepts stand in captions: `all` that are declared, texts too, or only those that the
    analysis permutes, as in DEPICT's released code."""

    template: str | None = default(None, "chosen", min_length=1, max_length=2_000)
    """The whole caption with a slot for each concept: "Age: {age}, Findings: {findings}". A slot is
    a concept's name in braces, and holds what the concept says: its phrase, or the words for its
    absence. Braces that are no slot are doubled. Without a template, phrases are joined."""

    table: Source | None = default(None, "chosen")
    """A table with captions from outside, as seen from the document's folder: a CSV file with the
    columns `file_name`, `concept`, `value`, `caption` (and `permutation`), or the folders that
    DEPICT's released code writes. Captions that it leaves out are written as above, and only where
    all that it holds would be written so too."""

    def of(self, levels: Sequence[Level], concepts: Sequence[Concept]) -> str:
        """The caption of concepts at these levels."""
        said = [concept.words(level) for concept, level in zip(concepts, levels, strict=True)]
        return self.writer(concepts, [concept.name for concept in concepts])(said)

    def told(self, rows: Rows, concepts: Sequence[Concept]) -> Rows:
        """The rows as captions tell them: where counts are collapsed, levels 0 and 1 for none and any."""
        if self.counts == "kept" or not any(concept.kind == "count" for concept in concepts):
            return rows
        values, levels = rows.values.copy(), []
        for number, concept in enumerate(concepts):
            known = rows.levels_of(number)
            if concept.kind == "count":
                # By hand and not by `np.isin`: validating has no time to import `numpy.ma`.
                for value in range(len(known)):
                    values[rows.values[:, number] == value, number] = int(bool(known[value]))
                known = PRESENCE
            levels.append(known)
        return replace(rows, values=values, levels=tuple(levels))

    def writer(self, concepts: Sequence[Concept], permuted: Collection[str]) -> Writer:
        """What writes captions from what each declared concept says; those that say nothing are left out of a join.

        Args:
            concepts: declared concepts, in order.
            permuted: names of those that the analysis permutes.
        """
        if self.template is not None:
            names = [concept.name for concept in concepts]
            pieces = [names.index(piece) if slot else piece for piece, slot in pieces_of(self.template)]
            return lambda said: self._filled(pieces, said)
        if self.include == "permuted":
            held = [number for number, concept in enumerate(concepts) if concept.name in permuted]
            return lambda said: self.join.join(said[number] for number in held if said[number]) or self.empty
        return lambda said: self.join.join(filter(None, said)) or self.empty

    def _filled(self, pieces: Sequence[str | int], said: Sequence[str]) -> str:
        text = "".join(said[piece] if isinstance(piece, int) else piece for piece in pieces)
        return text if text.strip() else self.empty


def pieces_of(template: str) -> tuple[tuple[str, bool], ...]:
    """The pieces of a template in order: text, or the name of a slot and True. Nothing but names stands in braces.

    >>> pieces_of("Age: {age} {{years}}")
    (('Age: ', False), ('age', True), (' ', False), ('{', False), ('years', False), ('}', False))
    """
    found: list[tuple[str, bool]] = []
    end = 0
    for match in _PIECE.finditer(template):
        if match.start() > end:
            found.append((template[end : match.start()], False))
        slot = match["slot"]
        found.append((match.group()[:1], False) if slot is None else (slot, True))
        end = match.end()
    if end < len(template):
        found.append((template[end:], False))
    return tuple(found)


def stray_brace(template: str) -> str:
    """The first brace that neither opens nor closes a slot and is not doubled; empty where there is none.

    >>> stray_brace("Age: {age"), stray_brace("{age} {{x}}"), stray_brace("age}")
    ('{', '', '}')
    """
    return next((match.group() for match in _PIECE.finditer(template) if match.group() in ("{", "}")), "")


def words_of(concepts: Sequence[Concept], rows: Rows) -> list[list[str]]:
    """What each concept says in a caption at each of its values."""
    return [[concept.words(level) for level in rows.levels_of(number)] for number, concept in enumerate(concepts)]


def said_at(values: Sequence[int], said: Sequence[Sequence[str]]) -> list[str]:
    """What each concept says at these value indices, (n_concepts,)."""
    return [words[value] for words, value in zip(said, values, strict=True)]


def captions_of(values: np.ndarray, said: Sequence[Sequence[str]], writer: Writer) -> np.ndarray:
    """The caption of each row, (n,) of str; equal rows are written once.

    Args:
        values: value indices, (n, n_concepts).
        said: of each concept, what it says at each of its values (`words_of`).
        writer: what writes captions.
    """
    import numpy as np

    distinct, index = np.unique(values, axis=0, return_inverse=True)
    texts = np.array([writer(said_at(row, said)) for row in distinct.tolist()], dtype=object)
    return np.asarray(texts[index.reshape(-1)])
