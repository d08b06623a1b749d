"""What an analysis declares of its numbers: margins within which they count as none, and how intervals are made."""

from __future__ import annotations

from typing import Literal

from auditor.node import Confidence, SpecNode, default


class Margins(SpecNode):
    """Declared margins, without which nothing is ever called `does_not_rely`."""

    response: float | None = default(None, "chosen", gt=0, le=1)
    """Largest response that counts as none: how far the score's rank moves (0 to 1) when the
    concept is put in or taken out."""

    importance: float | None = default(None, "chosen", gt=0)
    """Largest loss of performance that counts as none, in the metric's own unit."""


class Intervals(SpecNode):
    """How intervals are made."""

    confidence: Confidence = default(0.95, "paper")
    """Two-sided confidence of the intervals in the findings."""

    method: Literal["influence"] = default("influence", "chosen")
    """Influence-function t intervals; DEPICT reports a bootstrap over permutations instead."""
