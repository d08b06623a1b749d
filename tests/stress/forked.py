"""Runs of an audit in children that this process forks: libraries are imported once, so that a run costs seconds."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

PATIENCE = 300.0
"""Seconds after which a run that does not end is a failure."""

VERDICTS = (0, 1, 7)


def run_audit(document: Path, place: Path) -> int:
    """Run the audit in this process, with folder and store below `place`; its exit status."""
    from auditor.errors import AuditError
    from auditor.execute import Silent
    from auditor.run import Options, run
    from auditor.spec import load_spec

    try:
        options = Options(out=place / "out", store=place / "store", workers=1)
        return int(run(load_spec(document), options, Silent()).status)
    except AuditError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return int(error.exit_status)


def forked(work: Callable[[], int]) -> int:
    """A child that does the work and ends with its status; the child's process id."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    status = 4
    try:
        status = work()
    except BaseException as error:
        traceback.print_exception(error)
    finally:
        sys.stderr.flush()
        os._exit(status)


def kill(child: int) -> bool:
    """`kill -9`; whether the child was still at work."""
    os.kill(child, signal.SIGKILL)  # Not yet waited for, so the number is still the child's.
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def ended(child: int) -> int:
    """The exit status of a child; that of a child which does not end is -1."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    kill(child)
    return -1
