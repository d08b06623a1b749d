"""Gate: does changing one concept leave the others alone? (DEPICT, section 3.2)"""

from __future__ import annotations

from typing import Literal

from auditor.node import Confidence, Name, Share, SpecNode, default


class IndependentPermutation(SpecNode):
    """When one concept is changed, the detector must see that concept change and no other.

    Judged on pairs of pictures of one row and one noise; the AUROC matrix of the paper is
    reported beside, since it cannot see side effects where concepts are independent."""

    kind: Literal["independent_permutation"]
    """Which kind of check this is."""

    of: Name
    """The analysis that this check guards."""

    detector: Name | None = default(None, "chosen")
    """The detector that judges concepts; the first declared one by default."""

    max_changed: Share = default(0.05, "chosen")
    """Largest share of rows in which the decision about another concept changes."""

    min_rendering: float = default(0.8, "chosen", gt=0, le=1)
    """Least strength with which a concept is rendered: the detector's mean change when it is
    put in, over the detector's difference on real pictures with and without it."""

    confidence: Confidence = default(0.95, "chosen")
    """One-sided confidence of the limits that decide."""
