"""Options that several commands share, and how they print."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from auditor.execute import Progress

Command = TypeVar("Command", bound=Callable[..., Any])

spec_argument = click.argument("spec", type=click.Path(path_type=Path))
allow_python = click.option(
    "--allow-python", is_flag=True, help="Run models of the python adapter: code of the spec's author."
)
as_json = click.option("--json", "json_", is_flag=True, help="Print one JSON object, for machines.")
store_option = click.option(
    "--store",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of computed units [default: .auditor/store beside SPEC].",
)
workers_option = click.option(
    "--workers", type=click.IntRange(1, 256), help="One-thread processes [default: one for each core, at most 8]."
)


def print_json(value: object) -> None:
    """One JSON object on stdout."""
    click.echo(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False))


def progress() -> Progress:
    """A bar on a terminal, plain lines elsewhere; on stderr either way."""
    from auditor.execute import PlainProgress

    if sys.stderr.isatty():
        from auditor.cli.bar import BarProgress

        return BarProgress()
    return PlainProgress()


def plain(text: str) -> str:
    """Text of a document, without characters that could play tricks on a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
