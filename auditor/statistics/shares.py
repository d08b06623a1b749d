"""Shares of units with their Wilson intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from auditor.statistics.intervals import Interval, check_confidence, normal_quantile

Side = Literal["two", "upper", "lower"]


@dataclass(frozen=True)
class Proportion:
    """A share of units, with Wilson intervals.

    Attributes:
        value: 0 to 1.
        n: independent units (rows, or clusters).
    """

    value: float
    n: int

    def interval(self, confidence: float) -> Interval:
        """Two-sided Wilson interval."""
        return wilson(self.value * self.n, self.n, confidence)

    def lower(self, confidence: float) -> float:
        """One-sided Wilson lower bound."""
        return wilson(self.value * self.n, self.n, confidence, "lower").low

    def upper(self, confidence: float) -> float:
        """One-sided Wilson upper bound."""
        return wilson(self.value * self.n, self.n, confidence, "upper").high


def wilson(successes: float, n: int, confidence: float, side: Side = "two") -> Interval:
    """Wilson score interval of a share (Wilson 1927); `successes` may be a fraction, as of rows averaged over draws.

    Args:
        successes: 0 to n.
        n: independent units.
        confidence: of the interval, or of the one bound where `side` is not "two".
        side: "upper" has 0 as its low end, "lower" has 1 as its high end.

    Raises:
        ValueError: if n < 1 or successes do not lie in 0 .. n.
    """
    check_confidence(confidence)
    if n < 1:
        raise ValueError("a share needs at least one unit")
    if not -1e-9 <= successes <= n + 1e-9:
        raise ValueError(f"{successes} successes of {n} is not a share")
    share = min(max(successes / n, 0.0), 1.0)
    z = normal_quantile((1.0 + confidence) / 2.0 if side == "two" else confidence)
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    # At the ends of the scale rounding must not leave a limit that excludes the estimate.
    low = 0.0 if share == 0.0 or side == "upper" else max(0.0, centre - half)
    high = 1.0 if share == 1.0 or side == "lower" else min(1.0, centre + half)
    return Interval(low, high, confidence, "wilson")
