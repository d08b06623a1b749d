"""`auditor preview`."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.options import (
    allow_python,
    as_json,
    plain,
    print_json,
    problems_as_json,
    progress,
    shown_path,
    spec_argument,
    store_option,
    workers_option,
)
from auditor.errors import Exit


@click.command()
@spec_argument
@click.option("--rows", type=click.IntRange(1), default=6, show_default=True, help="How many rows to show.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the sheet [default: audits/ID/preview beside SPEC].",
)
@store_option
@workers_option
@allow_python
@as_json
def preview(
    spec: Path,
    rows: int,
    out: Path | None,
    store: Path | None,
    workers: int | None,
    allow_python: bool,
    json_: bool,
) -> int:
    """Draw a contact sheet of the first rows of SPEC, with first estimates of the gates.

    The run that follows makes none of these pictures again. No finding may rest on a preview.
    """
    from auditor.preview import preview as draw_preview
    from auditor.preview_sheet import STAMP
    from auditor.run import Options
    from auditor.spec import load_spec

    options = Options(out=out, store=store, workers=workers, allow_python=allow_python)
    with problems_as_json(json_):
        found = draw_preview(load_spec(spec), options, rows, progress())
    if json_:
        print_json(
            {
                "preview": True,
                "sheet": str(found.sheet),
                "rows": found.rows,
                "computed_units": found.computed,
                "gates": [
                    {"kind": gate.kind, "of": gate.of, "state": gate.state, "sentence": gate.sentence}
                    | {"parts": {part.subject: part.measured for part in gate.parts}}
                    for gate in found.gates
                ],
                "too_few_rows_for": list(found.too_few),
            }
        )
        return Exit.PASS
    click.echo(STAMP)
    click.echo(f"  sheet   {shown_path(found.sheet)} ({found.rows} rows, {found.computed:,} units computed)")
    for gate in found.gates:
        named = gate.kind.replace("_", " ")
        if gate.kind == "control_dose":
            click.echo(f"  {named} of {plain(gate.of)}: {gate.state} on {found.rows} rows")
            for part in gate.parts:
                click.echo(f"    {plain(part.sentence)}")
            continue
        click.echo(f"  {named}: {gate.state} on {found.rows} rows; {plain(gate.sentence)}")
    for kind in found.too_few:
        click.echo(f"  {kind.replace('_', ' ')}: {found.rows} rows are too few to say; ask for more with --rows")
    return Exit.PASS
