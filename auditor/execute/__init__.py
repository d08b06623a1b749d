"""Plans become answers: store, journal, kernels, workers."""

from __future__ import annotations

from auditor.execute.answers import StoredAnswers
from auditor.execute.executor import Executor, workers_worth
from auditor.execute.journal import Journal
from auditor.execute.kernels import Resources
from auditor.execute.numerics import Numerics
from auditor.execute.progress import PlainProgress, Progress, Silent, duration
from auditor.execute.resolve_numerics import default_numerics, default_workers, numerics_of
from auditor.execute.schedule import ScheduledTable, schedule
from auditor.execute.stopwatch import OpTime, Stopwatch
from auditor.execute.store import Store
from auditor.execute.whole_file import write_whole

__all__ = [
    "Executor",
    "Journal",
    "Numerics",
    "OpTime",
    "PlainProgress",
    "Progress",
    "Resources",
    "ScheduledTable",
    "Silent",
    "Stopwatch",
    "Store",
    "StoredAnswers",
    "default_numerics",
    "default_workers",
    "duration",
    "numerics_of",
    "schedule",
    "workers_worth",
    "write_whole",
]
