"""Tests: does the score respond to the concept more than chance explains?"""

from __future__ import annotations

from typing import Literal

from auditor.node import Name, Seed, SpecNode, default


class Significance(SpecNode):
    """The mean-response test and the importance swap test of each concept, adjusted over the
    concepts of one model."""

    kind: Literal["significance"]
    """Which kind of check this is."""

    of: Name
    """The analysis whose findings are tested."""

    alpha: float = default(0.01, "chosen", gt=0, lt=0.5)
    """Level of the adjusted p-values below which a finding says `relies`."""

    correction: Literal["holm", "benjamini_hochberg"] = default("holm", "chosen")
    """How p-values are adjusted over the concepts of one model."""

    swaps: int = default(9_999, "chosen", ge=99, le=10_000_000)
    """How many random swaps; swaps + 1 should be a multiple of 1/alpha."""

    seed: Seed = default(0, "chosen")
    """The seed of the swaps."""
