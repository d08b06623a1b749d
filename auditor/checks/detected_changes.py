"""What a detector saw change with each concept: that by which side effects are taken out of findings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auditor.checks.detector_matrices import table_of
from auditor.checks.seen_pairs import SeenPairs
from auditor.statistics import total_change, value_basis, value_pairs


@dataclass(frozen=True)
class DetectedChanges:
    """Changes of every detected concept when one concept is changed, on the rows that are whole.

    A presence or count has one change, a category one less than it has values (`unmixed_values`); what the detector
    tells is laid out in the same order.

    Attributes:
        detector: name of the detector.
        rows: rows of the audit that it saw whole, (n_rows,) bool.
        changed: names of the concepts that were changed and that it sees, in order.
        weights: of each, its changes as sums over its values, (n_values, n_own_changes): without and with a presence,
            of counts the mean over pairs of values, weighted by their shares, of a category the basis of its values.
        pairs: of each, the pairs of values that its response is taken over: from, to, weight.
        categories: whether each is a category.
        changes: of the detector's probabilities, draws averaged, (n_seen, n_changes, n_changes); changes in rows, what
            the detector sees of each in columns.
        drops: AUROC that the detector loses on each of its outputs when a changed concept is permuted, (n_changed,
            n_outputs); NaN where there is no AUROC.
        tells: which changed concept each of these outputs tells, (n_outputs,).
        vanishing: of each changed concept, the largest mean change of how many values of another category a picture
            shows; 0 where no other category is changed.
        unchanged: detected concepts that were not changed: side effects on them cannot be taken out.
        max_condition: largest condition number of the mean changes at which side effects are told apart.
    """

    detector: str
    rows: np.ndarray
    changed: tuple[str, ...]
    weights: tuple[np.ndarray, ...]
    pairs: tuple[tuple[tuple[int, int, float], ...], ...]
    categories: tuple[bool, ...]
    changes: np.ndarray
    drops: np.ndarray
    tells: np.ndarray
    vanishing: np.ndarray
    unchanged: tuple[str, ...]
    max_condition: float

    def places(self, j: int) -> slice:
        """Where the changes of the j-th changed concept stand among all."""
        sizes = [each.shape[1] for each in self.weights]
        return slice(sum(sizes[:j]), sum(sizes[: j + 1]))


def detected_changes(seen: SeenPairs, detector: str, rows: np.ndarray, max_condition: float) -> DetectedChanges | None:
    """What the detector saw; None where there is no row, or no changed concept that it sees.

    Args:
        seen: what it saw.
        detector: its name.
        rows: which rows of the audit these are, (n_rows,) bool.
        max_condition: see `DetectedChanges`.
    """
    told = [j for j in range(len(seen.changed)) if seen.sights_of(j)]
    if not len(seen) or not told:
        return None
    own = [seen.sights_of(j) for j in told]
    categories = tuple(seen.sights[sights[0]].value is not None for sights in own)
    pairs = tuple(value_pairs(len(seen.levels[j]), seen.own[:, j]) for j in told)
    weights = tuple(
        value_basis(len(seen.levels[j])) if category else _weights_of(of_pairs, len(seen.levels[j]))
        for j, category, of_pairs in zip(told, categories, pairs, strict=True)
    )
    outputs = np.concatenate(own)
    # What the detector sees of each change: its one output, or those of a category in the basis of its values.
    telling = np.zeros((len(outputs), sum(each.shape[1] for each in weights)))
    row = column = 0
    for sights, category, each in zip(own, categories, weights, strict=True):
        telling[row : row + len(sights), column : column + each.shape[1]] = each if category else 1.0
        row, column = row + len(sights), column + each.shape[1]
    by_value = [seen.pairs[:, j, :, : len(seen.levels[j])].mean(axis=1)[..., outputs] for j in told]
    changes = np.concatenate(
        [np.einsum("nvk,vc->nck", each, made) @ telling for each, made in zip(by_value, weights, strict=True)], axis=1
    )
    names = tuple(seen.changed[j] for j in told)
    tells = np.repeat(np.arange(len(told)), [len(sights) for sights in own])
    vanishing = [
        max((total_change(each[..., tells == c]) for c in range(len(told)) if categories[c] and c != j), default=0.0)
        for j, each in enumerate(by_value)
    ]
    drops = np.array(table_of(seen, seen.auroc_drop), dtype=np.float64)[told][:, outputs]
    left = tuple(sight.title for sight in seen.sights if sight.concept not in names)
    return DetectedChanges(
        detector, rows, names, weights, pairs, categories, changes, drops, tells, np.array(vanishing), left,
        max_condition,
    )  # fmt: skip


def _weights_of(pairs: tuple[tuple[int, int, float], ...], n_values: int) -> np.ndarray:
    """A weighted mean over pairs of values as one weight a value, (n_values, 1)."""
    found = np.zeros((n_values, 1))
    for first, second, weight in pairs:
        found[first] -= weight
        found[second] += weight
    return found
