"""`auditor validate`."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.options import (
    allow_python,
    as_json,
    count_of,
    locked_option,
    print_json,
    problems_as_json,
    spec_argument,
)
from auditor.errors import Exit


@click.command()
@spec_argument
@locked_option
@allow_python
@as_json
def validate(spec: Path, locked: bool, allow_python: bool, json_: bool) -> int:
    """Check SPEC and everything it names: table, pictures, models, pipelines. Computes nothing.

    Pictures are read as far as their headers; `run` decodes each before it begins.
    """
    from auditor.interventions import photographs_of
    from auditor.spec import load_spec
    from auditor.spec.materials import require

    with problems_as_json(json_):
        loaded = load_spec(spec)
        materials = require(loaded, allow_python=allow_python, decode=False)
        if locked:
            from auditor.run.lock import require_lock

            require_lock(loaded, materials)
    if json_:
        print_json({"valid": True, "problems": []})
    else:
        counts = {
            **({"row": len(materials.rows)} if loaded.spec.dataset is not None else {}),
            **({"photograph": photographs} if (photographs := photographs_of(materials.files)) else {}),
            "concept": len(loaded.spec.concepts),
            "model": len(materials.models),
            "check": len(loaded.spec.checks),
            "requirement": len(loaded.spec.requirements),
        }
        click.echo(f"{spec}: valid; {', '.join(count_of(number, noun) for noun, number in counts.items())}")
    return Exit.PASS
