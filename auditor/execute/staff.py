"""The staff: how many workers an op is worth, and which ones stand ready."""

from __future__ import annotations

from pathlib import Path

from auditor.execute.groups import Group
from auditor.execute.kernels import Resources
from auditor.execute.numerics import Numerics
from auditor.execute.worker_processes import Processes
from auditor.execute.workers import InProcess, Workers

WORTH_A_PROCESS = 64
"""Below so many units for each worker, starting processes takes longer than they save."""


def workers_worth(units: int, most: int, share: int = WORTH_A_PROCESS) -> int:
    """How many workers so many units are worth: at most `most`, each with `share` units or more.

    >>> workers_worth(12, 8), workers_worth(200, 8), workers_worth(2_800, 8)
    (1, 3, 8)
    """
    return min(most, max(1, units // share))


class Staff:
    """The workers of one executor. They are started when work comes that is worth them, and stay.

    One worker is this process, unless a function of an author's is among the models: that may end or crash the process
    it is called in, and somebody must be left to say so and to keep what was finished.
    """

    def __init__(self, resources: Resources, store: Path, most: int, share: int) -> None:
        """At most `most` workers, each of them for `share` units or more."""
        self._resources, self._store, self._most, self._share = resources, store, most, share
        self._apart = any(model.adapter == "python" for model in resources.models.values())
        self.ready: Workers | None = None
        """The workers that stand ready."""

    def workers_for(self, group: Group, numerics: Numerics) -> Workers:
        """As many workers as a group is worth, or more; they compute under `numerics` if they are started for it."""
        count = workers_worth(group.entries, self._most, self._share)
        if self.ready is not None and self.ready.count < count:
            self.let_go()  # An op of few units came first; this one is worth more workers.
        if self.ready is None:
            given = (self._resources, numerics, self._store)
            self.ready = Processes(count, *given) if count > 1 or self._apart else InProcess(*given)
        return self.ready

    def let_go(self, at_once: bool = False) -> None:
        """Let workers go: when they have finished what they are at, or at once."""
        workers, self.ready = self.ready, None
        if workers is not None:
            workers.close(at_once)
