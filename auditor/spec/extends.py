"""Documents that extend others: every file read, bounded together, and written over one another.

`extends: base.yaml` reads that file first and writes the document over it; a list is read in
order, each file over those before. Whatever a file names is seen from the folder of that file.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from auditor.codes import EXTENDS_CYCLE, EXTENDS_TOO_MUCH, FOLDER_MISSING, REPEATED_ENTRY, SOURCE_OUTSIDE
from auditor.digest import Digest, digest_bytes
from auditor.errors import DataError, Position, Problem, SpecError
from auditor.source import inside, neighbour
from auditor.spec.audit_spec import SPEC_VERSION, Extending
from auditor.spec.fields import field_problems
from auditor.spec.positions import Loc
from auditor.spec.source_text import decode, read_bytes
from auditor.spec.version import misspelt_version, version_problems
from auditor.spec.wording import quoted
from auditor.spec.written_over import written_over
from auditor.spec.yaml_reader import Document, read_yaml

MOST_LEVELS: Final = 5
MOST_FILES: Final = 16


@dataclass(frozen=True)
class SpecFile:
    """One file of a document.

    Attributes:
        path: as messages name it: the path the user gave, or one built on that.
        name: its path as seen from the folder of the document; the document's own name for itself.
        text: what stands in it.
        digest: SHA-256 of its bytes.
    """

    path: str
    name: str
    text: str
    digest: Digest


@dataclass(frozen=True)
class Family:
    """A document with all that it extends.

    Attributes:
        document: everything written over one another, without `extends`.
        files: every file once, in the order of reading; the document first.
        problems: faults found while reading.
        whole: whether every file could be read, so that what is missing is really missing.
    """

    document: Document
    files: tuple[SpecFile, ...]
    problems: tuple[Problem, ...]
    whole: bool


def read_family(data: bytes, path: Path) -> Family:
    """The document in `data`, which stands in messages as the file `path`, and all that it extends.

    Raises:
        SpecError: the document itself cannot be read as YAML of this version.
    """
    reading = _Reading(path)
    document = reading.read(data, str(path), path.resolve(), ())
    return Family(document, tuple(reading.files.values()), tuple(reading.problems), reading.whole)


class _Reading:
    """What has been read so far; every limit counts over all files together."""

    def __init__(self, path: Path) -> None:
        self.home = path.resolve().parent
        self.files: dict[str, SpecFile] = {}
        self.problems: list[Problem] = []
        self.whole = True
        self.bytes = self.nodes = self.bases = 0

    def read(self, data: bytes, shown: str, real: Path, below: tuple[Path, ...]) -> Document:
        """One file written over those it extends; `below` are the files that led to it."""
        text = decode(data, shown, self.bytes)
        self.bytes += len(data)
        name = os.path.relpath(real, self.home)
        self.files[shown] = SpecFile(shown, Path(name).as_posix(), text, digest_bytes(data))
        document = read_yaml(text, shown, self.nodes)
        self.nodes += document.nodes
        self.problems += [*document.problems, *version_problems(document, text)]
        merged: Document | None = None
        for loc, base in self.bases_of(document):
            where = document.positions.of_value(loc)
            found = self.open(base, where, real, (*below, real))
            if found is not None:
                merged = found if merged is None else written_over(merged, found)
        left = {"extends", misspelt_version(document)}
        own = Document(
            {key: value for key, value in document.value.items() if key not in left},
            document.positions,
            (),
            document.doubtful,
        )
        return own if merged is None else written_over(merged, own)

    def bases_of(self, document: Document) -> list[tuple[Loc, str]]:
        """The files that a document extends, each with its place."""
        value: Any = document.value.get("extends")
        if value is None:
            self.whole &= ("extends",) not in document.doubtful
            return []
        try:
            Extending.model_validate({"version": SPEC_VERSION, "extends": value})
        except ValidationError as error:
            told, _ = field_problems(error, document, MOST_FILES)
            self.problems += told
            self.whole = False
            return []
        if isinstance(value, str):
            return [(("extends",), value)]
        first: dict[str, int] = {}
        for index, name in enumerate(value):
            if first.setdefault(name, index) != index:
                where = document.positions.of_value(("extends", index))
                message = f"{quoted(name)} stands twice in `extends`"
                self.problems.append(Problem(REPEATED_ENTRY, message, where, "delete one of the two"))
        return [(("extends", index), name) for name, index in first.items()]

    def open(self, name: str, where: Position, real: Path, below: tuple[Path, ...]) -> Document | None:
        """The file `name` that the file `real` extends at `where`; None where it cannot be had, which is told."""
        try:
            found = self.locate(name, where, real, below)
            shown = _shown(name, where.path, real.parent)
            return self.read(read_bytes(found, shown, where), shown, found, below)
        except SpecError as error:
            for path, text in error.texts.items():
                self.files.setdefault(path, SpecFile(path, path, text, ""))
            self.problems += error.problems
            self.whole = False
            return None

    def locate(self, name: str, where: Position, real: Path, below: tuple[Path, ...]) -> Path:
        """The file that `name` means, seen from the file `real`; SpecError where it may not be extended."""
        self.bases += 1
        if self.bases > MOST_FILES + 1:
            raise SpecError(())
        if self.bases > MOST_FILES:
            message = f"more than {MOST_FILES} files are extended, each counted as often as it is named"
            raise _refused(EXTENDS_TOO_MUCH, message, where, "write some of them together in one file")
        if len(below) > MOST_LEVELS:
            message = f"files extend one another more than {MOST_LEVELS} deep"
            raise _refused(EXTENDS_TOO_MUCH, message, where, "extend fewer files, or name them in one list")
        if "://" in name:
            message = f"{quoted(name)} is an address, and nothing is downloaded"
            raise _refused(SOURCE_OUTSIDE, message, where, "copy the file beside the document and name it there")
        try:
            found = inside(name, real.parent, ("extends",))
        except DataError as error:
            raise _refused(error.code, str(error), where, error.way_out) from None
        if found in below:
            chain = f" by way of {quoted(below[-1].name)}" if found != below[-1] else ""
            message = f"{quoted(found.name)} extends itself{chain}"
            raise _refused(EXTENDS_CYCLE, message, where, "delete this line, or name another file")
        if not os.path.lexists(found):
            if os.path.islink(real.parent / name):
                message = f"{quoted(name)} is a link, and there is nothing at its end"
                raise _refused(FOLDER_MISSING, message, where, "name the file itself, or mend the link")
            message = f"there is no file {quoted(name)}, seen from the folder of {quoted(real.name)}"
            near = neighbour(name, real.parent)
            near = "" if (real.parent / near) in below else near
            raise _refused(FOLDER_MISSING, message, where, "correct the path, or put the file there", near)
        return found


def _refused(code: str, message: str, where: Position, way_out: str, suggestion: str = "") -> SpecError:
    return SpecError((Problem(code, message, where, way_out, suggestion),))


def _shown(name: str, extending: str, folder: Path) -> str:
    """How messages call the file `name` that the file `extending`, which is in `folder`, extends."""
    joined = os.path.join(os.path.dirname(extending), name)
    short = os.path.normpath(joined)
    seen = os.path.normpath(os.path.join(folder, name))
    return short if os.path.realpath(seen) == os.path.realpath(folder / name) else joined
