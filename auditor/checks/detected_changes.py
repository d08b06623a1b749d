"""What a detector saw change with each concept: that by which side effects are taken out of findings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class DetectedChanges:
    """Changes of every detected concept when one concept is changed, on the rows that are whole.

    Only of concepts that one output tells: a category has one for each value, and is not among the changed.

    Attributes:
        detector: name of the detector.
        rows: rows of the audit that it saw whole, (n_rows,) bool.
        changed: names of the concepts that were changed, in order.
        detected: what the detector tells: the names of declared concepts, and `colour: red` of a category's values.
        changes: probability of a detected concept with the changed one put in, less that without it, draws averaged,
            (n_seen, n_changed, n_detected); of counts the mean over pairs of values, weighted by their shares.
        drops: AUROC that the detector loses on each detected concept when a changed one is permuted,
            (n_changed, n_detected); NaN where a concept has no AUROC.
        max_condition: largest condition number of the mean changes at which side effects are told apart.
    """

    detector: str
    rows: np.ndarray
    changed: tuple[str, ...]
    detected: tuple[str, ...]
    changes: np.ndarray
    drops: np.ndarray
    max_condition: float

    @property
    def own(self) -> list[int]:
        """Where each changed concept stands among the detected ones."""
        return [self.detected.index(name) for name in self.changed]

    @property
    def unchanged(self) -> tuple[str, ...]:
        """Detected concepts that were not changed: side effects on them cannot be taken out."""
        return tuple(name for name in self.detected if name not in self.changed)
