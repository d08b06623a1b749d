"""A run from document to report. What the commands call."""

from __future__ import annotations

from auditor.run.conduct import run
from auditor.run.cost import MARGIN, megabytes
from auditor.run.folder import OneWriter, RunFolder, default_folder, default_store
from auditor.run.options import Options
from auditor.run.outcome import Outcome, exit_status
from auditor.run.planning import Planned, plan
from auditor.run.prepare import open_run
from auditor.run.reporting import read_result, report, write_report

__all__ = [
    "MARGIN",
    "OneWriter",
    "Options",
    "Outcome",
    "Planned",
    "RunFolder",
    "default_folder",
    "default_store",
    "exit_status",
    "megabytes",
    "open_run",
    "plan",
    "read_result",
    "report",
    "run",
    "write_report",
]
