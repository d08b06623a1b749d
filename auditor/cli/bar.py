"""Progress as a bar on a terminal, with rate and time left."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from auditor.execute import duration


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
            TextColumn("{task.fields[then]}", style="dim"),
            console=Console(stderr=True),
        )
        self._progress.start()
        self._task = self._progress.add_task(what, total=total, then="")

    def advance(self, units: int) -> None:
        if self._progress is not None:
            self._progress.advance(self._task, units)

    def expect(self, seconds: float | None) -> None:
        if self._progress is not None and seconds is not None:
            self._progress.update(self._task, then=f"all in {duration(seconds)}")

    def end(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
