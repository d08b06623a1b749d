"""What the command line says about a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from auditor.execute import Reuse
from auditor.run.plan_file import FixedRun
from auditor.spec import LoadedSpec


@dataclass(frozen=True)
class Options:
    """What the command line says about a run.

    Attributes:
        out: folder of the run; None for the one beside the document.
        store: folder of computed units; None for the one beside the document, or what the environment names.
        workers: how many there may be; None for what suits the machine.
        allow_python: whether code of the document's author may run.
        locked: whether whatever differs from the document's lock is refused.
        limit: at most so many rows, the first of those that the document draws; None for all.
        fixed: the plan file that is run; whatever differs from it is refused.
        plan_file: where planning writes such a file.
        why: whether planning says for what reasons something runs.
        max_time: seconds after which no further micro-batch is begun; None for no end.
        began: since when they count, as `time.monotonic` does; None for since the run begins.
        reuse: what may answer for a unit: only itself, or also one of equal meaning from another numerics class.
        formats: of the report; None for those that the document names.
    """

    out: Path | None = None
    store: Path | None = None
    workers: int | None = None
    allow_python: bool = False
    locked: bool = False
    limit: int | None = None
    max_time: float | None = None
    began: float | None = None
    fixed: FixedRun | None = None
    plan_file: Path | None = None
    why: bool = False
    reuse: Reuse = "exact"
    formats: tuple[Literal["html", "pdf"], ...] | None = None


def formats_of(loaded: LoadedSpec, options: Options) -> tuple[Literal["html", "pdf"], ...]:
    """The formats of the report: those that are wanted here, else those that the document names."""
    return options.formats or loaded.spec.report.formats
