"""What is printed fits where it goes: narrow terminals, pipes, files, other encodings, no colour."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.cli.main import COMMANDS
from auditor.codes import EXPLANATIONS
from tests.cli.conftest import Command, environment
from tests.cli.small_world import respell
from tests.cli.user_faults import wrong_key

COLOUR = re.compile(r"\x1b\[[0-9;]*(3[0-7]|4[0-7]|9[0-7])m")


def on_a_terminal(*arguments: str, **more: str) -> str:
    """What a command prints on a terminal, stdout and stderr together."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "auditor", *arguments],
        stdin=slave, stdout=slave, stderr=slave, env=environment(TERM="xterm-256color", **more),
    ):  # fmt: skip
        os.close(slave)
        printed = b""
        try:
            while chunk := os.read(master, 4096):
                printed += chunk
        except OSError:
            pass  # How Linux says that nobody writes any more.
    os.close(master)
    return printed.decode().replace("\r\n", "\n")


def test_tables_fit_a_narrow_terminal_and_hold_no_colour_where_none_is_wanted(world: Path) -> None:
    printed = on_a_terminal("plan", "audit.yaml", "--no-estimate", COLUMNS="60", NO_COLOR="1")
    assert "generate" in printed and "CONCEPT" in printed
    assert not COLOUR.search(printed)
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", printed)
    assert max(len(line) for line in plain.splitlines()) <= 60


@pytest.mark.parametrize("command", [("validate",), ("plan", "--no-estimate")], ids=" ".join)
def test_files_and_pipes_get_plain_text(command: tuple[str, ...], world: Path, auditor_process: Command) -> None:
    said = auditor_process(*command, "audit.yaml", TERM="xterm-256color")
    assert said.status == 0 and "\x1b" not in said.out + said.err


def test_names_are_no_markup(world: Path, auditor: Command) -> None:
    respell(world, "- name: captions", '- name: "[/red] :smile: [bold]"')
    respell(world, "intervention: captions", 'intervention: "[/red] :smile: [bold]"')
    said = auditor("plan", "audit.yaml", "--no-estimate")
    assert said.status == 0 and "generate [/red] :smile: [bold]: " in said.out


def test_a_reader_may_leave(world: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "auditor", "plan", "audit.yaml", "--no-estimate"],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (0, "")


def test_any_encoding_will_do(world: Path, auditor_process: Command) -> None:
    respell(world, "squares do not matter", "квадраты не важны")
    respell(world, "concept: blue square,", "concept: синий,")
    said = auditor_process("validate", "audit.yaml", PYTHONIOENCODING="ascii")
    assert said.status == 2 and "AUD204" in said.err and "Traceback" not in said.err


def test_problems_are_an_object_for_machines(world: Path, auditor: Command) -> None:
    wrong_key(world)
    for command in ("validate", "plan", "preview", "run"):
        said = auditor(command, "audit.yaml", "--json")
        assert (said.status, said.err) == (2, "")
        assert said.out.startswith('{\n "valid": false,\n "problems": [\n  {\n   "code": "AUD104",')


def test_help_names_every_command_and_every_command_helps(auditor: Command) -> None:
    said = auditor("--help")
    assert said.status == 0
    for name in COMMANDS:
        assert re.search(rf"^  {name} ", said.out, re.MULTILINE)
        helped = auditor(name, "--help")
        assert helped.status == 0 and f"auditor {name} " in helped.out
        assert all(len(line) <= 80 for line in helped.out.splitlines())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["rum"], "there is no command `rum`; did you mean `run`?"),
        (["frobnicate"], "there is no command `frobnicate`; there are init, validate, resolve,"),
        (["run"], "Missing argument 'SPEC'"),
        (["run", "audit.yaml", "--worker", "1"], "No such option"),
        (["run", "audit.yaml", "--workers", "0"], "0 is not in the range 1<=x<=256"),
        (["preview", "audit.yaml", "--rows", "0"], "0 is not in the range x>=1"),
        (["run", "nowhere.yaml"], "AUD001 `nowhere.yaml` cannot be read: no such file or directory"),
        (["run", "data"], "AUD001 `data` is not a file"),
        (["explain", "AUD999"], "there is no code `AUD999`; near it: "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_command_line(arguments: list[str], told: str, world: Path, auditor: Command) -> None:
    said = auditor(*arguments)
    assert (said.status, said.out) == (2, "")
    assert told in said.err


def test_codes_are_explained_however_they_are_written(auditor: Command) -> None:
    for code in ("AUD104", "aud104", "104"):
        said = auditor("explain", code)
        assert said.out == f"AUD104  {EXPLANATIONS['AUD104']}\n"
    assert len(auditor("explain").out.splitlines()) == len(EXPLANATIONS)


def test_a_bug_of_ours_is_called_one(world: Path, auditor: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise ZeroDivisionError("our fault")

    monkeypatch.setattr("auditor.spec.materials.require", broken)
    monkeypatch.setenv("TMPDIR", str(world))
    monkeypatch.setattr("tempfile.tempdir", None)
    said = auditor("validate", "audit.yaml")
    assert said.status == 4 and "Traceback" not in said.err
    assert "this is a bug of auditor, not of yours: ZeroDivisionError: our fault" in said.err
    assert "our fault" in next(world.glob("auditor-bug-*.txt")).read_text()
