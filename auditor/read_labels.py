"""Labels as the task of the metrics needs them: 0 and 1, classes, or numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from auditor import codes
from auditor.errors import DataError
from auditor.metric_names import Task
from auditor.read_values import Columns
from auditor.source import Loc, nearest

NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?", re.ASCII)


def read_labels(
    columns: Columns, named: Sequence[tuple[str, Loc]], task: Task, positive: str | None = None
) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """The label of each row in each column of labels, and the names of classes.

    Args:
        columns: of the rows that were drawn; faults are collected there.
        named: the columns, and where the document names them.
        task: what the metrics of the audit need.
        positive: the label that counts as 1 where columns hold classes and labels are two.

    Returns:
        Of each column, labels (n_rows,): 0 or 1; the place of the row's class among the names of all columns, which
        rise; or a float64. Names are empty but for classes. Where a column cannot be read, zeros.
    """
    if task == "numbers":
        return [_numbers(columns, name, loc) for name, loc in named], ()
    if task == "binary":
        return [_binary(columns, name, loc, positive) for name, loc in named], ()
    of_columns = [_named(columns, name, loc) for name, loc in named]
    classes = sorted({str(cell) for cells in of_columns if cells is not None for cell in cells})
    labels = []
    for cells, (_, loc) in zip(of_columns, named, strict=True):
        found = np.zeros(len(columns.names), np.int64)
        if cells is not None:
            found = np.array([classes.index(str(cell)) for cell in cells], np.int64)
            _refuse_one_label(columns, found, str(cells[0]), loc)
        labels.append(found)
    return labels, tuple(classes)


def _binary(columns: Columns, name: str, loc: Loc, positive: str | None) -> np.ndarray:
    if positive is None:
        labels = columns.binary(name, loc)
        if labels is None:
            return np.zeros(len(columns.names), np.int64)
        _refuse_one_label(columns, labels, str(labels[0]), loc)
        return labels
    cells = _named(columns, name, loc)
    if cells is None:
        return np.zeros(len(columns.names), np.int64)
    found: np.ndarray = (cells == positive).astype(np.int64)
    if found.any():
        _refuse_one_label(columns, found, positive, loc)
        return found
    known = tuple(sorted(set(cells)))
    columns.errors.append(
        DataError(
            f"no row has the label `{positive}` in column `{name}`",
            code=codes.LABEL_WITHOUT_VARIATION,
            loc=("dataset", "positive"),
            way_out=f"its labels: {', '.join(f'`{each}`' for each in known[:20])}",
            suggestion=nearest(positive, known),
        )
    )
    return found


def _numbers(columns: Columns, name: str, loc: Loc) -> np.ndarray:
    cells = columns.cells(
        name,
        loc,
        NUMBER.fullmatch,
        "a number",
        codes.LABEL_UNFIT,
        "write a number with a decimal point in every row, or choose a metric of classes",
    )
    if cells is None:
        return np.zeros(len(columns.names), np.float64)
    labels = np.array([float(cell) for cell in cells], np.float64)
    _refuse_one_label(columns, labels, str(cells[0]), loc)
    return labels


def _named(columns: Columns, name: str, loc: Loc) -> np.ndarray | None:
    """A column of names, none of them empty."""
    return columns.cells(
        name, loc, bool, "a class", codes.LABEL_UNFIT, "write the class of every row, as the models call their outputs"
    )


def _refuse_one_label(columns: Columns, labels: np.ndarray, label: str, loc: Loc) -> None:
    if labels.min() == labels.max():
        columns.errors.append(
            DataError(
                f"every one of the {len(labels)} rows has the label {label}, so there is no performance to measure",
                code=codes.LABEL_WITHOUT_VARIATION,
                loc=loc,
                way_out=f"{columns.more}, use another seed, or another label",
            )
        )
