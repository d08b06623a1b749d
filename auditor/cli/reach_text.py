"""What `auditor plan` prints of what the statistics can reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from auditor.cli.options import plain

if TYPE_CHECKING:
    from rich.console import Console

    from auditor.compile import Reach

REACH: Final = (
    ("SMALLEST ADJUSTED P", "smallest_p", ".2g"),
    ("FEWEST ROWS IN A CELL", "smallest_cell", ".1f"),
    ("LARGEST IMPORTANCE", "largest_importance", ".3f"),
    ("FOUND WITH 80 %", "detectable_importance", ".3f"),
    ("MARGIN PASSED WITH 80 %", "smallest_margin", ".3f"),
    ("RESPONSE FOUND WITH 80 %", "detectable_response", ".3f"),
    ("MARGIN PASSED WITH 80 %", "smallest_response", ".3f"),
)
"""Heads of the columns on reach, the field of each, and its digits."""


def print_reach(reach: Sequence[Reach], console: Console) -> None:
    """The table, and what must be said below it."""
    from rich.table import Table

    reached = Table(box=None, pad_edge=False, header_style="bold")
    for number, title in enumerate(("CONCEPT", *(title for title, _, _ in REACH))):
        reached.add_column(title, justify="right" if number else "left")
    several = len({line.analysis for line in reach}) > 1
    for lines in _by_concept(reach):
        values = ((_worst(lines, field), digits) for _, field, digits in REACH)
        cells = ("-" if value is None else f"{value:{digits}}" for value, digits in values)
        name = f"{lines[0].analysis}: {lines[0].concept}" if several else lines[0].concept
        reached.add_row(plain(name), *cells)
    console.print(reached)
    labels = max(len(lines) for lines in _by_concept(reach))
    if labels > 1:
        console.print(f"The models have {labels} labels: each number is that of the label that reaches least.")
    for metric in dict.fromkeys(line.metric for line in reach if line.largest_importance is None):
        console.print(f"Importances in {metric} have no bound.")
    for reason in dict.fromkeys(line.no_forecast for line in reach if line.no_forecast):
        console.print(f"{reason[:1].upper()}{reason[1:]}.")
    console.print(
        "Found and passed with a chance of 80 %, if changing a concept, or new noise alone, moves scores by a tenth of "
        "the ranks (assumed). Smaller margins are not to be expected to hold, even for a model blind to the concept."
    )


def _by_concept(reach: Sequence[Reach]) -> list[list[Reach]]:
    """The lines of each analysis and concept: one for each label."""
    found: dict[tuple[str, str], list[Reach]] = {}
    for line in reach:
        found.setdefault((line.analysis, line.concept), []).append(line)
    return list(found.values())


def _worst(lines: Sequence[Reach], field: str) -> float | None:
    """Of several labels the number of the one that reaches least."""
    values = [value for line in lines if (value := getattr(line, field)) is not None]
    least = min if field in ("smallest_cell", "largest_importance") else max
    return least(values, default=None)
