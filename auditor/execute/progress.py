"""Progress of long work: what the executor tells, and whom."""

from __future__ import annotations

import sys
import time
from typing import Protocol, TextIO


class Progress(Protocol):
    """Is told how far an op has come."""

    def begin(self, what: str, total: int) -> None:
        """`total` units of `what` are about to be computed."""

    def advance(self, units: int) -> None:
        """So many more are done."""

    def end(self) -> None:
        """All are done, or the run stops."""

    def expect(self, seconds: float | None) -> None:
        """All that is still to compute, later ops included, will take about so long; None where nobody knows."""


class PlainProgress:
    """A line at the beginning, every 30 seconds and at the end; for logs."""

    def __init__(self, file: TextIO | None = None, every: float = 30.0) -> None:
        self._file, self._every = file or sys.stderr, every
        self._what, self._total, self._done = "", 0, 0
        self._start = self._last = self._first = time.monotonic()
        self._first_units = 0
        self._expected: float | None = None

    def begin(self, what: str, total: int) -> None:
        self._what, self._total, self._done = what, total, 0
        self._start = self._last = time.monotonic()
        self._print(f"{what}: {total} to do")

    def advance(self, units: int) -> None:
        now = time.monotonic()
        if self._done == 0:
            self._first, self._first_units = now, units
        self._done += units
        if now - self._last >= self._every and self._done < self._total:
            self._last = now
            self._print(f"{self._what}: {self._done} of {self._total}{self._rate(now)}")

    def _rate(self, now: float) -> str:
        """Rate and time left since the first batch: loading models says nothing about either."""
        counted = self._done - self._first_units
        if counted == 0:
            return ""
        rate = counted / (now - self._first)
        left = (self._total - self._done) / rate
        later = self._expected is not None and self._expected > 1.2 * left + 1
        more = f"; with what comes then {duration(self._expected or 0)} left" if later else ""
        return f", {rate:.1f} a second, {duration(left)} left{more}"

    def expect(self, seconds: float | None) -> None:
        self._expected = seconds

    def end(self) -> None:
        self._print(f"{self._what}: {self._done} of {self._total} in {duration(time.monotonic() - self._start)}")

    def _print(self, line: str) -> None:
        print(line, file=self._file, flush=True)


class Silent:
    """Nobody is told."""

    def begin(self, what: str, total: int) -> None: ...

    def advance(self, units: int) -> None: ...

    def end(self) -> None: ...

    def expect(self, seconds: float | None) -> None: ...


def duration(seconds: float) -> str:
    """Seconds as people say them.

    >>> duration(3.2), duration(75), duration(7300), duration(300_000)
    ('3 s', '1 min 15 s', '2 h 1 min', '3 days 11 h')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 48 * 3600:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86_400:,} days {whole % 86_400 // 3600} h"
