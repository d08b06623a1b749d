"""How many points a sweep may have: the document refuses what the statistics could not use."""

from __future__ import annotations

from typing import Final

MIN_POINTS: Final = 3
"""A sweep of fewer points has no gradient inside it."""

MOST_POINTS: Final = 1_000
"""The most that a document may ask for."""
