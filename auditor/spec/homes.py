"""Where in the document a key belongs that stands where it is unknown."""

from __future__ import annotations

from typing import get_args, get_origin

from auditor.spec.audit_spec import AuditSpec
from auditor.spec.places import Place, bare, is_node, members_of, node_name, without_null
from auditor.spec.wording import quoted


def home_of(key: str, place: Place) -> str:
    """Where the key belongs, if a node just below has it."""
    fields = place.owner.model_fields if place.owner else {}
    for name, field in fields.items():
        below = without_null(bare(field.annotation))
        if is_node(below) and key in below.model_fields:
            return f"{quoted(key)} belongs under {quoted(name)}"
    if place.owner is AuditSpec and len(homes := entries_with(key)) == 1:
        return f"{quoted(key)} is a key of {homes[0]}: indent it like the other keys there"
    if place.owner is not AuditSpec and key in AuditSpec.model_fields and key not in ("concepts", "models"):
        return f"{quoted(key)} belongs at the top of the document: begin its line in the first column"
    return ""


def entries_with(key: str) -> list[str]:
    """The entries of the document's lists that have `key`, in words."""
    return [
        node_name((part, 0), node)
        for part, field in AuditSpec.model_fields.items()
        if get_origin(bare(field.annotation)) is tuple
        for node in map(bare, members_of(get_args(bare(field.annotation))[0]))
        if is_node(node) and key in node.model_fields
    ]
