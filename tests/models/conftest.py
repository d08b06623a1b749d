"""Catching a fault of data and looking at all of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auditor.errors import DataError


class Fault:
    """The one DataError raised in a block, and what it says."""

    def __init__(self, call: Callable[[], object]) -> None:
        with pytest.raises(DataError) as caught:
            call()
        self.error = caught.value
        self.code, self.loc, self.suggestion = self.error.code, self.error.loc, self.error.suggestion
        self.message, self.way_out = str(self.error), self.error.way_out
        # Whatever is wrong: what it is, a way out of it, and no slot that was left unfilled.
        assert self.message and self.way_out and "{" not in self.message + self.way_out


@pytest.fixture
def fault() -> Callable[[Callable[[], object]], Fault]:
    return Fault
