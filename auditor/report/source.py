"""What a report is built from: the result, the run folder, and the digest that names the result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from auditor.digest import Digest, digest_bytes, digest_value
from auditor.results.audit_result import AuditResult, Finding

RESULT_FILE = "result.json"
CANONICAL = "the result in canonical JSON"


@dataclass(frozen=True)
class Source:
    """The input of every section."""

    result: AuditResult
    folder: Path
    digest: Digest
    digest_of: str
    """What `digest` is the SHA-256 of: `result.json`, or the result in canonical JSON."""

    @property
    def about_properties(self) -> bool:
        """Whether the audit has gradual interventions."""
        result = self.result
        return bool(result.sweep_samples or result.sweeps) or any(is_property(one) for one in result.findings)

    @property
    def about_concepts(self) -> bool:
        """Whether it speaks of concepts, as every audit does that has no gradual interventions."""
        result = self.result
        concepts = any(not is_property(one) for one in result.findings)
        return not self.about_properties or concepts or bool(result.pairs or result.reach or result.performance)


def is_property(finding: Finding) -> bool:
    """Whether a finding is about a gradual intervention on a property."""
    return finding.subject.kind == "property"


def source_of(result: AuditResult, folder: Path) -> Source:
    """The source; names the file's digest where the folder's `result.json` holds this very result.

    A reader can check a file's digest with any tool. Where the folder has no such file, or it
    holds another result, the digest is that of the result's canonical JSON.
    """
    file = folder / RESULT_FILE
    if file.is_file():
        data = file.read_bytes()
        if _same(result, data):
            return Source(result, folder, digest_bytes(data), RESULT_FILE)
    return Source(result, folder, digest_value(result.model_dump(mode="json")), CANONICAL)


def _same(result: AuditResult, data: bytes) -> bool:
    try:
        return AuditResult.model_validate_json(data) == result
    except ValueError:
        return False
