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
from auditor.statistics import Estimate, UnmixedValues, spill, unmixed_response, unmixed_values

ROUNDING: Final = 1e-12
"""An AUROC that permuting leaves as it is may differ from itself by less than this."""

MAX_VANISHING: Final = 0.05
"""Above this mean change (chosen) of how many values of a category pictures show, side effects on it cannot be told: no
exchange of its values says what a picture without any is worth."""


@dataclass(frozen=True)
class SideEffects:
    """What side effects could bring to the findings about one model and one concept.

    Attributes:
        detector: the detector that saw them.
        unmixed: mean response to the concept alone, in ranks; None where side effects are so strong that concepts
            cannot be told apart.
        values: of a category the same for each pair of values, and for all together; else None.
        condition_number: of the matrix of the detector's mean changes.
        max_condition: the largest that is declared to be good enough.
        vanishing: how far changing the concept changes how many values of another category are shown.
        spill: importance that side effects alone may bring; infinite where it cannot be bounded, None where
            a concept has no AUROC.
        unchanged: concepts that the detector sees and the analysis does not change; side effects on them stay in.
        n: rows that have all scores of the model and of the detector.
    """

    detector: str
    unmixed: Estimate | None
    values: UnmixedValues | None
    condition_number: float
    max_condition: float
    vanishing: float
    spill: float | None
    unchanged: tuple[str, ...]
    n: int

    @property
    def told_apart(self) -> bool:
        """Whether the unmixed response may be used."""
        mixed = self.condition_number > self.max_condition or self.vanishing > MAX_VANISHING
        return self.unmixed is not None and not mixed

    def explains(self, confidence: float) -> bool:
        """Whether nothing need be left without side effects: the unmixed response's interval holds 0, or of a category
        no pair of values need move the score, all taken together."""
        if self.unmixed is None or not self.told_apart:
            return False
        if self.values is not None:
            return self.values.p_none > 1.0 - confidence
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
    seen = detected.changes[both[detected.rows]]
    sources = None if clusters is None else clusters[both]
    found: dict[tuple[str, str], SideEffects] = {}
    for model in dict.fromkeys(name for name, _ in estimates.concepts):
        reliance = [estimates.concepts[model, name] for name in detected.changed]
        raw = [one.response.per_value[seen_too] @ made for one, made in zip(reliance, detected.weights, strict=True)]
        unmixed = unmixed_response(np.concatenate(raw, axis=1), seen, sources)
        spilled = spill(detected.drops, np.array([one.importance.importance for one in reliance]), detected.tells)
        spilled[spilled < ROUNDING] = 0.0
        for j, name in enumerate(detected.changed):
            alone, values, places = None, None, detected.places(j)
            if unmixed.estimates is not None:
                if detected.categories[j]:
                    changes = np.array([one.value for one in unmixed.estimates[places]])
                    values = unmixed_values(changes, unmixed.influence[:, places], detected.pairs[j], sources)
                # Where nothing moves in any row, 0 is not certain: the rule of three of the raw response.
                mean = unmixed.estimates[places][0] if values is None else values.mean
                alone = replace(mean, floor=reliance[j].response.mean.floor)
            found[model, name] = SideEffects(
                detector=detected.detector,
                unmixed=alone,
                values=values,
                condition_number=unmixed.condition_number,
                max_condition=detected.max_condition,
                vanishing=float(detected.vanishing[j]),
                spill=None if np.isnan(spilled[j]) else float(spilled[j]),
                unchanged=detected.unchanged,
                n=int(both.sum()),
            )
    return found
