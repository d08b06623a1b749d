"""Plans become answers: store, journal, kernels, workers."""

from __future__ import annotations

from auditor.execute.answers import StoredAnswers
from auditor.execute.backoff import earlier_backoffs
from auditor.execute.executor import Executor
from auditor.execute.groups import answered_beside
from auditor.execute.journal import Journal
from auditor.execute.kernels import Resources
from auditor.execute.measure import NONE_BESIDE, measure, staffing
from auditor.execute.micro_batches import slots_taken
from auditor.execute.numerics import DIFFUSING, Numerics
from auditor.execute.op_class import OpClass
from auditor.execute.progress import PlainProgress, Progress, Silent, duration
from auditor.execute.resolve_numerics import default_numerics, default_workers, numerics_of
from auditor.execute.reuse import Reuse
from auditor.execute.schedule import ScheduledTable, schedule
from auditor.execute.staff import workers_worth
from auditor.execute.stopwatch import OpTime, Stopwatch, on_disk
from auditor.execute.storage.store import Store
from auditor.execute.storage.whole_file import clear_unfinished, write_whole
from auditor.execute.timing import Timing, Timings
from auditor.execute.verdicts import Verdict

__all__ = [
    "DIFFUSING",
    "NONE_BESIDE",
    "Executor",
    "Journal",
    "Numerics",
    "OpClass",
    "OpTime",
    "PlainProgress",
    "Progress",
    "Resources",
    "Reuse",
    "ScheduledTable",
    "Silent",
    "Stopwatch",
    "Store",
    "StoredAnswers",
    "Timing",
    "Timings",
    "Verdict",
    "answered_beside",
    "clear_unfinished",
    "default_numerics",
    "default_workers",
    "duration",
    "earlier_backoffs",
    "measure",
    "numerics_of",
    "on_disk",
    "schedule",
    "slots_taken",
    "staffing",
    "workers_worth",
    "write_whole",
]
