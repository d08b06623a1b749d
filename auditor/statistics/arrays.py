"""The array types of this room, and the one check that every estimator makes of its rows.

Shapes are said in words where an array is named: n_rows pictures (units), n_draws of generator noise,
n_values of a concept. A score array is always (n_rows, n_draws, n_values); where a picture has a score for each of
several classes, they are a last axis, n_classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rows:
    """Scores, own values and labels of the same rows, checked once.

    Attributes:
        scores: (n_rows, n_draws, n_values), finite; for metrics of classes (n_rows, n_draws, n_values, n_classes).
        values: (n_rows,), the row's own value, 0 .. n_values - 1.
        labels: (n_rows,), 0 or 1, a class 0 .. n_classes - 1, or any number in regression.
    """

    scores: Floats
    values: Ints
    labels: Floats

    @property
    def own_scores(self) -> Floats:
        """Factual scores, (n_rows, n_draws) or (n_rows, n_draws, n_classes)."""
        return own_value(self.scores, self.values)

    @property
    def n_classes(self) -> int | None:
        """How many scores a picture has, one a class; None where it has one."""
        return self.scores.shape[3] if self.scores.ndim == 4 else None

    def against_rest(self, label: float) -> Rows:
        """One class against all others: its scores alone, and labels 1 where the row is of it."""
        return Rows(self.scores[..., int(label)], self.values, (self.labels == label).astype(np.float64))


def own_value(array: Array, values: Ints) -> Array:
    """Entries of each row at its own value: (n_rows, n_draws, n_values, ..) becomes (n_rows, n_draws, ..)."""
    picked: Array = array[np.arange(array.shape[0]), :, values]
    return picked


def checked_values(values: Array, n_values: int) -> Ints:
    """Own values as integers.

    Raises:
        ValueError: if a value is not a whole number in 0 .. n_values - 1.
    """
    whole = np.asarray(values).astype(np.int64)
    if not np.array_equal(whole, np.asarray(values)):
        raise ValueError("values must be whole numbers: the index of the row's own value of the concept")
    if whole.size and (whole.min() < 0 or whole.max() >= n_values):
        raise ValueError(f"values run from {whole.min()} to {whole.max()}, but the scores hold {n_values} values")
    return whole


def checked_rows(scores: Array, values: Array, labels: Array) -> Rows:
    """The three arrays as `Rows`.

    Raises:
        ValueError: if shapes disagree, there is no row, or a score or label is not finite.
    """
    found = np.asarray(scores, dtype=np.float64)
    if found.ndim not in (3, 4):
        raise ValueError(f"scores must have the shape (n_rows, n_draws, n_values) or one axis more, not {found.shape}")
    if found.size == 0:
        raise ValueError("there are no scores: at least one row, draw and value is needed")
    truth = np.asarray(labels, dtype=np.float64)
    if truth.shape != found.shape[:1] or np.asarray(values).shape != found.shape[:1]:
        raise ValueError(
            f"scores hold {found.shape[0]} rows, values have the shape {np.asarray(values).shape} "
            f"and labels {truth.shape}: one value and one label a row are needed"
        )
    if not np.isfinite(found).all() or not np.isfinite(truth).all():
        raise ValueError("scores and labels must be finite: drop rows whose picture failed before estimating")
    return Rows(found, checked_values(values, found.shape[2]), truth)


def cluster_index(clusters: Array | None, n_rows: int) -> Ints:
    """Index of each row's independent unit, 0 .. n_units - 1: its cluster, or the row itself.

    Raises:
        ValueError: if there is not one cluster name a row.
    """
    if clusters is None:
        return np.arange(n_rows, dtype=np.int64)
    names = np.asarray(clusters)
    if names.shape != (n_rows,):
        raise ValueError(f"clusters have the shape {names.shape}: one a row is needed, for {n_rows} rows")
    return np.unique(names, return_inverse=True)[1].reshape(-1).astype(np.int64)
