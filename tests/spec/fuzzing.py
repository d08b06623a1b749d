"""Spoilt documents given to the reader, and what is counted about its answers."""

from __future__ import annotations

import re
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from hypothesis import HealthCheck, given, seed, settings

from auditor.errors import Position, SpecError
from auditor.spec import LoadedSpec, load_spec, parse_spec, render_error, resolved_text
from tests.spec.mutations import families

SEED = 20_240_311
"""The seed of all spoilt documents."""

LONGEST = 2.0
"""Seconds of one processor after which an answer counts as a hang."""

PATIENCE = 60.0
"""Seconds after which an answer is no longer waited for."""

LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass
class Figures:
    """What came of many documents."""

    documents: int = 0
    refused: int = 0
    problems: int = 0
    placed: int = 0
    hangs: int = 0
    slowest: float = 0.0
    tracebacks: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)


def fuzz(documents: int) -> Figures:
    """The figures of so many spoilt documents."""
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder:

        @seed(SEED)
        @settings(max_examples=documents, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(family=families())
        def every_answer(family: Mapping[str, bytes]) -> None:
            answer(Path(folder), family, figures)

        every_answer()
    return figures


def answer(folder: Path, family: Mapping[str, bytes], figures: Figures) -> None:
    """Reads one family of files, and counts; whatever is no refusal with places is counted against the reader."""
    for name in ("audit.yaml", "base.yaml"):
        (folder / name).write_bytes(family.get(name, b"version: 1\n"))
    figures.documents += 1
    start = time.process_time()
    try:
        loaded: LoadedSpec | SpecError = answered_in_time(folder / "audit.yaml")
    except Exception as error:
        figures.tracebacks[f"{type(error).__name__}: {error}"] += 1
        return
    spent = time.process_time() - start
    figures.slowest = max(figures.slowest, spent)
    figures.hangs += spent > LONGEST
    if isinstance(loaded, LoadedSpec):
        again = parse_spec(resolved_text(loaded.spec).encode(), loaded.path)
        assert again.spec == loaded.spec
        return
    figures.refused += 1
    assert 0 < len(loaded.problems) <= 51
    told = render_error(loaded)
    assert told.replace("\n", "").isprintable()
    for problem in loaded.problems:
        figures.problems += 1
        figures.codes[problem.code] += 1
        figures.placed += problem.where is not None and inside(problem.where, family)
        assert problem.message and problem.way_out and not problem.message.endswith(".")
        assert "Error" not in problem.message and "<class" not in problem.message


def answered_in_time(path: Path) -> LoadedSpec | SpecError:
    """The answer to the document at `path`, or TimeoutError."""

    def stop(signum: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"no answer in {PATIENCE} s")

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        return load_spec(path)
    except SpecError as error:
        return error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def inside(where: Position, family: Mapping[str, bytes]) -> bool:
    """Whether a position names a file of the family, and a line and column that it has."""
    name = Path(where.path).name
    if name not in ("audit.yaml", "base.yaml"):
        return False
    text = family.get(name, b"version: 1\n").removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    lines = LINE_END.split(text)
    return 1 <= where.line <= len(lines) and 1 <= where.column <= len(lines[where.line - 1]) + 1
