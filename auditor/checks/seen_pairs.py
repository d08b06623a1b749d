"""What a detector sees on pairs of pictures that differ in one concept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from auditor.analyses import AuditView
from auditor.concepts import Concept, Level, Sight
from auditor.dataset import Rows
from auditor.statistics import (
    Estimate,
    OffTarget,
    exact_importance,
    off_target,
    rendering_strength_of_rows,
)


def sights_of(audit: AuditView) -> tuple[Sight, ...]:
    """What a detector can tell of the declared concepts, in declared order."""
    return tuple(
        sight for number, concept in enumerate(audit.concepts) for sight in concept.sights(audit.rows.levels_of(number))
    )


def shown_in(rows: Rows, concepts: Sequence[Concept], sight: Sight) -> np.ndarray:
    """Whether each row shows it, (n_rows,) of 0 and 1."""
    number = [concept.name for concept in concepts].index(sight.concept)
    shown = np.array([sight.shows(level) for level in rows.levels_of(number)], np.int64)
    return np.asarray(shown[rows.values[:, number]])


@dataclass(frozen=True)
class SeenPairs:
    """What the detector saw on the rows that are whole; j is a changed concept, k one thing that the detector tells.

    Attributes:
        changed: names of the concepts that were changed.
        sights: what the detector tells of all declared concepts, changed or not.
        own: own value index of every changed concept, (n_rows, n_changed).
        levels: of each changed concept, what its value indices stand for.
        shown: whether the row shows each sight, (n_rows, n_sights) of 0 and 1.
        clusters: source of each row, (n_rows,), or None.
        real: probabilities on real pictures, (n_rows, n_sights).
        pairs: probabilities with concept j set to each value, (n_rows, n_changed, n_draws, n_values, n_sights).
        ranked: like `pairs`, on a scale that does not saturate.
    """

    changed: tuple[str, ...]
    sights: tuple[Sight, ...]
    own: np.ndarray
    levels: tuple[tuple[Level, ...], ...]
    shown: np.ndarray
    clusters: np.ndarray | None
    real: np.ndarray
    pairs: np.ndarray
    ranked: np.ndarray

    def __len__(self) -> int:
        return len(self.shown)

    @property
    def detected(self) -> tuple[str, ...]:
        """What each sight is called."""
        return tuple(sight.title for sight in self.sights)

    def sights_of(self, j: int) -> list[int]:
        """Which sights are of concept j itself; empty where no detector sees it."""
        return [k for k, sight in enumerate(self.sights) if sight.concept == self.changed[j]]

    def varies(self, k: int) -> bool:
        """Whether some of these rows show sight k, and some do not."""
        return len(np.unique(self.shown[:, k])) > 1

    def effect(self, j: int, k: int) -> OffTarget:
        """What detector k does when only concept j changes; of several values, over pairs weighted by their shares.

        Raises:
            ValueError: there is no row.
        """
        return off_target(self.pairs[:, j, :, : len(self.levels[j]), k], self.own[:, j], self.clusters)

    def rendering(self, j: int, k: int) -> Estimate:
        """How strongly concept j draws its sight k, as a share of the detector's difference on real pictures.

        Added are the values that show it, removed the others, each side weighted by the shares of its values.

        Raises:
            ValueError: the detector does not tell real pictures with it from those without.
        """
        shown = np.array([self.sights[k].shows(level) for level in self.levels[j]])
        shares = np.bincount(self.own[:, j], minlength=len(shown)).astype(float)
        scores = self.pairs[:, j, :, : len(self.levels[j]), k]
        added, removed = (
            scores[..., side] @ (shares[side] / shares[side].sum()) if side.sum() > 1 else scores[..., side][..., 0]
            for side in (shown, ~shown)
        )
        return rendering_strength_of_rows(added, removed, self.real[:, k], self.shown[:, k], self.clusters)

    def auroc_drop(self, j: int, k: int) -> float | None:
        """AUROC that detector k loses on what it tells when concept j is permuted, exactly.

        Returns:
            None where all rows agree on sight k, so that there is no AUROC.
        """
        if not self.varies(k):
            return None
        scores = self.ranked[:, j, :, : len(self.levels[j]), k]
        return exact_importance(scores, self.own[:, j], self.shown[:, k], "auroc", self.clusters).importance
