"""Every error that auditor raises on purpose, and the exit status of each.

AuditError
├── SpecError         the document is wrong            exit 2   carries problems with file:line:column
├── UsageError        the command line is wrong        exit 2
│   └── Drift         something fixed is otherwise now exit 2   says what, was, is
├── CompileError      valid, but there is no plan      exit 2   says the analysis or check
├── DataError         a picture, table or model folder exit 2   says the file
├── ExecutionError    an op failed; work is kept       exit 3   says the op
│   └── TimeUp        the time allowed has passed      exit 3
├── NothingSelected   the selection is empty           exit 5
├── VerificationError evidence does not hold           exit 6
└── InternalError     our bug; please report it        exit 4
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum


class Exit(IntEnum):
    """The exit statuses of every command."""

    PASS = 0
    FAIL = 1
    BAD_INPUT = 2
    INCOMPLETE = 3
    INTERNAL = 4
    NOTHING_SELECTED = 5
    NOT_VERIFIED = 6
    INCONCLUSIVE = 7
    INTERRUPTED = 130


@dataclass(frozen=True)
class Position:
    """A place in a file: line and column count from 1, `length` in characters."""

    path: str
    line: int
    column: int
    length: int = 1


@dataclass(frozen=True)
class Problem:
    """One fault of a document or of the files it names.

    `code` is stable (`AUD104`), `message` one sentence without a full stop at the end,
    `way_out` what to do about it, `where` the place in the document that leads to it,
    `suggestion` the name that was probably meant.
    """

    code: str
    message: str
    where: Position | None = None
    way_out: str = ""
    suggestion: str = ""


class AuditError(Exception):
    """Base of all errors raised on purpose."""

    exit_status: Exit = Exit.BAD_INPUT


class SpecError(AuditError):
    """The document, or something it names, is wrong; carries every problem found.

    `texts` holds the files as far as they could be read, by the paths that positions name, from
    which problems are shown in place.
    """

    def __init__(self, problems: tuple[Problem, ...], *, texts: Mapping[str, str] | None = None) -> None:
        super().__init__("\n".join(problem.message for problem in problems))
        self.problems = problems
        self.texts = dict(texts or {})


class UsageError(AuditError):
    """The command line asks for something that cannot be done."""


@dataclass(frozen=True)
class Difference:
    """One thing that a lock or a plan file fixes and that is otherwise now.

    `what` in words; `fixed` and `found` are its values, `nothing` where there is none.
    """

    what: str
    fixed: str
    found: str


class Drift(UsageError):
    """What a lock or a plan file fixes is otherwise now; nothing was computed.

    The message has a line for each difference, and `differences` holds them for machines.
    """

    def __init__(self, message: str, differences: tuple[Difference, ...], verb: str, way_out: str) -> None:
        lines = [f"  {one.what}: {verb} {one.fixed}, found {one.found}" for one in differences]
        super().__init__("\n".join([message, *lines, f"way out: {way_out}"]))
        self.differences = differences


class CompileError(AuditError):
    """The document is valid, but no plan can answer it."""


class DataError(AuditError):
    """A picture, table or model folder cannot be used; says which file.

    `code` and `loc` (a path into the document, such as `("dataset", "source")`) let the
    document's room turn it into a `Problem` with a position; `way_out` and `suggestion` as there.
    """

    def __init__(
        self, message: str, *, code: str, loc: tuple[str | int, ...] = (), way_out: str = "", suggestion: str = ""
    ) -> None:
        super().__init__(message)
        self.code, self.loc, self.way_out, self.suggestion = code, loc, way_out, suggestion


class ExecutionError(AuditError):
    """An op failed while running; whatever had finished is kept."""

    exit_status = Exit.INCOMPLETE


class TimeUp(ExecutionError):
    """The time that the user allowed has passed; whatever had finished is kept."""


class Interrupted(AuditError):
    """The user asked to stop; whatever had finished is kept."""

    exit_status = Exit.INTERRUPTED


class NothingSelected(AuditError):
    """The selection leaves nothing to do, which is never a success."""

    exit_status = Exit.NOTHING_SELECTED


class VerificationError(AuditError):
    """Evidence does not hold."""

    exit_status = Exit.NOT_VERIFIED


class InternalError(AuditError):
    """A bug of ours."""

    exit_status = Exit.INTERNAL
