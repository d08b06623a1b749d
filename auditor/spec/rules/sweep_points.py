"""At which points a gradual intervention is stopped on its way: one number, rising, each point another picture."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from auditor.codes import SWEEP_POINTS
from auditor.errors import Position, Problem
from auditor.interventions import Captured, ImageEdit
from auditor.interventions.image_edit import EDITOR_AXES
from auditor.interventions.sweep import SweepPoints, swept
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.positions import Loc, Positions
from auditor.spec.wording import listed, quoted
from auditor.sweep_length import MIN_POINTS


def sweeps_have_points(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """One number is swept, at points that rise."""
    for index, one in spec.sweeping_at:
        if isinstance(one, Captured):
            continue
        here: Loc = ("interventions", index, "sweep")
        named = swept(one.sweep)
        if named is None:
            keys = listed(tuple(type(one.sweep).model_fields))
            message = f"the sweep of intervention {quoted(one.name)} does not say which number is swept"
            yield Problem(SWEEP_POINTS, message, positions.of_key(here), f"name exactly one of {keys}")
            continue
        axis, points = named
        if isinstance(one, ImageEdit) and axis not in EDITOR_AXES[one.editor]:
            message = f"intervention {quoted(one.name)} sweeps `{axis}`, which the editor `{one.editor}` does not have"
            way_out = f"sweep {' or '.join(quoted(name) for name in EDITOR_AXES[one.editor])}, or name another `editor`"
            yield Problem(SWEEP_POINTS, message, positions.of_key((*here, axis)), way_out)
            continue
        where = positions.of_key((*here, axis))
        fault = _points_fault(points)
        if fault:
            yield Problem(SWEEP_POINTS, f"the sweep of intervention {quoted(one.name)} {fault[0]}", where, fault[1])
            continue
        low, high = points.positions[0], points.positions[-1]
        if axis in ("strength", "opacity") and not (low >= 0.0 and high <= 1.0):
            message = f"the sweep of intervention {quoted(one.name)} goes from {low:g} to {high:g}"
            yield Problem(SWEEP_POINTS, message, where, f"{axis} is a share from 0 to 1")
        elif isinstance(one, ImageEdit) and axis == "strength":
            yield from _equal_frames(one, points, where)
        elif low < 0.0:
            message = f"the sweep of intervention {quoted(one.name)} begins at {low:g}"
            yield Problem(SWEEP_POINTS, message, where, "begin at 0 or more")


def _equal_frames(one: ImageEdit, points: SweepPoints, where: Position) -> Iterator[Problem]:
    """The problem of two strengths that run equally many steps, and so are one picture."""
    from auditor.plan.ops import steps_at

    for low, high in pairwise(points.positions):
        if steps_at(low, one.steps) == steps_at(high, one.steps):
            message = (
                f"the strengths {low:g} and {high:g} of intervention {quoted(one.name)} both run "
                f"{steps_at(low, one.steps)} of {one.steps} steps, and are one picture"
            )
            yield Problem(SWEEP_POINTS, message, where, "let the points be a step apart or more, or raise `steps`")
            return


def _points_fault(points: SweepPoints) -> tuple[str, str] | None:
    """What is wrong with points, and the way out."""
    whole = "write `from`, `to` and `points`, or the `values` themselves"
    ends = [getattr(points, key) for key in ("from", "to", "points")]
    if points.values is not None and any(end is not None for end in ends):
        return "gives its points twice, as `values` and by their ends", whole
    if points.values is None and None in ends:
        return "does not say where its points lie", whole
    found = points.positions
    if len(found) < MIN_POINTS:
        return f"has {len(found)} points, and a gradient takes {MIN_POINTS}", "add points"
    falls = next((b for a, b in pairwise(found) if b <= a), None)
    if falls is not None:
        way_out = "write each value once, in rising order" if points.values else "let `to` be above `from`"
        return f"does not rise at {falls:g}", way_out
    return None
