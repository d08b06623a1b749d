"""Permutation importance on pictures (DEPICT, section 3.2), exact over all permutations."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from auditor.node import Confidence, Name, SpecNode, default


class Margins(SpecNode):
    """Declared margins, without which nothing is ever called `does_not_rely`."""

    response: float | None = default(None, "chosen", gt=0, le=1)
    """Largest response that counts as none: how far the score's rank moves (0 to 1) when the
    concept is put in or taken out."""

    importance: float | None = default(None, "chosen", gt=0, le=1)
    """Largest loss of performance that counts as none, in the metric's own unit."""


class Intervals(SpecNode):
    """How intervals are made."""

    confidence: Confidence = default(0.95, "paper")
    """Two-sided confidence of the intervals in the findings."""

    method: Literal["influence"] = default("influence", "chosen")
    """Influence-function t intervals; DEPICT reports a bootstrap over permutations instead."""


class PermutationImportance(SpecNode):
    """How much performance is lost when a concept is dealt out anew among the rows, and how
    far the score itself moves when the concept does."""

    name: Name
    """The name by which checks and requirements call the analysis."""

    kind: Literal["permutation_importance"]
    """Which kind of analysis this is."""

    intervention: Name
    """The intervention that makes the pictures."""

    models: tuple[Name, ...] | None = default(None, "chosen")
    """The audited models; all of them by default."""

    concepts: tuple[Name, ...] | None = default(None, "chosen")
    """The concepts to permute; all of them by default."""

    metric: Literal["auroc", "accuracy", "balanced_accuracy", "log_loss", "brier"] = default("auroc", "paper")
    """The performance that importance is a loss of."""

    permutations: Literal["exact"] | int = Field(
        "exact", union_mode="left_to_right", json_schema_extra={"x-default-from": "chosen", "minimum": 1}
    )
    """`exact`: the mean over all permutations in closed form. A number: that many sampled
    permutations, as DEPICT does (25 or 500)."""

    seed: int = default(0, "chosen", ge=0)
    """The seed of sampled permutations."""

    margin: Margins = default(Margins(), "chosen")
    """Declared margins, without which nothing is ever called `does_not_rely`."""

    intervals: Intervals = default(Intervals(), "chosen")
    """How intervals are made."""
