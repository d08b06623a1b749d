"""What the docstrings of a node's fields say, read from the source when somebody asks.

Pydantic can read them too, but does so whenever a class is made: a tenth of the time that
`auditor validate` takes, for sentences that it hardly ever needs.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel


def description_of(node: type[BaseModel], field: str) -> str:
    """The docstring under a field of `node`, or of the class it has the field from; empty where there is none."""
    declared = node.model_fields[field].description if field in node.model_fields else None
    if declared:
        return declared
    for owner in node.__mro__:
        if field in vars(owner).get("__annotations__", {}):
            return _docstrings(owner.__module__).get((owner.__name__, field), "")
    return ""


def described_schema(root: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of `root` as pydantic makes it, each property with the description of its field."""
    schema = root.model_json_schema()
    parts = {**schema.get("$defs", {}), root.__name__: schema}
    for node in {root, *_nodes_below(root)}:
        properties = parts.get(node.__name__, {}).get("properties", {})
        for field, found in properties.items():
            if text := description_of(node, field):
                properties[field] = dict(sorted({**found, "description": text}.items()))
    return schema


def _nodes_below(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every node that a node, or any other type, holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for field in annotation.model_fields.values():
            yield from _nodes_below(field.annotation)
        yield annotation
    for argument in get_args(annotation):
        yield from _nodes_below(argument)


@cache
def _docstrings(module: str) -> dict[tuple[str, str], str]:
    """The docstring under each annotated name in the classes of a module, by class and name."""
    file = getattr(sys.modules.get(module), "__file__", None)
    try:
        tree = ast.parse(Path(file or "").read_bytes())
    except (OSError, SyntaxError, ValueError):
        return {}
    return {
        (owner.name, statement.target.id): inspect.cleandoc(below.value.value)
        for owner in tree.body
        if isinstance(owner, ast.ClassDef)
        for statement, below in zip(owner.body, owner.body[1:], strict=False)
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and isinstance(below.value.value, str)
    }
