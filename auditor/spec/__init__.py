"""The document: what an author writes, read with positions and all errors at once."""

from __future__ import annotations

from auditor.spec.audit_spec import SPEC_VERSION, AuditSpec, Requirement
from auditor.spec.load import LoadedSpec, load_spec, parse_spec

__all__ = ["SPEC_VERSION", "AuditSpec", "LoadedSpec", "Requirement", "load_spec", "parse_spec"]
