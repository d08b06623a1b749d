"""One sweep as a filmstrip: its frames with the scores under them, and the curve of every model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from auditor.report.number_text import value_text
from auditor.report.page import Figure, Filmstrip, Frame
from auditor.report.pictures import load_picture
from auditor.report.plots import SweepPanel, sweep_curves
from auditor.report.source import Source
from auditor.results.audit_result import AuditResult
from auditor.results.sweeps.sweep_result import SweepCurve, SweepShown

MOST_UNDER_FRAMES: Final = 4
"""Models whose scores stand under each frame; of more, the first one's do."""

MOST_KEPT: Final = 24_000
"""Bytes of a frame that is embedded as it is: hundreds of frames of photographs would fill tens of megabytes."""

MIXED: Final = "each model's own score"
NOT_ON_SWEEP: Final = "not swept"
"""Under the picture before an editor touched it, which has no place on the sweep, and so no score."""

MOST_PANELS: Final = 6
"""Models whose curves are drawn; of more, some at equal steps through their order."""


def filmstrip(source: Source, sweep: SweepShown, number: int) -> Filmstrip:
    """The strip; only the frames that the result keeps are on it, each at its place."""
    ended = last_of_series(source.result, sweep.curves)
    under = ended if len(ended) <= MOST_UNDER_FRAMES else ended[:1]
    drawn = spread(ended if len(ended) > 1 else sweep.curves)
    title = f"{sweep.property} in {sweep.image}" + (f", {sweep.variant}" if sweep.variant else "")
    return Filmstrip(title, _frames(source, sweep, under), _plot(source.result, sweep, drawn, title, number),
                     _note(source.result, sweep, under, drawn))  # fmt: skip


def last_of_series(result: AuditResult, curves: Sequence[SweepCurve]) -> tuple[SweepCurve, ...]:
    """Of many checkpoints the last of each series; all of few models, and where some model is no checkpoint."""
    last = {one.series: one.model for one in sorted(result.checkpoints, key=lambda one: one.order)}
    every = {one.model for one in result.checkpoints}
    if len(curves) <= MOST_UNDER_FRAMES or not all(one.model in every for one in curves):
        return tuple(curves)
    return tuple(one for one in curves if one.model in last.values())


def spread(curves: Sequence[SweepCurve]) -> tuple[SweepCurve, ...]:
    """All of few curves; of many the first, the last and others at equal steps between."""
    if len(curves) <= MOST_PANELS:
        return tuple(curves)
    return tuple(curves[round(k * (len(curves) - 1) / (MOST_PANELS - 1))] for k in range(MOST_PANELS))


def place_text(sweep: SweepShown, point: int) -> str:
    """Where a frame lies on the sweep, such as `0.25`, as fine as a thousandth of the sweep."""
    span = sweep.positions[-1] - sweep.positions[0]
    decimals = max(0, 3 - math.floor(math.log10(span))) if span > 0 else 4
    return f"{round(sweep.positions[point], decimals):.10g}".replace("-", "\N{MINUS SIGN}")


def _frames(source: Source, sweep: SweepShown, under: Sequence[SweepCurve]) -> tuple[Frame, ...]:
    kept = [k for k, name in enumerate(sweep.frames) if name is not None]
    frames = []
    if sweep.original is not None and (not kept or sweep.original != sweep.frames[kept[0]]):
        words = f"{sweep.image} before the sweep of {sweep.property}"
        frames.append(Frame("original", load_picture(source.folder, sweep.original, words, MOST_KEPT), (NOT_ON_SWEEP,)))
    before: int | None = None
    for point in kept:
        words = f"{sweep.image} at {place_text(sweep, point)} of {sweep.property}, point {point + 1} of "
        words += f"{len(sweep.positions)}"
        place = place_text(sweep, point)
        if sweep.original is not None and point == kept[0] and sweep.original == sweep.frames[point]:
            place, words = f"{place} = original", f"{words}, the same as the original"
        picture = load_picture(source.folder, sweep.frames[point], words, MOST_KEPT)
        frames.append(Frame(place, picture, _scores(under, point, before)))
        before = point
    return tuple(frames)


def _scores(under: Sequence[SweepCurve], point: int, before: int | None) -> tuple[str, ...]:
    """The scores at a point, with the decision where it differs from the frame before."""
    said = []
    for k, curve in enumerate(under):
        key = f"{letter(k)} " if len(under) > 1 else ""
        said.append(f"{key}{value_text(curve.scores[point], 3)}")
        if curve.decisions is not None and before is not None and curve.decisions[point] != curve.decisions[before]:
            said.append(f"{key}→ {curve.decisions[point]}")
    return tuple(said)


