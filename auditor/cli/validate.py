"""`auditor validate`."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.options import allow_python, as_json, print_json, spec_argument
from auditor.errors import Exit, SpecError


@click.command()
@spec_argument
@allow_python
@as_json
def validate(spec: Path, allow_python: bool, json_: bool) -> int:
    """Check SPEC and everything it names: table, pictures, models, pipelines. Computes nothing.

    Pictures are read as far as their headers; `run` decodes each before it begins.
    """
    from auditor.spec import load_spec, problem_dicts
    from auditor.spec.materials import require

    try:
        loaded = load_spec(spec)
        materials = require(loaded, allow_python=allow_python, decode=False)
    except SpecError as error:
        if json_:
            print_json({"valid": False, "problems": problem_dicts(error.problems)})
            return Exit.BAD_INPUT
        raise
    if json_:
        print_json({"valid": True, "problems": []})
    else:
        click.echo(
            f"{spec}: valid; {len(materials.rows)} rows, {len(loaded.spec.concepts)} concepts, "
            f"{len(materials.models)} model{'s' if len(materials.models) > 1 else ''}, "
            f"{len(loaded.spec.checks)} checks, {len(loaded.spec.requirements)} requirements"
        )
    return Exit.PASS
