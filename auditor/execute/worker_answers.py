"""What workers in processes of their own answer, and what is said of one that died."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from auditor.digest import Digest
from auditor.errors import AuditError, ExecutionError, InternalError
from auditor.execute.out_of_memory import OutOfMemory
from auditor.execute.task import Findings, Packed
from auditor.models import ModelFault


@dataclass(frozen=True)
class Failure:
    """What a worker says of jobs it did not finish.

    Attributes:
        kind: the name of the error's class.
        message: the error in words.
        jobs: how many jobs this answers.
        model: digest of the model that failed, and `code` of its fault; empty where none did.
    """

    kind: str
    message: str
    jobs: int
    model: Digest = ""
    code: str = ""

    def error(self) -> AuditError:
        """The error as the driver raises it."""
        if self.model:
            return ModelFault(self.message, self.model, self.code)
        kinds = {kind.__name__: kind for kind in (OutOfMemory, InternalError)}
        return kinds.get(self.kind, ExecutionError)(self.message)


CRASHES = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL})
"""Signals that a process brings upon itself."""


class WorkerDied(ExecutionError):
    """A worker ended in the middle of its work.

    >>> print(WorkerDied(-9, 4))
    a worker was killed by SIGKILL, as the system does where memory is short: run the same command again, with \
--workers 1 if it is
    >>> print(WorkerDied(7, 1))
    a worker ended with status 7, which code of a model or of a library told it to
    >>> print(WorkerDied(-11, 1))
    a worker crashed (SIGSEGV), in code of a model or of a library
    """

    def __init__(self, status: int, workers: int) -> None:
        """`status`: as the system gives it, negative for the number of a signal; `workers`: how many there were."""
        self.status, self.ending = status, str(status)
        if status < 0:
            self.ending = signal.Signals(-status).name if -status in set(signal.Signals) else f"signal {-status}"
        if status >= 0:
            self.how = f"ended with status {status}, which code of a model or of a library told it to"
        elif self.crashed:
            self.how = f"crashed ({self.ending}), in code of a model or of a library"
        else:
            self.how = f"was killed by {self.ending}"
        if status == -signal.SIGKILL:
            again = "with --workers 1 if it is" if workers > 1 else "where there is more if it is"
            self.how += f", as the system does where memory is short: run the same command again, {again}"
        super().__init__(f"a worker {self.how}")

    @property
    def crashed(self) -> bool:
        """Whether a signal ended it that it brought upon itself."""
        return -self.status in CRASHES


@dataclass(frozen=True)
class NotBegun:
    """What a worker says of so many `jobs` that it had pulled and did not begin, since the run is to stop."""

    jobs: int


Answer = Packed | Findings | Failure | NotBegun
