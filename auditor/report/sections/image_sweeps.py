"""The numbers of single images along their sweeps, as a folded table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from auditor.report.number_text import count_text, p_text, value_text
from auditor.report.page import Cell, Column, Table
from auditor.results.audit_result import AuditResult
from auditor.results.sweeps.sweep_result import ImageSweep

MOST_LINES: Final = 40
"""Lines of the table; all of them stand in result.json."""

MOST_FLOORS: Final = 4
"""Models whose floors are named."""


def image_table(result: AuditResult, analysis: str) -> list[Table]:
    """The images whose scores move furthest, of each property and model as many; nothing where there are none."""
    mine = [one for one in result.image_sweeps if one.analysis == analysis]
    if not mine:
        return []
    shown = furthest(mine)
    several = len({one.model for one in mine}) > 1
    tested = any(one.p_value is not None for one in mine)
    rows = tuple(_row(one, several, tested) for one in shown)
    columns = (Column("Image"), *((Column("Model"),) if several else ()), Column("Property"), Column("Range", "number"),
               Column("Net change", "number"), Column("E|grad| per step", "number"), Column("Ratio", "number"),
               Column("Decision changes"), Column("Moves"), *((Column("Adjusted p", "number"),) if tested else ()),
               Column("Smoothness, p"))  # fmt: skip
    return [
        Table(f"{analysis}: single images", columns, rows, note=_note(mine, len(shown), tested), folded=True),
    ]


def furthest(sweeps: Iterable[ImageSweep]) -> list[ImageSweep]:
    """Of each property and model those with the largest range, the same number of each, `MOST_LINES` in all."""
    groups: dict[tuple[str, str], list[ImageSweep]] = {}
    for one in sweeps:
        groups.setdefault((one.property, one.model), []).append(one)
    each = MOST_LINES if sum(map(len, groups.values())) <= MOST_LINES else max(1, MOST_LINES // len(groups))
    return [one for group in groups.values() for one in sorted(group, key=lambda one: -one.range)[:each]]


def _row(one: ImageSweep, several: bool, tested: bool) -> tuple[Cell, ...]:
    return (
        Cell(one.image), *((Cell(one.model),) if several else ()), Cell(one.property), Cell(_short(one.range)),
        Cell(_short(one.net_change)), Cell(_short(one.gradient)),
        Cell("none" if one.ratio is None else value_text(one.ratio, 2)), Cell(_flips(one)), Cell(_moves(one)),
        *((Cell(p_text(one.p_adjusted)),) if tested else ()),
        Cell(f"{one.shuffle_side}, {p_text(one.shuffle_p)}"),
    )  # fmt: skip


def _short(value: float) -> str:
    """Three decimals, four of small numbers: `0.0000` says more in a column of moves than `7.7e-10`."""
    return value_text(value, 4 if abs(value) < 0.01 else 3)


def _flips(one: ImageSweep) -> str:
    if one.flips is None:
        return "nothing is decided"
    if one.flips == 0 or one.first_flip is None:
        return "none"
    return f"{one.flips:g}, first at {one.first_flip:.4g}"


def _moves(one: ImageSweep) -> str:
    if not one.changed:
        return "left as it is"
    if one.moves is None:
        return "not compared"
    return "yes" if one.moves else "no"


def _note(mine: list[ImageSweep], shown: int, tested: bool) -> str:
    left = len(mine) - shown
    which = (
        f"Of {count_text(len(mine))} lines, the {count_text(shown)} of the images that move furthest are shown, of "
        f"each property and model as many; {count_text(left)} are left out. All of them stand in result.json, under "
        "image_sweeps. "
        if left
        else ""
    )
    tests = {one.test for one in mine if one.test is not None}
    alone = (
        f"Adjusted p: of the image alone ({', '.join(sorted(tests))}), over images and properties. "
        if tested
        else "No p-value exists for a single image here: one sweep is one observation, so its numbers describe. "
    )
    return f"{which}{alone}{_floors(mine)}Smoothness: the published shuffle test, which decides nothing."


def _floors(mine: list[ImageSweep]) -> str:
    floors = {one.model: one.floor for one in mine if one.floor is not None}
    if not floors:
        return ""
    named = ", ".join(f"{model} {value_text(floor)}" for model, floor in floors.items())
    if len(floors) > MOST_FLOORS:
        named = f"from {value_text(min(floors.values()))} to {value_text(max(floors.values()))}, by model"
    return (
        "Moves: whether the range reaches the floor (the declared least effect, or what 95 % of control sweeps stay "
        f"below), or the decision changes where no control changes it. Floors: {named}. "
    )
