"""Stopping: the first signal, or the end of the time allowed, lets the micro-batches at work finish; the second
signal stops at once."""

from __future__ import annotations

import signal
import sys
import threading
import time
from types import FrameType, TracebackType

from auditor.errors import Interrupted, TimeUp


class StopSignal:
    """While open, SIGINT and SIGTERM ask for a stop instead of raising; so does a deadline.

    Outside the main thread signals cannot be caught, and nothing is changed.
    """

    def __init__(self, deadline: float | None = None) -> None:
        """`deadline`: when the time is up, as `time.monotonic` counts; None for never."""
        self.asked = False
        self._deadline = deadline
        self._before: dict[int, object] = {}

    def __call__(self) -> bool:
        """Whether no further micro-batch is to be begun."""
        return self.asked or (self._deadline is not None and time.monotonic() >= self._deadline)

    def raise_if_asked(self, unfinished: bool) -> None:
        """Raise what a stop means: for a signal always, for a deadline where work is `unfinished`.

        Raises:
            Interrupted: a signal asked for it.
            TimeUp: the time is up.
        """
        if self.asked:
            raise Interrupted("stopped; what was finished is kept")
        if unfinished and self():
            raise TimeUp("the time that was allowed is up; what was finished is kept")

    def __enter__(self) -> StopSignal:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        print("stopping when the pictures at work are finished; once more stops at once", file=sys.stderr, flush=True)