def letter(place: int) -> str:
    """The letter that stands for a model under frames."""
    return "ABCDEFGH"[place]


def _note(result: AuditResult, sweep: SweepShown, under: Sequence[SweepCurve], drawn: Sequence[SweepCurve]) -> str:
    kept, points = sum(name is not None for name in sweep.frames), len(sweep.positions)
    if not under:
        return ""
    named = ", ".join(f"{letter(k)} {one.model}" for k, one in enumerate(under)) if len(under) > 1 else under[0].model
    said = [f"Under each frame: the score of {named}" + ("; an arrow where its decision changed." if _flips(under)
                                                         else ".")]  # fmt: skip
    controls = f"; controls: {', '.join(drawn[0].controls)}" if drawn[0].controls else ""
    said.append(f"Curves: {_unit(result, sweep)} upwards{controls}.")
    if kept < points:
        said.append(f"{kept} of {points} frames are shown; the curves have every point.")
    if len(drawn) < len(sweep.curves):
        ended = len(drawn) > 1 and list(drawn) == list(last_of_series(result, sweep.curves))
        which = ", the last checkpoint of each series" if ended else ""
        said.append(
            f"{len(drawn)} of {len(sweep.curves)} models are drawn{which}; the others' scores stand in result.json."
        )
    return " ".join(said)


def _flips(curves: Sequence[SweepCurve]) -> bool:
    return any(len(set(one.decisions or ())) > 1 for one in curves)


def _plot(
    result: AuditResult, sweep: SweepShown, drawn: Sequence[SweepCurve], title: str, number: int
) -> Figure | None:
    if not drawn:
        return None
    lettered = 1 < len(drawn) <= MOST_UNDER_FRAMES
    panels = [
        SweepPanel(
            f"{letter(k)}  {one.model}" if lettered else one.model, sweep.positions, one.scores, turns_of(one),
            one.threshold, one.floor, tuple(one.controls.items()),
        )
        for k, one in enumerate(drawn)
    ]  # fmt: skip
    about = f"{title}: the score at every point"
    description = " ".join(_described(sweep, one) for one in drawn)
    across = f"{sweep.property} ({sweep.unit})" if sweep.unit else sweep.property
    unit = _unit(result, sweep)
    svg = sweep_curves(f"figure-sweep-{number}", about, description, across, panels, unit == "probability",
                       apart=unit == MIXED)  # fmt: skip
    return Figure(svg, about, description, "")


def _unit(result: AuditResult, sweep: SweepShown) -> str:
    """The unit of the scores; `MIXED` where models differ in it."""
    units = {one.unit for one in result.findings if one.analysis == sweep.analysis and one.quantity == "range"}
    return units.pop() if len(units) == 1 else MIXED


def turns_of(curve: SweepCurve) -> tuple[int, ...]:
    """Points that are decided otherwise than the point before."""
    decided = curve.decisions or ()
    return tuple(k for k in range(1, len(decided)) if decided[k] != decided[k - 1])


def _described(sweep: SweepShown, curve: SweepCurve) -> str:
    """The curve in words."""
    low, high = min(curve.scores), max(curve.scores)
    said = [
        f"{curve.model}: score {value_text(curve.scores[0])} at {place_text(sweep, 0)} and "
        f"{value_text(curve.scores[-1])} at {place_text(sweep, len(curve.scores) - 1)}, from {value_text(low)} to "
        f"{value_text(high)} along the sweep"
    ]
    if curve.floor is not None:
        said.append(f"moves below {value_text(curve.floor)} count as none")
    if curve.threshold is not None:
        said.append(f"the decision changes at a score of {curve.threshold:g}")
    turns = turns_of(curve)
    if curve.decisions is not None:
        said.append(
            "decided otherwise from " + ", ".join(f"{place_text(sweep, k)} ({curve.decisions[k]})" for k in turns)
            if turns
            else f"always decided {curve.decisions[0]}"
        )
    if curve.controls:
        ranges = {name: max(each) - min(each) for name, each in curve.controls.items()}
        widest = max(ranges, key=lambda name: ranges[name])
        count = f"its {len(ranges)} controls" if len(ranges) > 1 else "its control"
        said.append(f"along {count} it moves by at most {value_text(ranges[widest])} ({widest})")
    return "; ".join(said) + "."
