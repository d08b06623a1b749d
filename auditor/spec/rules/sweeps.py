"""What gradual interventions, and the analyses that follow them, must have: points, effects, controls, properties."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Final

from auditor.analyses import PropertyGradient
from auditor.codes import (
    CONTROL_IS_PROPERTY,
    EFFECT_COUNT,
    SWEEP_POINTS,
    TOO_FEW_CONTROLS,
    UNKNOWN_DETECTOR,
    UNKNOWN_PROPERTY,
)
from auditor.errors import Position, Problem
from auditor.interventions import AnySweep, Captured, Compositing, ImageEdit
from auditor.interventions.compositing import EFFECTS
from auditor.interventions.image_edit import EDITOR_AXES
from auditor.interventions.sweep import SweepPoints, swept
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.positions import Loc, Positions
from auditor.spec.rules.sweep_promises import PROMISES_OF_SWEEPS
from auditor.spec.wording import closest, listed, quoted
from auditor.sweep_length import MIN_POINTS

LEAST_CONTROLS: Final = 3
"""How irrelevant changes differ takes so many of them to see (statistics, section 8)."""


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


def composites_have_one_effect(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """A composite blends in one effect, over one region; only colours and overlays have an opacity."""
    for index, one in spec.sweeping_at:
        if not isinstance(one, Compositing):
            continue
        here: Loc = ("interventions", index)
        given = [name for name in EFFECTS if getattr(one, name) is not None]
        if len(given) != 1:
            where = positions.of_key((*here, given[1])) if given else positions.of_owner(here)
            found = f"the effects {listed(given)}" if given else "no effect"
            message = f"intervention {quoted(one.name)} has {found}, not exactly one"
            way_out = "make each an intervention of its own" if given else f"add one of {listed(EFFECTS)}"
            yield Problem(EFFECT_COUNT, message, where, way_out)
        regions = one.region.declared()
        if len(regions) > 1:
            where = positions.of_key((*here, "region", regions[1]))
            message = f"the region of intervention {quoted(one.name)} is given as {listed(regions)}"
            yield Problem(EFFECT_COUNT, message, where, "keep one of them")
        located = one.region.located
        if located is not None:
            yield from _declared((*here, "region", "located", "detector"), located.detector, spec, positions)
            if located.window > located.grid:
                where = positions.of_key((*here, "region", "located", "window"))
                message = f"the window of intervention {quoted(one.name)} has more squares on a side than the picture"
                yield Problem(EFFECT_COUNT, message, where, f"let `window` be at most `grid`, {located.grid}")
        box = one.region.box
        if box is not None and not (box[0] < box[2] and box[1] < box[3]):
            where = positions.of_key((*here, "region", "box"))
            message = f"the box of intervention {quoted(one.name)} holds no pixel"
            yield Problem(EFFECT_COUNT, message, where, "write left, top, right, bottom: `[0, 0, 0.5, 1]`")


def _declared(loc: Loc, name: str, spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """The problem of a detector at `loc` that is not declared."""
    declared = [detector.name for detector in spec.detectors]
    if name not in declared:
        message = f"detector {quoted(name)} is not declared"
        way_out = f"declare it under `detectors`, or name one of those declared: {listed(declared)}"
        yield Problem(UNKNOWN_DETECTOR, message, positions.of_value(loc), way_out, closest(name, declared))


def interventions_realise_properties(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """What a gradual intervention changes is a declared property."""
    declared = [one.name for one in spec.properties]
    for index, one in spec.sweeping_at:
        if one.realises not in declared:
            suggestion = closest(one.realises, declared)
            way_out = f"declare it: `properties: [{{name: {one.realises}}}]`"
            message = f"property {quoted(one.realises)} is not declared"
            where = positions.of_value(("interventions", index, "realises"))
            yield Problem(UNKNOWN_PROPERTY, message, where, way_out, suggestion)


def controls_are_others(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """Controls are three or more, change other properties, and have as many points; a property is swept once."""
    by_name = {one.name: one for one in spec.sweeping}
    for index, analysis in spec.gradients_at:
        here: Loc = ("analyses", index)
        properties: dict[str, str] = {}
        for place, name in enumerate(analysis.interventions):
            source = by_name.get(name)
            if source is None:
                continue
            if source.realises in properties:
                message = (
                    f"interventions {quoted(properties[source.realises])} and {quoted(name)} realise one property, "
                    f"{quoted(source.realises)}"
                )
                where = positions.of_value((*here, "interventions", place))
                yield Problem(CONTROL_IS_PROPERTY, message, where, "follow the second in an analysis of its own")
            properties.setdefault(source.realises, name)
        for place, name in enumerate(analysis.controls):
            source, where = by_name.get(name), positions.of_value((*here, "controls", place))
            if source is not None and source.realises in properties:
                message = f"control {quoted(name)} changes {quoted(source.realises)}, which is the property itself"
                yield Problem(
                    CONTROL_IS_PROPERTY, message, where, "name interventions on properties that must not matter"
                )
        if analysis.controls and len(set(analysis.controls)) < LEAST_CONTROLS:
            where = positions.of_key((*here, "controls"))
            message = f"analysis {quoted(analysis.name)} has {len(set(analysis.controls))} controls"
            way_out = f"name {LEAST_CONTROLS} or more, or none: then sweeps are described, and nothing is claimed"
            yield Problem(TOO_FEW_CONTROLS, message, where, way_out)
        yield from _equal_points(analysis, by_name, here, positions)


def _equal_points(
    analysis: PropertyGradient, by_name: dict[str, AnySweep], here: Loc, positions: Positions
) -> Iterator[Problem]:
    counts = {name: count for name in analysis.sweeps if (count := _points_of(by_name.get(name)))}
    if not analysis.controls or len(set(counts.values())) < 2:
        return
    first = next(iter(counts))
    other = next(name for name in counts if counts[name] != counts[first])
    message = f"the sweep of {quoted(first)} has {counts[first]} points, and that of {quoted(other)} {counts[other]}"
    where = positions.of_key((*here, "controls"))
    way_out = "give all sweeps of an analysis as many points: E|grad| falls with their number"
    yield Problem(SWEEP_POINTS, message, where, way_out)


def _points_of(source: AnySweep | None) -> int:
    """How many points a sweep has; 0 where the document does not say."""
    if source is None or isinstance(source, Captured):
        return 0
    named = swept(source.sweep)
    return 0 if named is None else len(named[1].positions)


SWEEP_RULES: Final[tuple[Callable[[AuditSpec, Positions], Iterable[Problem]], ...]] = (
    sweeps_have_points,
    composites_have_one_effect,
    interventions_realise_properties,
    controls_are_others,
    *PROMISES_OF_SWEEPS,
)
"""Each finds what its name says to be untrue."""
