"""The document: what an author writes, read with positions and all errors at once."""

from __future__ import annotations

from auditor.codes import EXPLANATIONS
from auditor.spec.audit_spec import SPEC_VERSION, AuditSpec
from auditor.spec.load import LoadedSpec, at_positions, load_spec, parse_spec
from auditor.spec.origins import Origin, explained_text, field_path, origins
from auditor.spec.positions import Loc, Positions
from auditor.spec.render import problem_dicts, render_error, render_text
from auditor.spec.requirement import Requirement
from auditor.spec.resolve import Choice, choices, resolved_text
from auditor.spec.schema import schema_text, spec_schema

__all__ = [
    "EXPLANATIONS",
    "SPEC_VERSION",
    "AuditSpec",
    "Choice",
    "LoadedSpec",
    "Loc",
    "Origin",
    "Positions",
    "Requirement",
    "at_positions",
    "choices",
    "explained_text",
    "field_path",
    "load_spec",
    "origins",
    "parse_spec",
    "problem_dicts",
    "render_error",
    "render_text",
    "resolved_text",
    "schema_text",
    "spec_schema",
]
