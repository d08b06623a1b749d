"""`auditor cache`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.cache_text import info_as_json, info_lines, removal_lines, verified_lines
from auditor.cli.options import allow_python, as_json, print_json, problems_as_json, progress, reuse_option
from auditor.errors import Exit

if TYPE_CHECKING:
    from auditor.execute import Reuse

store_here_option = click.option(
    "--store",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of computed units [default: AUDITOR_STORE, or .auditor/store in the working folder].",
)


@click.group()
def cache() -> None:
    """Look at the store of computed units, check it, and remove what no audit needs."""


@cache.command()
@store_here_option
@as_json
def info(store: Path | None, json_: bool) -> int:
    """Say what the store holds: objects, bytes, units by op and numerics class. Reads no object."""
    from auditor.run import cache as stores

    where = stores.store_here(store)
    found = stores.info(where)
    if json_:
        print_json({"store": str(where), **info_as_json(found)})
    else:
        for line in info_lines(where, found):
            click.echo(line)
    return Exit.PASS


@cache.command()
@store_here_option
@as_json
def verify(store: Path | None, json_: bool) -> int:
    """Read every object and compare it with its name. Damaged ones go to quarantine; exit status 6 if there were any.

    Nothing is lost for good by that: the next run that needs a damaged unit makes it again.
    """
    from auditor.run import cache as stores

    where = stores.store_here(store)
    found = stores.verify(where, progress())
    if json_:
        print_json({"store": str(where), "sound": found.sound, **asdict(found)})
    else:
        for line in verified_lines(where, found):
            click.echo(line)
    return Exit.PASS if found.sound else Exit.NOT_VERIFIED


@cache.command()
@click.argument("specs", metavar="[SPEC]...", nargs=-1, type=click.Path(path_type=Path))
@store_here_option
@click.option(
    "--out",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Keep also what this run folder rests on, which does not lie beside its spec.",
)
@click.option("--older-than", type=click.FloatRange(min=0), metavar="DAYS", help="Only what was written before then.")
@reuse_option
@click.option("--yes", is_flag=True, help="Do it; without this, only what would go is said.")
@allow_python
@as_json
def gc(
    specs: tuple[Path, ...],
    store: Path | None,
    folders: tuple[Path, ...],
    older_than: float | None,
    reuse: Reuse,
    yes: bool,
    allow_python: bool,
    json_: bool,
) -> int:
    """Remove objects that none of these SPECs needs, and empty the quarantine. Without --yes, say what would go.

    Kept is what a run of each SPEC would find stored, under the numerics class of this machine, and what the
    run folders of its audit rest on, of every revision. Nothing is removed while another process uses the store.
    """
    from auditor.run import Options
    from auditor.run import cache as stores

    options = Options(store=store, reuse=reuse, allow_python=allow_python)
    with problems_as_json(json_):
        where, gone = stores.clean(specs, options, folders, older_than, do_it=yes)
    if json_:
        print_json({"store": str(where), "done": yes, "objects": len(gone.removed), **asdict(gone)})
    else:
        for line in removal_lines(where, gone, yes):
            click.echo(line)
    return Exit.PASS
