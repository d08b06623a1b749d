"""`auditor plan`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.options import (
    allow_python,
    as_json,
    limit_option,
    locked_option,
    plain,
    print_json,
    problems_as_json,
    progress,
    reuse_option,
    spec_argument,
    store_option,
    workers_option,
)
from auditor.cli.plan_text import cost_as_json, print_plan
from auditor.errors import Exit

if TYPE_CHECKING:
    from auditor.execute import Reuse


@click.command()
@spec_argument
@store_option
@workers_option
@click.option("--no-estimate", is_flag=True, help="Leave out time and bytes: nothing is measured.")
@click.option("--why", is_flag=True, help="Say for each op why it must run: what is new, and what differs.")
@reuse_option
@click.option(
    "-o",
    "--output",
    "plan_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also fix the run in a plan file, such as plan.json, beside SPEC or above it.",
)
@limit_option
@locked_option
@allow_python
@as_json
def plan(
    spec: Path,
    store: Path | None,
    workers: int | None,
    no_estimate: bool,
    why: bool,
    reuse: Reuse,
    plan_file: Path | None,
    limit: int | None,
    locked: bool,
    allow_python: bool,
    json_: bool,
) -> int:
    """Say what running SPEC would compute, op by op, and what that costs. No picture or score is stored.

    AS PUBLISHED is what the paper's way would make, ASKED what analyses and checks ask for, DISTINCT
    what remains when equal units are made once, STORED what is there already, TO RUN what is left.

    TIME and BYTES follow from a few micro-batches of each op, computed once on this machine and thrown away; how
    long they took is kept beside the store. They cover computing, not statistics and the report, which take seconds.

    With -o, the run is fixed in a file: document, models, data, versions, numerics and the plan of its first
    round, by digest. `auditor run FILE` makes it, and refuses it where anything has changed.
    """
    from auditor.run import Options
    from auditor.run import plan as plan_run
    from auditor.spec import load_spec

    options = Options(
        store=store,
        workers=workers,
        why=why,
        reuse=reuse,
        plan_file=plan_file,
        limit=limit,
        locked=locked,
        allow_python=allow_python,
    )
    with problems_as_json(json_):
        planned = plan_run(load_spec(spec), options, None if no_estimate else _measuring, progress())
    if json_:
        print_json(
            {
                "schema_version": 1,
                "ops": [asdict(row) for row in planned.rows],
                "why": None if planned.why is None else [asdict(op) for op in planned.why],
                "cost": cost_as_json(planned),
                "reach": [asdict(row) for row in planned.reach],
                "claims": [asdict(row) for row in planned.claims],
                "plan_file": None if plan_file is None else str(plan_file),
            }
        )
        return Exit.PASS
    from rich.console import Console

    # Names are the author's: nothing in them is markup.
    console = Console(highlight=False, markup=False, emoji=False)
    # Printed by click: where nobody reads any more, rich would leave with status 1.
    with console.capture() as printed:
        print_plan(planned, console)
    click.echo(printed.get(), nl=False)
    if plan_file is not None:
        click.echo(f"\n{plan_file}: this run is fixed; to make it: auditor run {plan_file}")
    return Exit.PASS


def _measuring(op: str) -> None:
    click.echo(f"measuring how long `{plain(op)}` takes on this machine; kept for the next time", err=True)
