"""What the generator's side effects on other concepts could bring to a finding.

Linear, and only for side effects on concepts that the detector sees and the analysis changes: a sensitivity analysis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from auditor.analyses import RelianceEstimates
from auditor.checks import DetectedChanges
from auditor.statistics import Estimate, spill, unmixed_response

ROUNDING: Final = 1e-12
"""An AUROC that permuting leaves as it is may differ from itself by less than this."""


@dataclass(frozen=True)
class SideEffects:
    """What side effects could bring to the findings about one model and one concept.

    Attributes:
        detector: the detector that saw them.
        unmixed: mean response to the concept alone, in ranks; None where side effects are so strong that concepts
            cannot be told apart.
        condition_number: of the matrix of the detector's mean changes.
        max_condition: the largest that is declared to be good enough.
        spill: importance that side effects alone may bring; infinite where it cannot be bounded, None where
            a concept has no AUROC.
        unchanged: concepts that the detector sees and the analysis does not change; side effects on them stay in.
        n: rows that have all scores of the model and of the detector.
    """

    detector: str
    unmixed: Estimate | None
    condition_number: float
    max_condition: float
    spill: float | None
    unchanged: tuple[str, ...]
    n: int

    @property
    def told_apart(self) -> bool:
        """Whether the unmixed response may be used."""
        return self.unmixed is not None and self.condition_number <= self.max_condition

    def explains(self, confidence: float) -> bool:
        """Whether the unmixed response's interval holds 0, so that side effects could be all there is."""
        if self.unmixed is None or not self.told_apart:
            return False
        interval = self.unmixed.interval(confidence)
        return interval.low <= 0.0 <= interval.high


def side_effects_of(
    detected: DetectedChanges, estimates: RelianceEstimates, clusters: np.ndarray | None
) -> Mapping[tuple[str, str], SideEffects]:
    """Of each model and concept of an analysis; empty where no row has the scores of both.

    Args:
        detected: what the detector saw when the analysis's concepts were changed.
        estimates: what the analysis returned.
        clusters: source of each row of the audit, (n_rows,), or None.
    """
    both = estimates.valid & detected.rows
    if not both.any():
        return {}
    seen_too = both[estimates.valid]
    seen = detected.changes[both[detected.rows]][..., detected.own]
    sources = None if clusters is None else clusters[both]
    drops = detected.drops[:, detected.own]
    found: dict[tuple[str, str], SideEffects] = {}
    for model in dict.fromkeys(name for name, _ in estimates.concepts):
        raw = [estimates.concepts[model, name].response.per_row[seen_too] for name in detected.changed]
        unmixed = unmixed_response(np.stack(raw, axis=1), seen, sources)
        importances = np.array([estimates.concepts[model, name].importance.importance for name in detected.changed])
        spilled = spill(drops, importances)
        spilled[spilled < ROUNDING] = 0.0
        for j, name in enumerate(detected.changed):
            alone = None
            if unmixed.estimates is not None:
                # Where nothing moves in any row, 0 is not certain: the rule of three of the raw response.
                alone = replace(unmixed.estimates[j], floor=estimates.concepts[model, name].response.mean.floor)
            found[model, name] = SideEffects(
                detector=detected.detector,
                unmixed=alone,
                condition_number=unmixed.condition_number,
                max_condition=detected.max_condition,
                spill=None if np.isnan(np.delete(drops, j, axis=1)).any() else float(spilled[j]),
                unchanged=detected.unchanged,
                n=int(both.sum()),
            )
    return found
