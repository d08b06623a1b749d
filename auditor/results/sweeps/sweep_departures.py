"""Where property gradients depart from their paper and its released code."""

from __future__ import annotations

from auditor.results.audit_result import FidelityRow

DEPARTURES = (
    (
        "what decides about properties",
        "the ratio to control properties, by sign flips over images",
        "The paper decides by its shuffle test, which any smooth curve passes, that of a model without reliance too.",
    ),
    (
        "claim about properties",
        "lower limit of the ratio above the least ratio, range above the least effect",
        "The paper asks for p < 0.01 alone; a slightly weaker control would then accuse any model.",
    ),
    (
        "unit of observation",
        "an image, or its cluster",
        "The paper takes each point of a sweep for an observation; one sweep is one observation, whatever its points.",
    ),
    (
        "shuffle test",
        "reported as smoothness, with its side; +1 in count and number; seeded",
        "The released code has no +1, so that p can be 0, no seed, and does not say on which side of its null a curve "
        "lies.",
    ),
    (
        "E|grad|",
        "per step, as published, and per unit of the property",
        "It falls with the number of points for a trend and does not fall for noise, so that range and net change "
        "lead; it is compared at equal points only.",
    ),
    (
        "flat curves",
        "E|grad| below 0.000001 counts as 0.000001 in ratios",
        "Two flat curves have the ratio 1, and no curve has an infinite one; the paper has no ratios.",
    ),
)
"""Field, value, and what paper and code do."""


def of_sweeps() -> tuple[FidelityRow, ...]:
    """What the paper does otherwise, and is no field of the document (statistics of sweeps; notes on the code)."""
    return tuple(
        FidelityRow(field=field, value=value, chosen_by="auditor", note=note) for field, value, note in DEPARTURES
    )
