"""Lines of the per-unit table about frames: all that is needed to recompute a number of gradual interventions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from auditor.analyses import GradientEstimates, PropertyGradient
from auditor.plan import Units
from auditor.results.scored_units import ScoredUnits


def frame_lines(
    analysis: PropertyGradient, estimates: GradientEstimates, scored: ScoredUnits
) -> Iterator[dict[str, object]]:
    """A line for each frame: where on which sweep it lies, every score, how far it is from the first frame.

    `distance` and `ssim` are null for images that are left out, and where frames have different sizes.
    """
    place_of_valid = np.cumsum(estimates.valid) - 1
    for name, sweep in estimates.sweeps.items():
        flat = sweep.frames.index.reshape(-1)
        keys, scores, reasons = scored.of(Units(sweep.frames.op, flat))
        for place, key in enumerate(keys):
            image, variant, point = np.unravel_index(place, sweep.frames.shape)
            if point >= sweep.points[image]:
                continue
            valid = bool(estimates.valid[image])
            at = (int(place_of_valid[image]), int(variant), int(point))
            yield {
                "unit": key,
                "kind": "frame",
                "analysis": analysis.name,
                "intervention": name,
                "control": name not in analysis.interventions,
                "property": sweep.property,
                "row": sweep.images[image],
                "variant": sweep.variants[variant],
                "point": int(point),
                "position": float(sweep.positions[image, point]),
                "cluster": None if sweep.clusters is None else int(sweep.clusters[image]),
                "distance": _number(estimates.distances[name][at]) if valid else None,
                "ssim": _number(estimates.likeness[name][at]) if valid else None,
                "scores": scores[place],
                "invalid": reasons[place] or None,
                "excluded": str(estimates.reasons[image]) or None,
            }


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
