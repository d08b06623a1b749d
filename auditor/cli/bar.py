"""Progress as a bar on a terminal, with rate and time left."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "starting", style="dim")


class BarProgress:
    """One bar for each op."""

    def __init__(self) -> None:
        self._progress: Progress | None = None

    def begin(self, what: str, total: int) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<26}", markup=False),  # It holds names of the author.
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._progress.start()
        self._task = self._progress.add_task(what, total=total)

    def advance(self, units: int) -> None:
        if self._progress is not None:
            self._progress.advance(self._task, units)

    def end(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
