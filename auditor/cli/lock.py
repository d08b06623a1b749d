"""`auditor lock`."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.options import allow_python, as_json, count_of, plain, print_json, problems_as_json, spec_argument
from auditor.errors import Exit


@click.command()
@spec_argument
@allow_python
@as_json
def lock(spec: Path, allow_python: bool, json_: bool) -> int:
    """Write down, beside SPEC, the digests of everything it names.

    Models, detectors, pipelines, table and pictures, and the versions of packages go to NAME.lock.json,
    which is meant to be committed. With --locked, validate, plan and run refuse whatever differs from it.
    """
    from auditor.run.lock import write_lock
    from auditor.spec import load_spec

    with problems_as_json(json_):
        locked = write_lock(load_spec(spec), allow_python=allow_python)
    if json_:
        print_json(
            {
                "lock": str(locked.path),
                "written": locked.written,
                "changed": [{"what": one.what, "locked": one.fixed, "found": one.found} for one in locked.changed],
            }
        )
        return Exit.PASS
    found = locked.lock
    counts = {
        "model": len(found.models) + len(found.detectors),
        "pipeline": len(found.pipelines),
        "picture": found.dataset.rows,
        "package": len(found.packages),
    }
    state = "locked" if locked.written else "current"
    click.echo(f"{locked.path}: {state}; {', '.join(count_of(number, noun) for noun, number in counts.items())}")
    for one in locked.changed:
        click.echo(f"  {plain(one.what)}: was {plain(one.fixed)}, is {plain(one.found)}")
    return Exit.PASS
