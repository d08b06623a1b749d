"""Sweeps: at which points an intervention is stopped on its way."""

from __future__ import annotations

from typing import Any

from pydantic import create_model

from auditor.node import SpecNode, default
from auditor.sweep_length import MIN_POINTS, MOST_POINTS

# `from` is a word of Python, so that the field cannot be written as the others are.
_FIRST = "The first point; needs `to` and `points`."
_BEGINNING: Any = {"from": (float | None, default(None, "chosen", description=_FIRST))}
_Beginning: type[SpecNode] = create_model("_Beginning", __base__=SpecNode, **_BEGINNING)


class SweepPoints(_Beginning):
    """The points of a sweep: `from`, `to` and `points` at equal distances, or the `values` themselves."""

    to: float | None = default(None, "chosen")
    """The last point."""

    points: int | None = default(None, "chosen", ge=MIN_POINTS, le=MOST_POINTS)
    """How many points, both ends among them."""

    values: tuple[float, ...] | None = default(None, "chosen", min_length=MIN_POINTS, max_length=MOST_POINTS)
    """Points at distances of the author's own, rising."""

    @property
    def positions(self) -> tuple[float, ...]:
        """The points in order; empty where the document gives neither form whole (a rule refuses that)."""
        if self.values is not None:
            return tuple(map(float, self.values))
        first, last, count = getattr(self, "from"), self.to, self.points
        if first is None or last is None or count is None:
            return ()
        between = (first + (last - first) * number / (count - 1) for number in range(count - 1))
        return (*between, float(last))  # The sum above may miss it by a rounding error.


class EditSweep(SpecNode):
    """Which number of an editor is swept, everything else, noise included, staying as it is. Exactly one."""

    guidance: SweepPoints | None = default(None, "chosen")
    """Guidance by the instruction (property gradients sweep it from 1 to 15)."""

    image_guidance: SweepPoints | None = default(None, "chosen")
    """Guidance by the picture itself."""

    strength: SweepPoints | None = default(None, "chosen")
    """How much noise the picture gets before it is drawn anew, 0 to 1, of image-to-image pipelines."""


class BlendSweep(SpecNode):
    """Which number of a composite is swept. Exactly one; both are a share of the whole effect, 0 to 1."""

    opacity: SweepPoints | None = default(None, "chosen")
    """How opaque the overlay or colour is."""

    strength: SweepPoints | None = default(None, "chosen")
    """How much of the effect is there."""


def swept(sweep: SpecNode) -> tuple[str, SweepPoints] | None:
    """The number that is swept and its points; None where there is not exactly one."""
    found = [
        (name, points) for name in type(sweep).model_fields if isinstance(points := getattr(sweep, name), SweepPoints)
    ]
    return found[0] if len(found) == 1 else None
