"""`auditor plan`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.options import (
    allow_python,
    as_json,
    locked_option,
    plain,
    print_json,
    problems_as_json,
    spec_argument,
    store_option,
)
from auditor.errors import Exit

if TYPE_CHECKING:
    from rich.console import Console

    from auditor.run import Planned


@click.command()
@spec_argument
@store_option
@locked_option
@allow_python
@as_json
def plan(spec: Path, store: Path | None, locked: bool, allow_python: bool, json_: bool) -> int:
    """Say what running SPEC would compute, op by op. Computes nothing.

    AS PUBLISHED is what the paper's way would make, ASKED what analyses and checks ask for, DISTINCT
    what remains when equal units are made once, STORED what is there already, TO RUN what is left.
    """
    from auditor.run import Options
    from auditor.run import plan as plan_run
    from auditor.spec import load_spec

    with problems_as_json(json_):
        planned = plan_run(load_spec(spec), Options(store=store, locked=locked, allow_python=allow_python))
    if json_:
        print_json(
            {
                "schema_version": 1,
                "ops": [asdict(row) for row in planned.rows],
                "reach": [asdict(row) for row in planned.reach],
            }
        )
        return Exit.PASS
    from rich.console import Console

    # Names are the author's: nothing in them is markup.
    console = Console(highlight=False, markup=False, emoji=False)
    # Printed by click: where nobody reads any more, rich would leave with status 1.
    with console.capture() as printed:
        _print_plan(planned, console)
    click.echo(printed.get(), nl=False)
    return Exit.PASS


def _print_plan(planned: Planned, console: Console) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("OP")
    for title in ("AS PUBLISHED", "ASKED", "DISTINCT", "STORED", "TO RUN"):
        table.add_column(title, justify="right")
    for row in planned.rows:
        published = "-" if row.as_published is None else f"{row.as_published:,}"
        # Picture files are read where they are needed, and never stored.
        work = ("-", "-") if row.kind == "load" else (f"{row.stored:,}", f"{row.to_run:,}")
        table.add_row(plain(row.op), published, f"{row.asked:,}", f"{row.distinct:,}", *work)
    console.print(table)
    generated = [row for row in planned.rows if row.kind == "generate" and row.as_published]
    for row in generated:
        console.print(
            f"\n{plain(row.op)}: {(row.as_published or 0) / row.distinct:,.0f} times fewer pictures than as published"
        )
    if planned.reach:
        console.print()
        reached = Table(box=None, pad_edge=False, header_style="bold")
        for number, title in enumerate(
            ("CONCEPT", "SMALLEST ADJUSTED P", "LARGEST IMPORTANCE", "DETECTABLE IMPORTANCE", "FEWEST ROWS IN A CELL")
        ):
            reached.add_column(title, justify="right" if number else "left")
        for line in planned.reach:
            reached.add_row(
                plain(line.concept),
                "-" if line.smallest_p is None else f"{line.smallest_p:.2g}",
                f"{line.largest_importance:.3f}",
                f"{line.detectable_importance:.3f}",
                f"{line.smallest_cell:.1f}",
            )
        console.print(reached)
        console.print(
            "Detectable with a chance of 80 %, if changing a concept moves scores by a tenth of the ranks (assumed)."
        )
