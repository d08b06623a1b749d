"""The JSON Schemas of what auditor writes, in the draft of the document's own."""

from __future__ import annotations

import json
from typing import Final

from auditor.descriptions import described_schema
from auditor.judgement import ResultNode
from auditor.results.audit_result import RESULT_VERSION, AuditResult
from auditor.run.lock import LOCK_VERSION, Lock
from auditor.run.plan_file import PLAN_VERSION, PlanFile
from auditor.spec import SPEC_VERSION, schema_text
from auditor.spec.schema import DRAFT, converted

WRITTEN: Final[dict[str, tuple[type[ResultNode], int]]] = {
    "plan": (PlanFile, PLAN_VERSION),
    "lock": (Lock, LOCK_VERSION),
    "result": (AuditResult, RESULT_VERSION),
}
"""What auditor writes, and the version of each."""

FILES: Final = {
    "spec": f"audit-spec.v{SPEC_VERSION}.json",
    **{name: f"{name}.v{version}.json" for name, (_, version) in WRITTEN.items()},
}
"""The file in `schemas/` that holds the schema of each."""


def text_of_schema(of: str) -> str:
    """The schema (draft 07) as it stands in `schemas/`; `of` is one of the names in `FILES`."""
    if of == "spec":
        return schema_text()
    node, version = WRITTEN[of]
    schema = described_schema(node)
    definitions = {name: converted(inner) for name, inner in sorted(schema.pop("$defs", {}).items())}
    body = converted(schema)
    head = {key: body.pop(key) for key in ("title", "description")}
    identity = {"$schema": DRAFT, "$id": f"urn:auditor:schema:{of}:v{version}"}
    return json.dumps({**identity, **head, **body, "definitions": definitions}, indent=2, ensure_ascii=False) + "\n"
