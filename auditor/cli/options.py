"""Options that several commands share, and how they print."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from auditor.errors import Drift, Exit, SpecError, UsageError

if TYPE_CHECKING:
    from auditor.execute import Progress

Command = TypeVar("Command", bound=Callable[..., Any])


def _refuse_plan_file(context: click.Context, parameter: click.Parameter, spec: Path) -> Path:
    """A plan file is run, and nothing else."""
    if spec.suffix.lower() == ".json" and spec.is_file() and context.command.name != "run":
        from auditor.run.plan_file import is_plan_file

        if is_plan_file(spec):
            raise UsageError(f"{spec} is no spec but a plan file, which can be run: auditor run {spec}")
    return spec


spec_argument = click.argument("spec", type=click.Path(path_type=Path), callback=_refuse_plan_file)
allow_python = click.option(
    "--allow-python", is_flag=True, help="Allow models of the python adapter: code of the spec's author."
)
as_json = click.option("--json", "json_", is_flag=True, help="Print one JSON object, for machines.")
store_option = click.option(
    "--store",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of computed units [default: AUDITOR_STORE, or .auditor/store beside SPEC].",
)
out_option = click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the run [default: audits/ID/REVISION beside SPEC].",
)
workers_option = click.option(
    "--workers", type=click.IntRange(1, 256), help="One-thread processes [default: one for each core, at most 8]."
)


limit_option = click.option(
    "--limit",
    type=click.IntRange(2),
    metavar="N",
    help="Only the first N rows of the audit. The result is partial, and never a pass.",
)


def _seconds(context: click.Context, parameter: click.Parameter, duration: str | None) -> float | None:
    """A number of seconds, minutes or hours, such as 90s, 15m or 2h, in seconds."""
    if duration is None:
        return None
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([smh])", duration.strip().lower())
    if found is None or float(found[1]) == 0:
        raise click.BadParameter(f"`{plain(duration)}` is no duration; write 90s, 15m or 2h", context, parameter)
    return float(found[1]) * {"s": 1, "m": 60, "h": 3_600}[found[2]]


max_time_option = click.option(
    "--max-time",
    callback=_seconds,
    metavar="DURATION",
    help="Begin nothing more once the run has taken so long, such as 90s, 15m or 2h; exit status 3.",
)
locked_option = click.option(
    "--locked", is_flag=True, help="Refuse whatever differs from the lock that `auditor lock` wrote."
)

reuse_option = click.option(
    "--reuse",
    type=click.Choice(["exact", "semantic"]),
    default="exact",
    show_default=True,
    help="What answers for a unit: itself, or also one of equal meaning that another numerics class made.",
)


def command_began() -> float | None:
    """When the command line was called, as `time.monotonic` counts: the time allowed is counted from there."""
    began = click.get_current_context().find_root().obj
    return began if isinstance(began, float) else None


def print_json(value: object) -> None:
    """One JSON object on stdout."""
    click.echo(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False))


@contextlib.contextmanager
def problems_as_json(json_: bool) -> Iterator[None]:
    """With `json_`, what is wrong with a document, or has drifted from its lock, is an object on stdout."""
    try:
        yield
    except Drift as error:
        if not json_:
            raise
        differences = [{"what": one.what, "fixed": one.fixed, "found": one.found} for one in error.differences]
        print_json({"valid": False, "problems": [], "differences": differences})
        raise click.exceptions.Exit(Exit.BAD_INPUT) from None
    except SpecError as error:
        if not json_:
            raise
        from auditor.spec import problem_dicts

        print_json({"valid": False, "problems": problem_dicts(error.problems)})
        raise click.exceptions.Exit(Exit.BAD_INPUT) from None


@contextlib.contextmanager
def reader_may_leave() -> Iterator[None]:
    """Whoever reads stdout may stop reading, as `head` does: that changes nothing about the exit status."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def shown_path(path: Path) -> str:
    """A path as it is typed from the working folder, where it lies below that."""
    try:
        return str(path.resolve().relative_to(Path.cwd().resolve()))
    except ValueError:
        return str(path)


def count_of(number: int, noun: str) -> str:
    """A number and its noun: "1 check", "2 checks"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


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
