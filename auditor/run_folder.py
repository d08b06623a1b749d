"""The folder of a run: what stands in it, and whose it is."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from auditor.errors import ExecutionError, UsageError
from auditor.execute import write_whole
from auditor.spec import LoadedSpec

STORE_VARIABLE = "AUDITOR_STORE"


def default_folder(loaded: LoadedSpec) -> Path:
    """`audits/<id>/<revision>/` beside the document."""
    return loaded.path.resolve().parent / "audits" / loaded.spec.audit.id / loaded.spec.audit.revision


def default_store(loaded: LoadedSpec) -> Path:
    """What `AUDITOR_STORE` names, else `.auditor/store` beside the document."""
    named = os.environ.get(STORE_VARIABLE)
    return Path(named) if named else loaded.path.resolve().parent / ".auditor" / "store"


@dataclass(frozen=True)
class RunFolder:
    """The files of one run; see the README for what each is."""

    path: Path

    @property
    def result(self) -> Path:
        return self.path / "result.json"

    @property
    def units(self) -> Path:
        return self.path / "units.jsonl"

    @property
    def journal(self) -> Path:
        return self.path / "journal.jsonl"

    @property
    def html(self) -> Path:
        return self.path / "report.html"

    @property
    def pdf(self) -> Path:
        return self.path / "report.pdf"

    def refuse_other_audit(self, loaded: LoadedSpec) -> None:
        """Refuse a folder that holds another audit, or another revision of this one.

        Raises:
            UsageError: evidence of another audit would be overwritten.
        """
        if not self.result.exists():
            return
        try:
            held = json.loads(self.result.read_text(encoding="utf-8"))["audit"]
            name = f"{held['id']} {held['revision']}"
        except (OSError, ValueError, KeyError, TypeError):
            raise UsageError(f"{self.result} cannot be read; move it away, or name another folder with --out") from None
        if name != f"{loaded.spec.audit.id} {loaded.spec.audit.revision}":
            raise UsageError(
                f"{self.path} holds the audit {name}, and this document is {loaded.spec.audit.id} "
                f"{loaded.spec.audit.revision}; name another folder with --out"
            )

    def write(self, name: str, data: bytes) -> bool:
        """Write a file whole; False where it already holds these bytes."""
        path = self.path / name
        if path.exists() and path.read_bytes() == data:
            return False
        write_whole(path, data)
        return True


class OneWriter:
    """Holds a run folder while a run writes to it; a second run is refused at once."""

    def __init__(self, folder: Path) -> None:
        from filelock import FileLock

        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ExecutionError(
                f"the folder {folder} cannot be made: {error.strerror}; name another with --out"
            ) from None
        self._folder = folder
        self._lock = FileLock(folder / ".lock", timeout=0)

    def __enter__(self) -> OneWriter:
        from filelock import Timeout

        try:
            self._lock.acquire()
        except Timeout:
            raise UsageError(
                f"another run is writing to {self._folder}; wait for it, or name another folder with --out"
            ) from None
        except OSError as error:
            raise ExecutionError(f"{self._folder} cannot be written: {error.strerror}") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
