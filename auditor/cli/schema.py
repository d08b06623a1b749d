"""`auditor schema`."""

from __future__ import annotations

import click

from auditor.errors import Exit


@click.command()
@click.argument("of", type=click.Choice(["spec", "plan", "lock", "result"]), default="spec")
def schema(of: str) -> int:
    """Print a JSON Schema (draft-07): of specs, which editors read, or of what auditor writes.

    OF is what the schema describes: spec (the default), plan (a plan file), lock, or result (result.json).
    """
    if of == "spec":
        from auditor.spec import schema_text

        text = schema_text()
    else:
        from auditor.run.schemas import text_of_schema

        text = text_of_schema(of)
    click.echo(text, nl=False)
    return Exit.PASS
