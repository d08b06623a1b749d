"""`auditor run`."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.options import (
    allow_python,
    as_json,
    plain,
    print_json,
    progress,
    spec_argument,
    store_option,
    workers_option,
)
from auditor.errors import Exit


@click.command()
@spec_argument
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of this run [default: audits/ID/REVISION beside SPEC].",
)
@store_option
@workers_option
@allow_python
@as_json
def run(spec: Path, out: Path | None, store: Path | None, workers: int | None, allow_python: bool, json_: bool) -> int:
    """Run the audit SPEC to its report. What is stored is not computed again.

    Stop it at any time: the same command goes on where it was.
    """
    from auditor.errors import Interrupted
    from auditor.run import Options
    from auditor.run import run as run_document
    from auditor.spec import load_spec

    loaded = load_spec(spec)
    options = Options(out=out, store=store, workers=workers, allow_python=allow_python)
    try:
        outcome = run_document(loaded, options, progress())
    except Interrupted:
        click.echo("stopped; what was finished is kept. To go on: run the same command again", err=True)
        return Exit.INTERRUPTED
    result = outcome.result
    if json_:
        print_json(
            {
                "schema_version": 1,
                "exit_status": int(outcome.status),
                "outcome": result.outcome,
                "requirements": [
                    {"name": one.name, "model": one.model, "state": one.state, "sentence": one.sentence}
                    for one in result.requirements
                ],
                "checks": [{"kind": one.kind, "of": one.of, "state": one.state} for one in result.checks],
                "computed_units": sum(outcome.ran.values()),
                "folder": str(outcome.folder.path),
                "files": {name: str(path) for name, path in outcome.files.items()},
                "unwritten": dict(outcome.unwritten),
            }
        )
        return outcome.status
    click.echo(plain(result.audit.title))
    for sentence in result.summary:
        click.echo(f"  {plain(sentence)}")
    computed = sum(outcome.ran.values())
    click.echo(f"{result.outcome.upper()} (exit status {int(outcome.status)}); {computed:,} units computed")
    for name, path in outcome.files.items():
        click.echo(f"  {name:<7} {path}")
    for name, reason in outcome.unwritten.items():
        click.echo(f"auditor: {name} could not be made: {reason}", err=True)
    return outcome.status
