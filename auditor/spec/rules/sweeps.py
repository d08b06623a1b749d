"""What gradual interventions, and the analyses that follow them, must have: effects, controls, properties."""

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
from auditor.errors import Problem
from auditor.interventions import AnySweep, Captured, Compositing
from auditor.interventions.compositing import EFFECTS
from auditor.interventions.sweep import swept
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.positions import Loc, Positions
from auditor.spec.rules.sweep_points import sweeps_have_points
from auditor.spec.rules.sweep_promises import PROMISES_OF_SWEEPS
from auditor.spec.rules.undeclared import named
from auditor.spec.wording import closest, listed, quoted
from auditor.sweep_length import MIN_POINTS

SAME_PLACE: Final = 1e-6
"""Points at shares of their sweeps that differ by no more lie at one place."""

LEAST_CONTROLS: Final = 3
"""How irrelevant changes differ takes so many of them to see (statistics, section 8)."""


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
            where_named = (*here, "region", "located", "detector")
            yield from named(where_named, located.detector, "detectors", UNKNOWN_DETECTOR, spec, positions)
            if located.window > located.grid:
                where = positions.of_key((*here, "region", "located", "window"))
                message = f"the window of intervention {quoted(one.name)} has more squares on a side than the picture"
                yield Problem(EFFECT_COUNT, message, where, f"let `window` be at most `grid`, {located.grid}")
        box = one.region.box
        if box is not None and not (box[0] < box[2] and box[1] < box[3]):
            where = positions.of_key((*here, "region", "box"))
            message = f"the box of intervention {quoted(one.name)} holds no pixel"
            yield Problem(EFFECT_COUNT, message, where, "write left, top, right, bottom: `[0, 0, 0.5, 1]`")


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
    if not analysis.controls:
        return
    if len(set(counts.values())) < 2:
        yield from _alike_spaced(analysis, by_name, here, positions)
        return
    first = next(iter(counts))
    other = next(name for name in counts if counts[name] != counts[first])
    message = f"the sweep of {quoted(first)} has {counts[first]} points, and that of {quoted(other)} {counts[other]}"
    where = positions.of_key((*here, "controls"))
    way_out = "give all sweeps of an analysis as many points: E|grad| falls with their number"
    yield Problem(SWEEP_POINTS, message, where, way_out)


def _alike_spaced(
    analysis: PropertyGradient, by_name: dict[str, AnySweep], here: Loc, positions: Positions
) -> Iterator[Problem]:
    """E|grad| of one straight line differs with where its points lie, by a tenth and more."""
    shares = {name: found for name in analysis.sweeps if (found := _shares_of(by_name.get(name)))}
    for first, other in pairwise(shares):
        if max(abs(a - b) for a, b in zip(shares[first], shares[other], strict=True)) > SAME_PLACE:
            message = f"the points of {quoted(first)} and {quoted(other)} lie at other shares of their way"
            way_out = "space all sweeps of an analysis alike: E|grad| depends on it"
            yield Problem(SWEEP_POINTS, message, positions.of_key((*here, "controls")), way_out)
            return


def _shares_of(source: AnySweep | None) -> tuple[float, ...]:
    """Where between its ends each point of a declared sweep lies, 0 to 1; nothing where its points are not sound."""
    if source is None or isinstance(source, Captured) or (named := swept(source.sweep)) is None:
        return ()
    points = named[1].positions
    if len(points) < MIN_POINTS or not points[-1] > points[0]:
        return ()
    return tuple((each - points[0]) / (points[-1] - points[0]) for each in points)


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
