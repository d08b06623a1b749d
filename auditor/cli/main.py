"""The group of commands. Errors end here: a sentence on stderr and the exit status, never a traceback."""

from __future__ import annotations

import importlib
import os
import sys

import click

from auditor import __version__
from auditor.errors import AuditError, Exit, SpecError

COMMANDS = {
    "init": "Write a commented spec from a table of labelled pictures.",
    "validate": "Check a spec and everything it names, without computing anything.",
    "plan": "Say what a run would compute, and how much less than as published.",
    "preview": "Draw a contact sheet of a few rows, with first estimates of the gates.",
    "run": "Run an audit to its report; what is stored is not computed again.",
    "report": "Draw the report of a finished run again.",
    "schema": "Print the JSON Schema of specs.",
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

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="auditor")
def commands() -> None:
    """Audits of image models: a YAML spec, compiled, run on real diffusion, reported for reviewers.

    Exit status: 0 all pass, 1 a requirement failed, 2 bad spec or usage, 3 incomplete (run again to go on),
    4 a bug of auditor, 5 nothing selected, 6 verification failed, 7 nothing failed but not all is decided,
    130 interrupted.
    """


def main() -> None:
    """Run the command line and exit."""
    try:
        status = commands.main(standalone_mode=False)
    except click.exceptions.Exit as left:
        sys.exit(left.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(Exit.BAD_INPUT)
    except (KeyboardInterrupt, click.Abort):
        print("stopped at once; what was finished is kept: run the same command again", file=sys.stderr)
        sys.exit(Exit.INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.PASS)
    except SpecError as error:
        from auditor.spec import render_error

        print(render_error(error), file=sys.stderr)
        sys.exit(error.exit_status)
    except AuditError as error:
        print(f"auditor: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
    except Exception as error:
        _report_bug(error)
        sys.exit(Exit.INTERNAL)
    sys.exit(status if isinstance(status, int) else Exit.PASS)


def _report_bug(error: Exception) -> None:
    """Say that it is our fault; the traceback goes to a file, for the bug report."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", suffix=".txt", prefix="auditor-bug-", delete=False) as file:
        file.write(f"auditor {__version__}, Python {sys.version}\n\n")
        traceback.print_exception(error, file=file)
    print(
        f"auditor: this is a bug of auditor, not of yours: {type(error).__name__}: {error}\n"
        f"What was finished is kept. Please report it with the file {file.name}",
        file=sys.stderr,
    )
