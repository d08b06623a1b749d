"""What the command line says about a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Options:
    """What the command line says about a run."""

    out: Path | None = None
    store: Path | None = None
    workers: int | None = None
    allow_python: bool = False
    locked: bool = False
    formats: tuple[Literal["html", "pdf"], ...] | None = None
