"""Plans become answers: store, journal, kernels, workers."""

from __future__ import annotations

from auditor.execute.answers import StoredAnswers
from auditor.execute.executor import Executor
from auditor.execute.journal import Journal
from auditor.execute.kernels import Resources
from auditor.execute.numerics import Numerics, default_numerics, default_workers
from auditor.execute.progress import PlainProgress, Progress, Silent, duration
from auditor.execute.schedule import ScheduledTable, schedule
from auditor.execute.store import Store
from auditor.execute.whole_file import write_whole

__all__ = [
    "Executor",
    "Journal",
    "Numerics",
    "PlainProgress",
    "Progress",
    "Resources",
    "ScheduledTable",
    "Silent",
    "Store",
    "StoredAnswers",
    "default_numerics",
    "default_workers",
    "duration",
    "schedule",
    "write_whole",
]
