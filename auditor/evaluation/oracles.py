"""What oracles and the ceiling say of models whose bottleneck is seen, from predictions on real pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import numpy as np

from auditor.evaluation.agreement import Ranking
from auditor.evaluation.bottleneck import Bottleneck
from auditor.evaluation.coefficients import standardised_coefficients
from auditor.evaluation.linear_permutation import linear_importances
from auditor.statistics.arrays import Array, Floats

OracleName = Literal["coefficients", "bottleneck", "presences"]

ORACLES: Final[tuple[OracleName, ...]] = ("bottleneck", "coefficients", "presences")

CEILING: Final = "presences"

ABOUT: Final[Mapping[OracleName, str]] = {
    "coefficients": "standardised regression coefficients: each weight of the bottleneck times the standard deviation "
    "of its concept prediction on the real pictures (DEPICT, section 4.1)",
    "bottleneck": "the exact mean fall of AUROC over all permutations of a concept prediction at the bottleneck, on "
    "the real pictures",
    "presences": "the same of the true presences, each prediction replaced by the mean prediction of its value: what "
    "an auditor with perfect sight of the concepts would find, and hence the ceiling",
}


def oracle_rankings(
    wanted: Sequence[OracleName],
    bottlenecks: Sequence[Bottleneck],
    predictions: Sequence[Floats],
    values: Array,
    labels: Array,
) -> dict[OracleName, Ranking]:
    """What each oracle says.

    Args:
        wanted: which oracles.
        bottlenecks: of each model.
        predictions: of each model, its concepts' logits on the real pictures, (n_rows, n_concepts); the same array
            where models share them.
        values: the value index of each row and concept, (n_rows, n_concepts).
        labels: (n_models, n_rows), 0 or 1.
    """
    made = {name: np.zeros((len(bottlenecks), np.shape(values)[1])) for name in wanted}
    for members in _sharing(predictions):
        columns = predictions[members[0]]
        weights = np.array([bottlenecks[i].weights for i in members])
        for name, importances in made.items():
            if name == "coefficients":
                importances[members] = standardised_coefficients(weights, columns)
            else:
                seen = columns if name == "bottleneck" else mean_predictions(columns, values)
                importances[members] = linear_importances(weights, seen, np.asarray(labels)[members])
    return {name: Ranking(name, importances, ABOUT[name]) for name, importances in made.items()}


def mean_predictions(columns: Floats, values: Array) -> Floats:
    """Each prediction replaced by the mean over the rows with the same value of the concept: (n_rows, n_concepts)."""
    found = np.empty_like(columns)
    for j in range(columns.shape[1]):
        _, place = np.unique(np.asarray(values)[:, j], return_inverse=True)
        found[:, j] = (np.bincount(place, columns[:, j]) / np.bincount(place))[place]
    return found


def _sharing(predictions: Sequence[Floats]) -> list[list[int]]:
    """The models that share one array of predictions, group by group."""
    groups: dict[int, list[int]] = {}
    for i, columns in enumerate(predictions):
        groups.setdefault(id(columns), []).append(i)
    return list(groups.values())
