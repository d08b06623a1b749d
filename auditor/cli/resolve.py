"""`auditor resolve`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.options import as_json, print_json, problems_as_json, spec_argument
from auditor.errors import Exit

if TYPE_CHECKING:
    from auditor.spec import LoadedSpec


@click.command()
@spec_argument
@as_json
def resolve(spec: Path, json_: bool) -> int:
    """Print SPEC with every default written out, and where each value comes from.

    The files that SPEC extends are written into it. What is printed is a spec itself: put beside SPEC,
    it is the same audit. Behind each value stands the file and line it comes from, or who chose its
    default: the method's paper, its released code, or auditor ("chosen").
    """
    from auditor.spec import explained_text, load_spec

    with problems_as_json(json_):
        loaded = load_spec(spec)
    if json_:
        print_json(_as_json(loaded))
    else:
        click.echo(explained_text(loaded), nl=False)
    return Exit.PASS


def _as_json(loaded: LoadedSpec) -> dict[str, object]:
    from auditor.spec import field_path, origins

    return {
        "schema_version": 1,
        "digest": loaded.digest,
        "files": [{"file": file.path, "digest": file.digest} for file in loaded.files],
        "spec": loaded.spec.model_dump(mode="json", exclude={"extends"}),
        "origins": [
            {
                "field": field_path(origin.loc),
                "value": origin.value,
                "file": origin.where.path if origin.where else None,
                "line": origin.where.line if origin.where else None,
                "column": origin.where.column if origin.where else None,
                "default_from": origin.default_from,
            }
            for origin in origins(loaded)
        ],
    }
