"""`auditor schema`."""

from __future__ import annotations

import click

from auditor.errors import Exit


@click.command()
def schema() -> int:
    """Print the JSON Schema (draft-07) of specs, which editors read."""
    from auditor.spec import schema_text

    click.echo(schema_text(), nl=False)
    return Exit.PASS
