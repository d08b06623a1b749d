"""Reading a data set: which rows an audit uses, what the table says of them, and their pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from auditor import codes
from auditor.concepts import Concept
from auditor.dataset import Dataset, Rows
from auditor.digest import Digest, digest_file
from auditor.errors import DataError
from auditor.metric_names import Task
from auditor.pictures import check_picture
from auditor.read_labels import read_labels
from auditor.read_table import Table, read_table
from auditor.read_values import Columns, read_values
from auditor.source import Loc, expect_digest, locate

LOC: Loc = ("dataset",)

MOST_NAMED = 5
"""Pictures that are named for each reason why they cannot be used."""

Looked = Callable[[int, int], None]
"""Is told after each picture how many have been looked at, of how many."""


def read_rows(
    dataset: Dataset,
    concepts: Sequence[Concept],
    base: Path,
    decode: bool,
    limit: int | None = None,
    looked: Looked | None = None,
    own_labels: Mapping[str, tuple[str, Loc]] = MappingProxyType({}),
    kept: Mapping[str, Loc] = MappingProxyType({}),
    task: Task = "binary",
    fewest: int = 2,
) -> tuple[Rows, list[DataError]]:
    """Read the table, draw the rows, and look at their pictures.

    Args:
        dataset: what the document says.
        concepts: whose columns to read.
        base: the folder of the document.
        decode: whether every picture is decoded, or only its header read.
        limit: at most so many rows, the first of those that the document draws.
        looked: is told of each picture, or None.
        own_labels: of each model that has one, the column of its label and where the document names it.
        kept: further columns to keep as text, and where the document names each.
        task: what the metrics of the audit need the label to be.
        fewest: how many rows the statistics of the audit need, 1 or 2.

    Returns:
        The rows, and every fault found in columns and pictures; with faults, columns that could
        not be read hold zeros.

    Raises:
        DataError: there is no table that can be read at all.
    """
    folder = locate(dataset.source, base, (*LOC, "source"))
    table = read_table(folder, dataset.source, (*LOC, "source"))
    expect_digest(table.digest, dataset.digest, f"the table of `{dataset.source}`", LOC)
    errors: list[DataError] = []
    drawn = _pick(table, dataset, fewest, errors)
    picked = drawn[:limit]
    columns = Columns(table, picked, errors, "use more rows" if picked == drawn else "raise --limit")
    own = [] if dataset.label is None else [(dataset.label, (*LOC, "label"))]
    found_labels, classes = read_labels(columns, (*own, *own_labels.values()), task, dataset.positive)
    labels = found_labels[0] if own else np.zeros(len(columns.names), np.int64)
    of_models = found_labels[len(own) :]
    values, levels = np.zeros((len(columns.names), len(concepts)), np.int64), []
    for number, concept in enumerate(concepts):
        values[:, number], found = read_values(columns, concept, ("concepts", number, "column"))
        levels.append(found)
    clusters = _clusters(columns, dataset)
    further = {name: columns.text(name, loc) for name, loc in kept.items()}
    paths, digests = _pictures(folder, columns, decode, errors, looked)
    rows = Rows(
        names=columns.names,
        paths=paths,
        image_digests=digests,
        labels=labels,
        values=values,
        clusters=clusters,
        table_digest=table.digest,
        left_out=len(drawn) - len(picked),
        levels=tuple(levels),
        own_labels=dict(zip(own_labels, of_models, strict=True)),
        columns={name: column for name, column in further.items() if column is not None},
        classes=classes,
        task=task,
        labelled=bool(own),
    )
    return rows, errors


def _pick(table: Table, dataset: Dataset, fewest: int, errors: list[DataError]) -> list[int]:
    there = len(table.lines)
    wanted = there if dataset.rows is None else dataset.rows
    if there < fewest:
        least = "two at least" if fewest > 1 else "one"
        errors.append(
            DataError(
                f"the table has {there or 'no'} row{'s' * (there != 1)}, and statistics need {least}",
                code=codes.TOO_FEW_ROWS,
                loc=(*LOC, "source"),
                way_out="add a line for each picture",
            )
        )
    elif wanted < fewest:
        errors.append(
            DataError(
                f"the document asks for {wanted} row, and statistics need two at least",
                code=codes.TOO_FEW_ROWS,
                loc=(*LOC, "rows"),
                way_out="ask for more; a single picture can be explained by `property_gradient` alone",
            )
        )
    elif wanted > there:
        errors.append(
            DataError(
                f"the document asks for {wanted} rows, and the table has {there}",
                code=codes.TOO_FEW_ROWS,
                loc=(*LOC, "rows"),
                way_out=f"ask for at most {there}, or add rows to the table",
            )
        )
    # A permutation, cut: asking for more rows later keeps the rows, and the pictures, of today.
    return [int(i) for i in np.random.default_rng(dataset.seed).permutation(there)[:wanted]]


def _clusters(columns: Columns, dataset: Dataset) -> np.ndarray | None:
    if dataset.cluster is None:
        return None
    loc = (*LOC, "cluster")
    sources = columns.text(dataset.cluster, loc)
    if sources is None:
        return None
    if "" in sources:
        row = list(sources).index("")
        columns.errors.append(
            DataError(
                f"the row of `{columns.names[row]}` ({columns.place(row)}) names no source in column "
                f"`{dataset.cluster}`",
                code=codes.CLUSTER_MISSING,
                loc=loc,
                way_out="fill in the source of every row",
            )
        )
    if len(set(sources)) == 1:
        columns.errors.append(
            DataError(
                f"every row has the source `{sources[0]}`, and one source alone says nothing of how numbers vary",
                code=codes.TOO_FEW_ROWS,
                loc=loc,
                way_out="use rows of several sources, or leave `cluster` out where rows are independent",
            )
        )
    return np.asarray(np.unique(sources.astype(str), return_inverse=True)[1])


def _pictures(
    folder: Path, columns: Columns, decode: bool, errors: list[DataError], looked: Looked | None
) -> tuple[tuple[Path, ...], tuple[Digest, ...]]:
    """Paths and digests of the pictures; their faults are told by reason."""
    root = folder.resolve()
    paths, digests = [], []
    faults: list[tuple[int, DataError]] = []
    for number, name in enumerate(columns.names):
        path = (root / name).resolve() if "\x00" not in name else root
        paths.append(path)
        digests.append("0" * 64)
        try:
            if not path.is_relative_to(root) or path == root:
                raise DataError(
                    f"the picture `{name}` lies outside the folder of the data set",
                    code=codes.SOURCE_OUTSIDE,
                    way_out="copy it into the folder, and correct the table",
                )
            check_picture(path, decode, name)
            digests[-1] = digest_file(path)
        except DataError as error:
            faults.append((number, error))
        if looked is not None:
            looked(number + 1, len(columns.names))
    errors += _by_reason(faults, columns)
    return tuple(paths), tuple(digests)


def _by_reason(faults: Sequence[tuple[int, DataError]], columns: Columns) -> list[DataError]:
    """A fault for each reason: the first picture that has it, a few more by their names, and how many others."""
    reasons: dict[tuple[str, str], list[tuple[int, DataError]]] = {}
    for row, error in faults:
        reason = str(error).replace(f"`{columns.names[row]}`", "")
        reasons.setdefault((error.code, reason), []).append((row, error))
    told = []
    for found in reasons.values():
        (first, error), *others = found
        named = [f"`{columns.names[row]}` ({columns.place(row)})" for row, _ in others[: MOST_NAMED - 1]]
        more = len(others) - len(named)
        told.append(
            DataError(
                f"{error} ({columns.place(first)})"
                + (f"; so it is with {', '.join(named)}" if named else "")
                + (f" and {more} more" if more else ""),
                code=error.code,
                loc=(*LOC, "source"),
                way_out=error.way_out,
            )
        )
    return told
