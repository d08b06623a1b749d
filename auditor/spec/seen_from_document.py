"""What an extended file names, as it is called from the folder of the document.

A path means what it means in the file in which it stands. In the loaded audit every path is seen
from one folder, that of the document, so that the audit can be written out and read back.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic.fields import FieldInfo

from auditor.node import SeenFromFile, SpecNode
from auditor.source import seen_from
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.positions import Loc, Positions

Node = TypeVar("Node", bound=SpecNode)


def seen_from_document(spec: AuditSpec, positions: Positions, folders: Mapping[str, str], base: Path) -> AuditSpec:
    """`spec` with every path seen from `base`, the folder of the document.

    Args:
        spec: the audit with paths as they were written.
        positions: where each of them stands.
        folders: the folder of each file by its path in messages, seen from `base`.
        base: the folder of the document.
    """
    if set(folders.values()) == {"."}:
        return spec
    return _Rewriting(positions, folders, base).node(spec, ())


class _Rewriting:
    def __init__(self, positions: Positions, folders: Mapping[str, str], base: Path) -> None:
        self.positions, self.folders, self.base = positions, folders, base

    def node(self, node: Node, loc: Loc) -> Node:
        changed = {}
        for name, field in type(node).model_fields.items():
            value = getattr(node, name)
            new = self.value(value, (*loc, name), _is_path(field))
            if new is not value:
                changed[name] = new
        return node.model_copy(update=changed) if changed else node

    def value(self, value: Any, loc: Loc, is_path: bool) -> Any:
        if isinstance(value, SpecNode):
            return self.node(value, loc)
        if isinstance(value, tuple):
            entries = tuple(self.value(entry, (*loc, index), is_path) for index, entry in enumerate(value))
            return entries if any(new is not old for new, old in zip(entries, value, strict=True)) else value
        if is_path and isinstance(value, str):
            written_in = self.positions.of_value(loc).path
            return seen_from(value, self.folders.get(written_in, "."), self.base)
        return value


def _is_path(field: FieldInfo) -> bool:
    """Whether a field holds paths that are seen from the file they stand in, by itself or in a list."""
    inner = [marker for entry in get_args(field.annotation) for marker in getattr(entry, "__metadata__", ())]
    return any(isinstance(marker, SeenFromFile) for marker in (*field.metadata, *inner))
