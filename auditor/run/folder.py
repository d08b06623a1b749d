"""The folder of a run: what stands in it, and whose it is."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import yaml

from auditor.digest import Digest, digest_file
from auditor.errors import ExecutionError, UsageError
from auditor.execute import clear_unfinished, write_whole
from auditor.spec import LoadedSpec

STORE_VARIABLE = "AUDITOR_STORE"


def default_folder(loaded: LoadedSpec, limit: int | None = None) -> Path:
    """`audits/<id>/<revision>/` beside the document; `<revision>-limit-N` for a run of its first N rows."""
    name = loaded.spec.audit.revision + (f"-limit-{limit}" if limit else "")
    return loaded.path.resolve().parent / "audits" / loaded.spec.audit.id / name


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
    def resolved(self) -> Path:
        return self.path / "resolved.yaml"

    @property
    def units(self) -> Path:
        return self.path / "units.jsonl"

    @property
    def plan(self) -> Path:
        return self.path / "plan.json"

    @property
    def record(self) -> Path:
        return self.path / "run.json"

    @property
    def journal(self) -> Path:
        return self.path / "journal.jsonl"

    @property
    def html(self) -> Path:
        return self.path / "report.html"

    @property
    def pdf(self) -> Path:
        return self.path / "report.pdf"

    def refuse_other_audit(self, loaded: LoadedSpec, limit: int | None) -> None:
        """Refuse a folder that holds another audit, another revision or other rows of this one, or anything else.

        Raises:
            UsageError: files of another audit, or of the user, would be overwritten.
        """
        name = self._held_audit()
        if name and name != f"{loaded.spec.audit.id} {loaded.spec.audit.revision}":
            raise UsageError(
                f"{self.path} holds the audit {name}, and this document is {loaded.spec.audit.id} "
                f"{loaded.spec.audit.revision}; name another folder with --out"
            )
        held = self._held_limit() if name else limit
        if held != limit:
            raise UsageError(
                f"{self.path} holds a run of {_rows(held)}, and this is one of {_rows(limit)}; they are never mixed: "
                "name another folder with --out"
            )

    def _held_limit(self) -> int | None:
        """How many rows the run in this folder was limited to; None for all."""
        try:
            found = json.loads(self.plan.read_bytes()).get("limit")
        except (OSError, ValueError, AttributeError):
            return None
        return found if isinstance(found, int) else None

    def _held_audit(self) -> str:
        """Id and revision of the audit whose folder this is; empty where it is new."""
        for file in (self.result, self.resolved):
            if not file.exists():
                continue
            try:
                # JSON is YAML, but is read many times faster as what it is.
                text = file.read_text(encoding="utf-8")
                held = (json.loads(text) if file == self.result else yaml.safe_load(text))["audit"]
                return f"{held['id']} {held['revision']}"
            except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
                raise UsageError(f"{file} cannot be read; move it away, or name another folder with --out") from None
        if self.path.is_dir() and not self.journal.exists():
            other = next((entry.name for entry in self.path.iterdir() if not entry.name.startswith(".")), "")
            if other:
                raise UsageError(
                    f"{self.path} is no folder of a run and holds other files, such as {other}; "
                    "name a new folder with --out"
                )
        return ""

    def holds(self, name: str, digest: Digest | None) -> bool:
        """Whether a file is there and has this digest."""
        try:
            return digest_file(self.path / name) == digest
        except OSError:
            return False

    def write(self, name: str, data: bytes) -> bool:
        """Write a file whole; False where it already holds these bytes."""
        path = self.path / name
        if path.exists() and path.read_bytes() == data:
            return False
        write_whole(path, data)
        return True


def _rows(limit: int | None) -> str:
    return "all rows" if limit is None else f"the first {limit} rows"


class OneWriter:
    """Holds a run folder while a run writes to it; a second run is refused at once."""

    def __init__(self, folder: Path) -> None:
        from filelock import FileLock

        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ExecutionError(
                f"the folder {folder} cannot be made: {str(error.strerror).lower()}; name another with --out"
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
            raise ExecutionError(
                f"the folder {self._folder} cannot be written: {str(error.strerror).lower()}; name another with --out"
            ) from None
        for folder in (self._folder, self._folder / "images", self._folder / "extended"):
            clear_unfinished(folder)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
