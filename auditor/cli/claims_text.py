"""What `auditor plan` prints of claims about gradual interventions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from auditor.cli.options import plain

if TYPE_CHECKING:
    from rich.console import Console

    from auditor.compile import SweepReach

CLAIMS = {
    "over images": "moves the score further than these controls do",
    "in general": "moves it further than irrelevant changes like them would",
    "single images": "moves it further in this very image",
}
"""Each claim in words."""


def print_claims(claims: Sequence[SweepReach], console: Console) -> None:
    """A table of the claims that can be reached, and what stands in the way of the others."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, title in enumerate(("THE PROPERTY ..", "TEST", "UNITS", "SMALLEST P", "CAN BE CLAIMED")):
        table.add_column(title, justify="right" if number in (2, 3) else "left")
    for one in claims:
        smallest = "-" if one.smallest_p is None else f"{one.smallest_p:.2g}"
        word = "yes" if one.reachable else f"no: above {one.alpha:g}" if one.test else "no: descriptive"
        table.add_row(plain(CLAIMS[one.claim]), one.test or "none", f"{one.units:,}", smallest, word)
    console.print(table)
    for one in claims:
        if one.detectable is not None and one.reachable:
            console.print(
                f"{plain(one.analysis)}: a ratio to the controls of {one.detectable:.2f} is found with a chance of "
                f"80 % at {one.alpha:g}, if log ratios have an SD of 1 over images (assumed)."
            )
