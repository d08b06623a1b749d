"""What a property gradient declares of its numbers."""

from __future__ import annotations

from auditor.node import SpecNode, default


class GradientMargins(SpecNode):
    """Declared margins, without which nothing is ever called `does_not_rely`."""

    range: float | None = default(None, "chosen", gt=0)
    """Largest range of the score along a sweep that counts as none: the mean over images of largest
    less smallest score, in the score's own unit."""
