"""Load an audit spec: every fault of the document at once, each with its place and a way out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from auditor.codes import MORE_PROBLEMS
from auditor.digest import Digest, digest_bytes
from auditor.errors import DataError, Problem, SpecError
from auditor.spec.audit_spec import SPEC_VERSION, AuditSpec
from auditor.spec.fields import field_problems
from auditor.spec.positions import Positions, reading_order
from auditor.spec.references import reference_problems
from auditor.spec.source_text import decode, read_bytes
from auditor.spec.version import misspelt_version, version_problems
from auditor.spec.yaml_reader import Document, read_yaml

MOST_PROBLEMS = 50


@dataclass(frozen=True)
class LoadedSpec:
    """A valid document, and what it takes to speak about it.

    Attributes:
        spec: the audit.
        path: the file it was read from, as the user named it.
        text: the file's text.
        positions: where each key and value stands.
        digest: SHA-256 of the file's bytes.
    """

    spec: AuditSpec
    path: Path
    text: str
    positions: Positions
    digest: Digest


def load_spec(path: Path) -> LoadedSpec:
    """The audit spec in the file `path`.

    Raises:
        SpecError: with every problem found, sorted by position.
    """
    return parse_spec(read_bytes(path), path)


def parse_spec(data: bytes, path: Path) -> LoadedSpec:
    """The audit spec in `data`, which stands in messages as the file `path`.

    Raises:
        SpecError: with every problem found, sorted by position.
    """
    text = decode(data, str(path))
    document = read_yaml(text, str(path))
    problems = [*document.problems, *version_problems(document, text)]
    spec, untold = None, 0
    try:
        spec = AuditSpec.model_validate(readable(document))
    except ValidationError as error:
        told, untold = field_problems(error, document, MOST_PROBLEMS)
        problems += told
    if spec is not None and not problems:
        problems += reference_problems(spec, document.positions)
    if problems or spec is None:
        raise SpecError(first_problems(problems, untold), text=text)
    return LoadedSpec(spec, path, text, document.positions, digest_bytes(data))


def readable(document: Document) -> dict[str, Any]:
    """The document with this version; whatever is wrong with the version is told already."""
    misspelt = misspelt_version(document)
    return {**{key: value for key, value in document.value.items() if key != misspelt}, "version": SPEC_VERSION}


def first_problems(problems: Iterable[Problem], untold: int = 0) -> tuple[Problem, ...]:
    """The problems by position, at most 50 of them, and how many more there are."""
    ordered = sorted(problems, key=lambda problem: (*reading_order(problem.where), problem.code, problem.message))
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
    return SpecError(first_problems(problems), text=loaded.text)
