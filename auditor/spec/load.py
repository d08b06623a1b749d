"""Load an audit spec: every fault of the document at once, each with its place and a way out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from auditor.codes import MORE_PROBLEMS
from auditor.digest import Digest, digest_value
from auditor.errors import DataError, Position, Problem, SpecError
from auditor.spec.audit_spec import SPEC_VERSION, AuditSpec
from auditor.spec.checkpoints import model_problems, with_checkpoints
from auditor.spec.extends import Family, SpecFile, read_family
from auditor.spec.fields import field_problems
from auditor.spec.positions import Order, Positions, reading_order
from auditor.spec.rules.loose_references import loose_reference_problems
from auditor.spec.rules.references import reference_problems
from auditor.spec.seen_from_document import seen_from_document
from auditor.spec.source_text import read_bytes

MOST_PROBLEMS = 50


@dataclass(frozen=True)
class LoadedSpec:
    """A valid document, and what it takes to speak about it.

    Attributes:
        spec: the audit; what it names is seen from the folder of the document.
        path: the file it was read from, as the user named it.
        files: the document, and every file that it extends.
        positions: where each key and value stands.
        digest: SHA-256 of the file's bytes; where it extends others, of the names and digests of all.
    """

    spec: AuditSpec
    path: Path
    files: tuple[SpecFile, ...]
    positions: Positions
    digest: Digest

    @property
    def text(self) -> str:
        """The text of the document, without that of the files it extends."""
        return self.files[0].text

    @property
    def whole_text(self) -> str:
        """The text of every file; where there are several, each under a line with its name."""
        if len(self.files) == 1:
            return self.text
        return "\n".join(f"# {'=' * 8} {file.name} {'=' * 8}\n{file.text}" for file in self.files)


def load_spec(path: Path) -> LoadedSpec:
    """The audit spec in the file `path`.

    Raises:
        SpecError: with every problem found, sorted by position.
    """
    return parse_spec(read_bytes(path, str(path), Position(str(path), 1, 1)), path)


def parse_spec(data: bytes, path: Path) -> LoadedSpec:
    """The audit spec in `data`, which stands in messages as the file `path`; files that it extends are read.

    Raises:
        SpecError: with every problem found, sorted by position.
    """
    family = read_family(data, path)
    document, problems = family.document, list(family.problems)
    spec, untold, positions = None, 0, document.positions
    if family.whole:
        try:
            spec = AuditSpec.model_validate({**document.value, "version": SPEC_VERSION})
        except ValidationError as error:
            told, untold = field_problems(error, document, MOST_PROBLEMS)
            problems += (*told, *loose_reference_problems(document, told))
    if spec is not None and not problems:
        spec = seen_from_document(spec, document.positions, folders_of(family), path.resolve().parent)
        problems += model_problems(spec, positions)
        if not problems:
            spec, positions, faults = with_checkpoints(spec, positions, path.resolve().parent)
            problems += faults
        if not problems:
            problems += reference_problems(spec, positions)
    texts = {file.path: file.text for file in family.files}
    if problems or spec is None:
        raise SpecError(first_problems(problems, reading_order(texts), untold), texts=texts)
    return LoadedSpec(spec, path, family.files, positions, digest_of(family))


def folders_of(family: Family) -> Mapping[str, str]:
    """The folder of each file by its path in messages, seen from the folder of the document."""
    return {file.path: os.path.dirname(file.name) or "." for file in family.files}


def digest_of(family: Family) -> Digest:
    """What changes when any byte of the document, or of a file that it extends, does."""
    own, *others = family.files
    if not others:
        return own.digest
    return digest_value([own.digest, *sorted([file.name, file.digest] for file in others)])


def first_problems(problems: Iterable[Problem], order: Order, untold: int = 0) -> tuple[Problem, ...]:
    """The problems by position, at most 50 of them, and how many more there are."""
    distinct = dict.fromkeys(problems)
    ordered = sorted(distinct, key=lambda problem: (*order(problem.where), problem.code, problem.message))
    shown, rest = ordered[:MOST_PROBLEMS], len(ordered[MOST_PROBLEMS:]) + untold
    if rest == 0:
        return tuple(shown)
    message = f"{rest} more problem{'s are' if rest > 1 else ' is'} not shown"
    return (*shown, Problem(MORE_PROBLEMS, message, shown[-1].where, "correct those above first"))


def at_positions(loaded: LoadedSpec, errors: Iterable[DataError]) -> SpecError:
    """Faults of data and models, each at the place of the document that leads to it."""
    problems = [
        Problem(error.code, str(error), loaded.positions.of_value(error.loc), error.way_out, error.suggestion)
        for error in errors
    ]
    texts = {file.path: file.text for file in loaded.files}
    return SpecError(first_problems(problems, loaded.positions.order), texts=texts)
