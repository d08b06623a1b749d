"""`auditor report`."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.options import as_json, print_json, shown_path
from auditor.errors import Exit, UsageError


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--format", "formats", type=click.Choice(["html", "pdf"]), multiple=True, help="What to draw [default: both]."
)
@as_json
def report(folder: Path, formats: tuple[str, ...], json_: bool) -> int:
    """Draw the report of a finished run again, from its FOLDER alone. Computes nothing."""
    from auditor.run import RunFolder
    from auditor.run import report as report_again

    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}; name the folder of a run, such as audits/ID/REVISION")
    wanted = tuple(name for name in ("html", "pdf") if name in formats or not formats)
    _, files, unwritten = report_again(RunFolder(folder), wanted)  # type: ignore[arg-type]
    if json_:
        print_json({"files": {name: str(path) for name, path in files.items()}, "unwritten": dict(unwritten)})
    else:
        for name, path in files.items():
            click.echo(f"{name:<7} {shown_path(path)}")
    for name, reason in unwritten.items():
        click.echo(f"auditor: {name} could not be made: {reason}", err=True)
    return Exit.INCOMPLETE if unwritten else Exit.PASS
