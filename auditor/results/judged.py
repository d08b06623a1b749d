"""One model and one concept, with all that is needed to judge them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np

from auditor.analyses import ConceptReliance, PermutationImportance, RelianceEstimates
from auditor.checks import Tested
from auditor.results.side_effects import SideEffects

FEW_ROWS: Final = 5.0
"""Below so many expected rows in a cell of label and value, nothing is ever called absent."""

MAX_DROPPED: Final = 0.05
"""Above this share of rows without a valid picture, nothing is ever called absent: failure to
generate may depend on the concept."""


@dataclass(frozen=True)
class Judged:
    """One model and one concept, ready to be judged.

    Attributes:
        analysis: the analysis.
        model, concept: their names.
        reliance: the estimates.
        values: own value of the concept in each row of them, (n_valid,).
        tests: tested p-values by quantity; empty without a significance check.
        alpha: level of the adjusted p-values, None without a significance check.
        dropped: share of rows left out as invalid.
        n_invalid: how many.
        left_out: share of them among the rows of each value of the concept, where there are any: failure to generate
            may depend on the concept.
        side_effects: what the generator's side effects could bring; None where no check looks for them.
        subgroup: the subgroup of rows that this is about; None for all of them.
    """

    analysis: PermutationImportance
    model: str
    concept: str
    reliance: ConceptReliance
    values: np.ndarray
    tests: Mapping[str, Tested]
    alpha: float | None
    dropped: float
    n_invalid: int
    side_effects: SideEffects | None = None
    subgroup: str | None = None
    left_out: Mapping[str, float] = field(default_factory=dict)

    @property
    def too_few(self) -> str | None:
        """Why nothing may be called absent, or None."""
        if self.reliance.importance.smallest_cell < FEW_ROWS:
            return f"few rows: a label and value meet in {self.reliance.importance.smallest_cell:.1f} expected rows"
        if self.reliance.importance.share_changed == 0.0:
            return "few rows: all that have valid pictures have one value of the concept"
        if self.dropped > MAX_DROPPED:
            return f"{self.dropped:.0%} of rows have no valid picture"
        return None


def judged_of(
    analysis: PermutationImportance,
    estimates: RelianceEstimates,
    tests: Mapping[tuple[str, str, str], Tested],
    alpha: float | None,
    side_effects: Mapping[tuple[str, str], SideEffects] = MappingProxyType({}),
) -> tuple[Judged, ...]:
    """Every model and concept of an analysis, in declared order."""
    invalid = int((~estimates.valid).sum())
    return tuple(
        Judged(
            analysis=analysis,
            model=model,
            concept=concept,
            reliance=reliance,
            values=estimates.pictures.values[estimates.valid, estimates.pictures.concepts.index(concept)],
            tests={
                quantity: tests[model, concept, quantity]
                for quantity in ("response", "importance")
                if (model, concept, quantity) in tests
            },
            alpha=alpha,
            dropped=invalid / len(estimates.valid),
            n_invalid=invalid,
            side_effects=side_effects.get((model, concept)),
            left_out=_left_out(estimates, concept) if invalid else {},
        )
        for (model, concept), reliance in estimates.concepts.items()
    )


def _left_out(estimates: RelianceEstimates, concept: str) -> dict[str, float]:
    """Share of invalid rows among those of each value of a concept, by what the value stands for."""
    number = estimates.pictures.concepts.index(concept)
    values = estimates.pictures.values[:, number]
    return {
        str(level): float((~estimates.valid[values == value]).mean())
        for value, level in enumerate(estimates.pictures.levels_of(number))
        if (values == value).any()
    }
