"""Load an audit spec: every fault of the document at once, each with its place and a way out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from auditor.codes import MORE_PROBLEMS
from auditor.digest import Digest, digest_bytes
from auditor.errors import DataError, Position, Problem, SpecError
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.positions import Positions
from auditor.spec.source_text import decode, read_bytes
from auditor.spec.yaml_reader import read_yaml

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
    try:
        spec = AuditSpec.model_validate(document.value)
    except ValidationError as error:
        problems = tuple(Problem("AUD114", e["msg"], document.positions.of_value(e["loc"])) for e in error.errors())
        raise SpecError(problems, text=text) from None
    return LoadedSpec(spec, path, text, document.positions, digest_bytes(data))
