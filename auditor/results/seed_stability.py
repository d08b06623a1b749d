"""Whether another seed of noise could change what is said: distances of bounds from their limits, in noise SDs."""

from __future__ import annotations

import math
from typing import Final

from auditor.results.bounds import Bound
from auditor.results.judged import Judged
from auditor.statistics import square_noise_sd, stability

UNSTABLE: Final = 2.0
"""Below so many noise SDs between a bound and its limit, another seed may change the verdict."""

UNSTABLE_WORDS: Final = "another seed may change this"


def systematic_noise_sd(judged: Judged) -> float | None:
    """How far the systematic response's square would move with other noise; None with one draw, or where the
    concept has other values than absent and present."""
    placed = judged.reliance.placements
    if placed.shape[2] != 2:
        return None
    return square_noise_sd(placed[:, :, 1] - placed[:, :, 0])


def verdict_stability(judged: Judged) -> float | None:
    """Of the word for the response: the least distance, in noise SDs, of what decides it.

    The systematic response decides against the declared margin, the nearest limit of the mean response against 0.
    None with one draw: not measured. Infinite where noise moves nothing.
    """
    response, confidence = judged.reliance.response, judged.analysis.intervals.confidence
    if response.noise_sd is None:
        return None
    distances = []
    margin = judged.analysis.margin.response
    if margin is not None:
        square = systematic_noise_sd(judged)
        if square is not None:
            distances.append(stability(response.square.upper(confidence), margin**2, square))
    if margin is None or response.systematic_upper(confidence) > margin:
        interval = response.mean.interval(confidence)
        nearest = min((interval.low, interval.high), key=abs)
        distances.append(stability(nearest, 0.0, response.noise_sd))
    return min(distances, default=None)


def bound_stability(judged: Judged, bound: Bound, confidence: float) -> tuple[float | None, float | None]:
    """Noise SD of the number that a requirement bounds, and the least distance of its bounds from the threshold.

    Both None where noise was not measured: with one draw, and for decision flips.
    """
    reliance, limits = judged.reliance, (bound.lower, bound.upper)
    if bound.quantity == "systematic_response":
        square = systematic_noise_sd(judged)
        if square is None:
            return None, None
        ends = (reliance.response.square.lower(confidence), reliance.response.square.upper(confidence))
        # The root moves by half its square's SD over itself; near 0, by no more than the square's own root.
        root = max(bound.estimate, math.sqrt(square))
        return (square / (2 * root) if root else 0.0), min(stability(end, bound.threshold**2, square) for end in ends)
    noise = {"response": reliance.response.noise_sd, "importance": reliance.importance.noise_sd}.get(bound.quantity)
    if noise is None:
        return None, None
    if bound.relation == "within":
        return noise, min(
            stability(limits[0], -bound.threshold, noise),
            stability(limits[1], bound.threshold, noise),
            *(stability(end, math.copysign(bound.threshold, bound.estimate), noise) for end in limits),
        )
    return noise, min(stability(end, bound.threshold, noise) for end in limits)


def finite(number: float | None) -> float | None:
    """A number that a result may hold: None for what is infinite."""
    return number if number is not None and math.isfinite(number) else None


def may_change(number: float | None) -> str:
    """What to add to a sentence whose stability this is; empty where it is stable, or was not measured."""
    return f"; {UNSTABLE_WORDS}" if number is not None and number < UNSTABLE else ""
