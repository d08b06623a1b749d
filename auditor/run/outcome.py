"""What a run came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from auditor.errors import Exit
from auditor.results.audit_result import AuditResult
from auditor.run.folder import RunFolder


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        folder: where everything was written.
        result: the result.
        status: the exit status.
        ran: units computed, by op.
        files: files written or found current, by what they are.
        unwritten: report formats that could not be made, with the reason.
        current: whether everything was found as an earlier run left it, so that nothing was done.
        reused: units that another numerics class made.
    """

    folder: RunFolder
    result: AuditResult
    status: Exit
    ran: Mapping[str, int]
    files: Mapping[str, Path]
    unwritten: Mapping[str, str] = field(default_factory=dict)
    current: bool = False
    reused: int = 0


def exit_status(result: AuditResult) -> Exit:
    """1 where a requirement failed, 7 where none failed but not all is decided, else 0."""
    return {"pass": Exit.PASS, "fail": Exit.FAIL, "inconclusive": Exit.INCONCLUSIVE}[result.outcome]
