"""The table that the paper has for each model and property: the score, whether it is significant, and flips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.report.number_text import HARD_SPACE, estimate_text, limit_text, p_text
from auditor.report.page import Cell, Column, Table
from auditor.report.sections.over_images import AGAIN, over_images
from auditor.results.audit_result import AuditResult, Finding

if TYPE_CHECKING:
    from auditor.report.sections.property_tables import Found

SMOOTH_LEVEL: Final = 0.01
"""The level of the published shuffle test."""

SMOOTHNESS: Final = (
    "Smoothness is the published shuffle test, at its published level of 0.01: it asks whether the points of a sweep "
    "could stand in any order. Any smooth curve says no, that of a model without reliance too. It is shown for "
    "comparison with published tables, with the side on which curves lie, and decides nothing here. With 5 points or "
    "fewer no curve can reach that level."
)


def smoothness_words(result: AuditResult) -> tuple[str, ...]:
    """What the column of the shuffle test means; nothing where no image was tested."""
    return (SMOOTHNESS,) if result.image_sweeps else ()


def score_table(result: AuditResult, analysis: str, found: Found) -> Table:
    """A line for each property and model."""
    level = next(
        (check.threshold for check in result.checks if check.kind == "significance" and check.of == analysis), None
    )
    rows = tuple(
        (Cell(name), Cell(model), Cell(_number(each.get("gradient"))), _significant(each.get("ratio"), level),
         Cell(_flips(each.get("flips"))), Cell(_smoothness(result, analysis, name, model)))
        for (name, model), each in found.items()
    )  # fmt: skip
    columns = (Column("Property"), Column("Model"), Column("E|grad| per step", "number"), Column("Significant"),
               Column("Images with a flip", "number"), Column("Smoothness (published test)"))  # fmt: skip
    least = next((each["ratio"].margin for each in found.values() if "ratio" in each), None)
    said = (
        "Significant: whether the score moves more than "
        f"{limit_text(least)} times as far as along the controls, by sign flips over images, adjusted p at most "
        f"{limit_text(level)}; draws and seed stand under Gates. "
        if least is not None and level is not None
        else "Nothing is tested: that takes controls and a significance check. "
    )
    shown = [each[key] for each in found.values() for key in ("gradient", "flips") if key in each]
    note = (
        f"{over_images(shown)} {said}Images with a flip: share of images whose decision changes along the sweep. "
        f"{AGAIN}"
    ).lstrip()
    return Table(f"{analysis}: score, significance and flips", columns, rows, note=note)


def _number(finding: Finding | None) -> str:
    return estimate_text(None, None) if finding is None else estimate_text(finding.estimate, finding.interval)


def _flips(finding: Finding | None) -> str:
    return "nothing is decided" if finding is None else estimate_text(finding.estimate, finding.interval)


def _significant(finding: Finding | None, level: float | None) -> Cell:
    if finding is None or finding.p_adjusted is None or level is None:
        return Cell("not tested")
    return Cell(f"{'yes' if finding.p_adjusted <= level else 'no'}, p{HARD_SPACE}{p_text(finding.p_adjusted)}")


def _smoothness(result: AuditResult, analysis: str, name: str, model: str) -> str:
    mine = [
        one
        for one in result.image_sweeps
        if one.changed and (one.analysis, one.property, one.model) == (analysis, name, model)
    ]  # fmt: skip
    if not mine:
        return "not tested"
    low = [one.shuffle_side for one in mine if one.shuffle_p <= SMOOTH_LEVEL]
    sides = [f"{side} in {low.count(side)}" for side in ("smoother", "rougher") if side in low]
    return f"{', '.join(sides) or 'neither side in any'} of {len(mine)} images"
