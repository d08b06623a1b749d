"""`auditor plan`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from auditor.cli.options import allow_python, as_json, print_json, problems_as_json, spec_argument, store_option
from auditor.errors import Exit


@click.command()
@spec_argument
@store_option
@allow_python
@as_json
def plan(spec: Path, store: Path | None, allow_python: bool, json_: bool) -> int:
    """Say what running SPEC would compute, op by op. Computes nothing.

    AS PUBLISHED is what the paper's way would make, ASKED what analyses and checks ask for, DISTINCT
    what remains when equal units are made once, STORED what is there already, TO RUN what is left.
    """
    from auditor.run import Options
    from auditor.run import plan as plan_run
    from auditor.spec import load_spec

    with problems_as_json(json_):
        planned = plan_run(load_spec(spec), Options(store=store, allow_python=allow_python))
    reach = planned.reach
    if json_:
        print_json(
            {"schema_version": 1, "ops": [asdict(row) for row in planned.rows], "reach": [asdict(row) for row in reach]}
        )
        return Exit.PASS
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("OP")
    for title in ("AS PUBLISHED", "ASKED", "DISTINCT", "STORED", "TO RUN"):
        table.add_column(title, justify="right")
    for row in planned.rows:
        published = "-" if row.as_published is None else f"{row.as_published:,}"
        # Picture files are read where they are needed, and never stored.
        work = ("-", "-") if row.kind == "load" else (f"{row.stored:,}", f"{row.to_run:,}")
        table.add_row(row.op, published, f"{row.asked:,}", f"{row.distinct:,}", *work)
    console.print(table)
    generated = [row for row in planned.rows if row.kind == "generate" and row.as_published]
    for row in generated:
        console.print(
            f"\n{row.op}: {(row.as_published or 0) / row.distinct:,.0f} times fewer pictures than as published"
        )
    if reach:
        console.print()
        reached = Table(box=None, pad_edge=False, header_style="bold")
        for number, title in enumerate(
            ("CONCEPT", "SMALLEST ADJUSTED P", "LARGEST IMPORTANCE", "DETECTABLE IMPORTANCE", "FEWEST ROWS IN A CELL")
        ):
            reached.add_column(title, justify="right" if number else "left")
        for line in reach:
            reached.add_row(
                line.concept,
                "-" if line.smallest_p is None else f"{line.smallest_p:.2g}",
                f"{line.largest_importance:.3f}",
                f"{line.detectable_importance:.3f}",
                f"{line.smallest_cell:.1f}",
            )
        console.print(reached)
        console.print(
            "Detectable with a chance of 80 %, if changing a concept moves scores by a tenth of the ranks (assumed)."
        )
    return Exit.PASS
