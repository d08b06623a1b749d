"""The JSON Schema of the document, in the draft that editors read.

Pydantic writes draft 2020-12 with OpenAPI's `discriminator`; yaml-language-server reads draft
07 and knows no discriminator. A union becomes `if/then` per kind, so that an editor complains
about the keys of the kind that was chosen and not about every kind there is.
"""

from __future__ import annotations

import json
from typing import Any

from auditor.descriptions import described_schema
from auditor.spec.audit_spec import SPEC_VERSION, AuditSpec
from auditor.spec.places import TAG_FIELDS

DRAFT = "http://json-schema.org/draft-07/schema#"
IDENTITY = f"urn:auditor:schema:audit-spec:v{SPEC_VERSION}"

BEYOND_SCHEMA = (
    "a whole number with a decimal point, such as `2.0`, is a whole number to JSON Schema and none to auditor",
    "a pattern's end matches before a last line end in some languages, and never in auditor",
    "rules between parts, such as names that must be declared (codes AUD2xx)",
)
"""What an editor accepts and `auditor validate` refuses."""


def spec_schema() -> dict[str, Any]:
    """The JSON Schema (draft 07) of version 1 of the document."""
    schema = described_schema(AuditSpec)
    definitions = {name: converted(node) for name, node in sorted(schema.pop("$defs").items())}
    body = converted(schema)
    title, description = body.pop("title"), body.pop("description")
    head = {"$schema": DRAFT, "$id": IDENTITY, "title": title, "description": description}
    return {**head, **body, "definitions": definitions}


def schema_text() -> str:
    """The schema as it stands in `schemas/audit-spec.v1.json`."""
    return json.dumps(spec_schema(), indent=2, ensure_ascii=False) + "\n"


def converted(node: Any) -> Any:
    """A part of pydantic's schema in draft 07, its descriptions in one line each."""
    if isinstance(node, list):
        return [converted(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    if "discriminator" in node:
        return union_by_kind(node)
    kept = {key: converted(value) for key, value in node.items()}
    if isinstance(kept.get("description"), str):
        kept["description"] = " ".join(kept["description"].split())
    if isinstance(kept.get("$ref"), str):
        return reference(kept)
    return kept


def reference(node: dict[str, Any]) -> dict[str, Any]:
    """A reference by itself: draft 07 ignores whatever stands beside one."""
    target = {"$ref": node["$ref"].replace("#/$defs/", "#/definitions/")}
    beside = {key: value for key, value in node.items() if key != "$ref"}
    return {"allOf": [target], **beside} if beside else target


def union_by_kind(node: dict[str, Any]) -> dict[str, Any]:
    """A union whose member is chosen by the key `kind` or `adapter`."""
    key, mapping = node["discriminator"]["propertyName"], node["discriminator"]["mapping"]
    if key not in TAG_FIELDS:
        raise ValueError(f"a union is chosen by one of {TAG_FIELDS}, not by {key!r}")
    kinds = sorted(mapping)
    cases = [
        {
            "if": {"properties": {key: {"const": kind}}, "required": [key]},
            "then": {"$ref": mapping[kind].replace("#/$defs/", "#/definitions/")},
        }
        for kind in kinds
    ]
    beside = {name: converted(value) for name, value in node.items() if name not in ("discriminator", "oneOf")}
    return {**beside, "type": "object", "properties": {key: {"enum": kinds}}, "required": [key], "allOf": cases}
