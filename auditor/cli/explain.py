"""`auditor explain`."""

from __future__ import annotations

import difflib

import click

from auditor.codes import EXPLANATIONS
from auditor.errors import Exit, UsageError


@click.command()
@click.argument("code", required=False)
def explain(code: str | None) -> int:
    """Explain an error CODE such as AUD104; all of them without one."""
    if code is None:
        for name, sentence in EXPLANATIONS.items():
            click.echo(f"{name}  {sentence}")
        return Exit.PASS
    name = f"AUD{code}" if code.isdecimal() else code.upper()
    if name not in EXPLANATIONS:
        near = difflib.get_close_matches(name, EXPLANATIONS, 3)
        raise UsageError(
            f"there is no code `{code}`; " + (f"near it: {', '.join(near)}" if near else "list them: auditor explain")
        )
    click.echo(f"{name}  {EXPLANATIONS[name]}")
    return Exit.PASS
