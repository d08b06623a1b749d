"""Progress of looking at the pictures of a data set, shown where it takes long."""

from __future__ import annotations

import time
from collections.abc import Callable

from auditor.execute import Progress

QUICK = 2.0
"""Seconds within which nothing is said."""


def looking(progress: Progress, quick: float = QUICK) -> Callable[[int, int], None]:
    """What is called after each picture, with how many are done and how many there are."""
    start = time.monotonic()
    told = 0

    def looked(done: int, total: int) -> None:
        nonlocal told
        if not told:
            if done == total or time.monotonic() - start < quick:
                return
            progress.begin("look at pictures", total)
        progress.advance(done - told)
        told = done
        if done == total:
            progress.end()

    return looked
