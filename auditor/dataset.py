"""The data set: labelled pictures in a folder with a table, and the rows an audit uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.concepts import PRESENCE, Level
from auditor.digest import Digest
from auditor.metric_names import Task
from auditor.node import Name, Seed, Source, SpecNode, default

if TYPE_CHECKING:
    import numpy as np


class Dataset(SpecNode):
    """Labelled pictures: a folder with `metadata.csv`, whose first column is `file_name`."""

    source: Source
    """A folder as seen from the document's own folder, or `builtin:NAME`."""

    label: Name | None = default(None, "chosen")
    """The column with the label that the audited models predict: 0 or 1, a class, or a number, as the
    metric of the analyses needs it; property gradients need none."""

    positive: str | None = default(None, "chosen", min_length=1)
    """The label that counts as 1, all others as 0 (one against the rest), where the column names
    classes and the metric is of two labels; by default the column holds 0 and 1."""

    rows: int | None = default(None, "chosen", ge=1)
    """How many rows to use, drawn without replacement by `seed`; all rows by default.

    The first k rows stay the same when the number grows."""

    seed: Seed = default(0, "chosen")
    """The seed that draws the rows."""

    cluster: Name | None = default(None, "chosen")
    """A column that names the source (picture, patient) of a row, where rows share one.

    Rows of one source move together in every interval and test."""

    digest: str | None = default(None, "chosen", pattern=r"^[0-9a-f]{64}$")
    """SHA-256 that the table must have; the audit is refused if it differs."""


@dataclass(frozen=True)
class Rows:
    """The rows an audit uses, as columns; row i is one picture.

    Attributes:
        names: `file_name` of each row, (n_rows,).
        paths: the picture files, (n_rows,).
        image_digests: SHA-256 of each picture file, (n_rows,).
        labels: 0 or 1, the place of the row's class among `classes`, or a number, (n_rows,).
        values: value index of each concept in declared order, (n_rows, n_concepts): where its value stands among
            the concept's levels.
        clusters: index of each row's source, (n_rows,); None where every row is its own.
        table_digest: SHA-256 of the table.
        left_out: how many rows that the document draws a limit leaves out, after these.
        own_labels: of each model that has a label of its own, as `labels`, by the model's name.
        levels: of each concept, the values that occur in these rows: counts rising, categories and texts in the
            order declared or found. Empty where every concept is a presence.
        columns: further columns as text, each (n_rows,) of str, by their names: those that analyses name as `by`.
        classes: the classes that occur, where labels are classes.
        task: what labels are.
        labelled: whether the document names a column of labels; without one `labels` are zeros that nobody reads.
    """

    names: tuple[str, ...]
    paths: tuple[Path, ...]
    image_digests: tuple[Digest, ...]
    labels: np.ndarray
    values: np.ndarray
    clusters: np.ndarray | None
    table_digest: Digest
    left_out: int = 0
    levels: tuple[tuple[Level, ...], ...] = ()
    own_labels: Mapping[str, np.ndarray] = field(default_factory=dict)
    columns: Mapping[str, np.ndarray] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    task: Task = "binary"
    labelled: bool = True

    @classmethod
    def none(cls, concepts: int = 0) -> Rows:
        """No rows: of an audit whose pictures are photographed sweeps alone."""
        import numpy as np

        return cls((), (), (), np.zeros(0), np.zeros((0, concepts), np.int64), None, "0" * 64)

    def __len__(self) -> int:
        return len(self.names)

    def labels_of(self, model: str) -> np.ndarray:
        """The labels that a model predicts, (n_rows,): its own, or the data set's."""
        return self.own_labels.get(model, self.labels)

    def label_of(self, row: int, model: str = "") -> int | float | str | None:
        """The label of a row as the table has it: the data set's, or that of a model with its own; None without any."""
        if not self.labelled and model not in self.own_labels:
            return None
        label = self.labels_of(model)[row]
        return self.classes[int(label)] if self.classes else label.item()

    def levels_of(self, concept: int) -> tuple[Level, ...]:
        """The levels of a concept by its place, in the order of its value indices."""
        return self.levels[concept] if self.levels else PRESENCE
