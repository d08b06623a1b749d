"""Tables of what was found about properties: how far scores move, and how far beside the controls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from auditor.report.number_text import NOT_MEASURED, estimate_text, times_text, value_text
from auditor.report.page import Cell, Column, Table
from auditor.report.sections.over_images import over_images
from auditor.report.words import quantity_word, spoken, verdict_cell
from auditor.results.audit_result import Finding

MOVES = ("range", "net_change", "gradient_per_unit")
RATIOS = ("ratio", "ratio_in_general")
MOST_CONTROLS: Final = 3
IN_GENERAL = (
    " The ratio in general compares with changes like the controls, which differ among themselves: with few controls "
    "its interval is wide."
)

Found = dict[tuple[str, str], dict[str, Finding]]
"""Findings by quantity, of each property and model."""


def number_of(found: dict[str, Finding], quantity: str) -> str:
    """An estimate with its interval; `not measured` where there is none."""
    one = found.get(quantity)
    if one is None:
        return NOT_MEASURED
    return (times_text if one.unit == "times" else estimate_text)(one.estimate, one.interval)


def moves_table(analysis: str, found: Found) -> Table:
    units = "; ".join(
        dict.fromkeys(
            f"{name}: {each['range'].unit}, {each['gradient_per_unit'].unit}"
            for (name, _), each in found.items()
            if "range" in each and "gradient_per_unit" in each
        )
    )
    note = (
        f"{over_images(_of(found, MOVES))} Means over images. The range is the largest less the smallest score "
        f"of a sweep, the net change the last less the first. Units of range and E|grad| per unit: {units or 'none'}."
    )
    return _numbers(f"{analysis}: how far scores move, estimate and interval", found, MOVES, (), note)


def ratio_tables(analysis: str, found: Found) -> list[Table]:
    """The ratios to all controls and to each; nothing where there are no controls."""
    quantities = tuple(each for each in RATIOS if any(each in one for one in found.values()))
    if not quantities:
        return []
    against = tuple(dict.fromkeys(key for one in found.values() if "ratio" in one for key in one["ratio"].details))
    note = f"{over_images(_of(found, quantities))} Geometric means over images; ratios to one control are estimates "
    note += "alone."
    note += IN_GENERAL if len(quantities) > 1 else ""
    return [_numbers(f"{analysis}: how far beside the controls, in times", found, quantities, against, note)]


def _of(found: Found, quantities: Sequence[str]) -> list[Finding]:
    return [one[quantity] for one in found.values() for quantity in quantities if quantity in one]


def _numbers(caption: str, found: Found, quantities: Sequence[str], against: Iterable[str], note: str) -> Table:
    """A line for each property and model: estimates of quantities, and details of the ratio named in `against`."""
    shown = tuple(against)[:MOST_CONTROLS]
    rows = tuple(
        (Cell(name), Cell(model), *((verdict_cell(each.get("range")),) if not shown else ()),
         *(Cell(number_of(each, quantity)) for quantity in quantities),
         *(Cell(_detail(each.get("ratio"), key)) for key in shown))
        for (name, model), each in found.items()
    )  # fmt: skip
    columns = (Column("Property"), Column("Model"), *((Column("Verdict", "mark"),) if not shown else ()),
               *(Column(quantity_word(quantity), "number") for quantity in quantities),
               *(Column(spoken(key), "number") for key in shown))  # fmt: skip
    left = len(tuple(against)) - len(shown)
    more = f" Of the controls {len(shown)} are shown; {left} stand in the table below." if left else ""
    return Table(caption, columns, rows, note=note + more)


def times_of(value: float) -> str:
    """A ratio without an interval, such as `9.04`."""
    return value_text(value, 2 if value >= 0.1 else None)


def _detail(finding: Finding | None, key: str) -> str:
    value = None if finding is None else finding.details.get(key)
    return times_of(value) if isinstance(value, float) else NOT_MEASURED
