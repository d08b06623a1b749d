"""The group of commands. Errors end here: a sentence on stderr and the exit status, never a traceback."""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import os
import shlex
import signal
import sys
import threading
import time

import click

from auditor import __version__
from auditor.errors import AuditError, Exit, Interrupted, SpecError, TimeUp

COMMANDS = {
    "init": "Write a commented spec from a table of labelled pictures.",
    "validate": "Check a spec and everything it names, without computing anything.",
    "resolve": "Print a spec with every default written out, and where each value comes from.",
    "plan": "Say what a run would compute, and how much less than as published.",
    "lock": "Write down the digests of everything a spec names, for --locked.",
    "preview": "Draw a contact sheet of a few rows, with first estimates of the gates.",
    "run": "Run an audit to its report; what is stored is not computed again.",
    "evaluate": "Compare what an audit finds, and baselines, with oracles that see the concepts.",
    "report": "Draw the report of a finished run again.",
    "cache": "Look at the store of computed units, check it, remove what no audit needs.",
    "schema": "Print the JSON Schema of specs, or of what auditor writes.",
    "explain": "Explain an error code, such as AUD104.",
}


class LazyCommands(click.Group):
    """Imports the file of a command when it is called: `--help` needs none of them."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f"auditor.cli.{name}"), name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, 1)
            context.fail(
                f"there is no command `{args[0]}`; "
                + (f"did you mean `{near[0]}`?" if near else f"there are {', '.join(COMMANDS)}")
            )
        return super().resolve_command(context, args)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except BrokenPipeError:
            # Whoever read our output, such as `head`, has read enough.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return Exit.PASS


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="auditor")
def commands() -> None:
    """Audits of image models: a YAML spec, compiled, run on real diffusion, reported for reviewers.

    Exit status: 0 all pass, 1 a requirement failed, 2 bad spec or usage, 3 incomplete (run again to go on),
    4 a bug of auditor, 5 nothing selected, 6 evidence does not hold, 7 nothing failed but not all is decided,
    130 interrupted.
    """


def main() -> None:
    """Run the command line and exit."""
    _prepare_process()
    try:
        status = commands.main(standalone_mode=False, obj=time.monotonic())
    except click.exceptions.Exit as left:
        sys.exit(left.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(Exit.BAD_INPUT)
    except (Interrupted, TimeUp) as stopped:
        _say(f"{stopped}. To go on: {_this_command()}")
        sys.exit(stopped.exit_status)
    except (KeyboardInterrupt, click.Abort):
        _say(f"stopped at once{'; what was finished is kept' * _keeps()}. To go on: {_this_command()}")
        sys.exit(Exit.INTERRUPTED)
    except SpecError as error:
        _say_problems(error)
        sys.exit(error.exit_status)
    except AuditError as error:
        _say(_printable(f"auditor: {error}"))
        sys.exit(error.exit_status)
    except Exception as error:
        _report_bug(error)
        sys.exit(Exit.INTERNAL)
    sys.exit(status if isinstance(status, int) else Exit.PASS)


def _prepare_process() -> None:
    """A terminal of any encoding can be written to, and SIGTERM is an interruption like Ctrl-C."""
    # A short command is mostly imports, whose objects stay: looking for garbage among them is an eighth of its time.
    gc.set_threshold(200_000, 20, 20)
    # Nor is there anything to find when the process ends, where Python looks through every object once more.
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
    # A plugin of another package must not change what a document may say; looking for some costs time besides.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _printable(text: str) -> str:
    """Lines without characters that could play tricks on a terminal: files of others are quoted in them."""
    return "\n".join("".join(letter if letter.isprintable() else " " for letter in line) for line in text.split("\n"))


def _keeps() -> bool:
    """Whether the command computes something that is kept."""
    return sys.argv[1:2] in (["run"], ["preview"], ["evaluate"])


def _this_command() -> str:
    return shlex.join(["auditor", *sys.argv[1:]])


def _say_problems(error: SpecError) -> None:
    """Every problem in its place, and how many there are."""
    from auditor.codes import MORE_PROBLEMS
    from auditor.spec import render_error

    count = sum(problem.code != MORE_PROBLEMS for problem in error.problems)
    more = "the first " if count < len(error.problems) else ""
    _say(
        f"{render_error(error)}{more}{count} problem{'s' * (count > 1)}, nothing was computed; "
        f"`auditor explain {error.problems[0].code}` says more about a code"
    )


def _report_bug(error: Exception) -> None:
    """Say that it is our fault; the traceback goes to a file, for the bug report."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", suffix=".txt", prefix="auditor-bug-", delete=False) as file:
        file.write(f"auditor {__version__}, Python {sys.version}\n\n")
        traceback.print_exception(error, file=file)
    _say(
        f"auditor: this is a bug of auditor, not of yours: {type(error).__name__}: {error}\n"
        f"{'What was finished is kept. ' * _keeps()}Please report it with the file {file.name}"
    )
