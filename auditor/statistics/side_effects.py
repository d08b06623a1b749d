"""How much of a finding the generator's side effects could explain: spill-over and the unmixed response.

Linear, and only for side effects on concepts that have a detector: a sensitivity analysis, to be labelled so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from auditor.statistics.arrays import Array, Floats
from auditor.statistics.intervals import Estimate, from_influence

SINGULAR: Final = 1e12


@dataclass(frozen=True)
class UnmixedResponse:
    """Response to each concept, less what its side effects on the others bring.

    Attributes:
        estimates: one a concept; None where side effects are so strong that concepts cannot be told apart.
        influence: (n_rows, n_concepts), of the estimates; empty where these are None.
        condition_number: of the matrix of mean changes; above 20 (chosen) the estimates should not be used.
    """

    estimates: tuple[Estimate, ...] | None
    influence: Floats
    condition_number: float


def spill(detector_drops: Array, importances: Array, tells: Array | None = None) -> Floats:
    """Importance that concept j can owe to side effects: `sum over k != j of |D_jk / D_kk| |importance_k|`.

    Of a category, of which the detector has an output for each value, the largest ratio counts. A bound built of
    absolute values, not an estimate: its terms do not cancel, so that it errs upwards, and it has no interval.

    Args:
        detector_drops: (n_concepts, n_outputs), D_jk the AUROC drop of the detector's output k when j is permuted.
        importances: (n_concepts,), of the audited model.
        tells: (n_outputs,), which concept each output tells; None for one output a concept, in order.

    Returns:
        (n_concepts,), in AUROC; infinite where a detector does not see its own concept change (D_kk <= 0), NaN where a
        drop is NaN.

    Raises:
        ValueError: if the shapes disagree.
    """
    drops, found = np.asarray(detector_drops, dtype=np.float64), np.abs(np.asarray(importances, dtype=np.float64))
    of_output = np.arange(found.size) if tells is None else np.asarray(tells, dtype=np.int64)
    if drops.shape != (found.size, of_output.size):
        raise ValueError(
            f"detector drops have the shape {drops.shape}: {found.size} concepts need a square, "
            "or a column for each of the detector's outputs"
        )
    own = drops[of_output, np.arange(of_output.size)]
    seen = ~(own <= 0.0)
    ratios = np.where(seen, np.abs(drops) / np.where(seen, own, 1.0), np.inf)
    total: Floats = np.zeros(found.size)
    for k in range(found.size):
        told = of_output == k
        if told.any():
            largest = ratios[:, told].max(axis=1)
            # An importance of 0 spills nothing, but where a detector is blind nobody knows what it spills.
            part = np.where(np.isinf(largest), np.inf, np.where(np.isinf(largest), 0.0, largest) * found[k])
            total += np.where(np.arange(found.size) == k, 0.0, part)
    return total


def unmixed_response(changes: Array, detector_changes: Array, clusters: Array | None = None) -> UnmixedResponse:
    """Solve `R = M b` for the responses b to each concept alone.

    R_j is the mean change of the model's score when concept j is added, M_jk that of detector k. With influence values
    `M^-1 (Delta_i - M_i b)`.

    Args:
        changes: (n_rows, n_concepts), change of the score when j is added, draws averaged.
        detector_changes: (n_rows, n_concepts, n_concepts), entry [i, j, k] the change of detector k when j is added.
        clusters: (n_rows,) names of independent units, or None.

    Raises:
        ValueError: if the shapes disagree or there is no row.
    """
    delta, detected = np.asarray(changes, dtype=np.float64), np.asarray(detector_changes, dtype=np.float64)
    n_rows, n_concepts = delta.shape
    if n_rows == 0 or detected.shape != (n_rows, n_concepts, n_concepts):
        raise ValueError(
            f"changes {delta.shape} need detector changes (n_rows, n_concepts, n_concepts), not {detected.shape}"
        )
    mixing = detected.mean(axis=0)
    condition = float(np.linalg.cond(mixing))
    if not condition < SINGULAR:
        return UnmixedResponse(None, np.empty((n_rows, 0)), condition)
    unmixed = np.linalg.solve(mixing, delta.mean(axis=0))
    influence: Floats = np.linalg.solve(mixing, (delta - detected @ unmixed).T).T
    cells = np.zeros(n_rows, dtype=np.int64)
    estimates = tuple(from_influence(float(value), influence[:, k], cells, clusters) for k, value in enumerate(unmixed))
    return UnmixedResponse(estimates, influence, condition)
