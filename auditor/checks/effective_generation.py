"""Gate: do models see generated pictures as they see real ones? (DEPICT, section 3.2)"""

from __future__ import annotations

from typing import Literal

from auditor.node import Confidence, Name, SpecNode, default


class EffectiveGeneration(SpecNode):
    """Performance on generated pictures must be that on the real pictures of the same rows.

    Judged for each audited model (its own task) and for each concept by the detector."""

    kind: Literal["effective_generation"]
    """Which kind of check this is."""

    of: Name
    """The analysis that this check guards."""

    detector: Name | None = default(None, "chosen")
    """The detector that judges concepts; the first declared one by default."""

    max_drop: float = default(0.12, "paper", gt=0, le=1)
    """Largest difference of AUROC between real and generated pictures, in either direction.

    The paper calls 0.12 effective (section 4.1)."""

    confidence: Confidence = default(0.95, "chosen")
    """One-sided confidence of the limits that decide."""
