"""What a detector sees on pairs of pictures that differ in one concept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auditor.statistics import Estimate, OffTarget, exact_importance, off_target, rendering_strength_of_rows


@dataclass(frozen=True)
class SeenPairs:
    """What the detector saw on the rows that are whole; j is a changed concept, k a detected one.

    Attributes:
        changed: names of the concepts that were changed.
        detected: names of all declared concepts, changed or not.
        values: own value of every detected concept, (n_rows, n_detected).
        clusters: source of each row, (n_rows,), or None.
        real: probabilities on real pictures, (n_rows, n_detected).
        pairs: probabilities with concept j set to each value, (n_rows, n_changed, n_draws, 2, n_detected).
        ranked: like `pairs`, on a scale that does not saturate.
    """

    changed: tuple[str, ...]
    detected: tuple[str, ...]
    values: np.ndarray
    clusters: np.ndarray | None
    real: np.ndarray
    pairs: np.ndarray
    ranked: np.ndarray

    def __len__(self) -> int:
        return len(self.values)

    def varies(self, k: int) -> bool:
        """Whether some of these rows show concept k, and some do not."""
        return len(np.unique(self.values[:, k])) > 1

    def effect(self, j: int, k: int) -> OffTarget:
        """What detector k does when only concept j changes.

        Raises:
            ValueError: there is no row.
        """
        return off_target(self.pairs[:, j, :, :, k], self._own(j), self.clusters)

    def changes(self) -> np.ndarray:
        """What every detector changes by when each concept is put in, (n_rows, n_changed, n_detected)."""
        return np.asarray((self.pairs[:, :, :, 1] - self.pairs[:, :, :, 0]).mean(axis=2))

    def rendering(self, j: int) -> Estimate:
        """How strongly concept j is drawn, as a share of the detector's difference on real pictures.

        Raises:
            ValueError: the detector does not tell real pictures with the concept from those without.
        """
        k = self.detected.index(self.changed[j])
        return rendering_strength_of_rows(
            self.pairs[:, j, :, 1, k], self.pairs[:, j, :, 0, k], self.real[:, k], self._own(j), self.clusters
        )

    def auroc_drop(self, j: int, k: int) -> float | None:
        """AUROC that detector k loses on its own concept when concept j is permuted, exactly.

        Returns:
            None where all rows have one value of concept k, so that there is no AUROC.
        """
        if not self.varies(k):
            return None
        scores = self.ranked[:, j, :, :, k]
        return exact_importance(scores, self._own(j), self.values[:, k], "auroc", self.clusters).importance

    def _own(self, j: int) -> np.ndarray:
        return np.asarray(self.values[:, self.detected.index(self.changed[j])])
