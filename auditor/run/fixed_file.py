"""JSON files that fix what a run depends on: read strictly, with one sentence for each way they can be broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from auditor.errors import UsageError
from auditor.judgement import ResultNode

Node = TypeVar("Node", bound=ResultNode)

MOST_BYTES = 16 * 2**20


def fixed_text(node: ResultNode) -> str:
    """A node as JSON that diffs well: sorted keys, a line for each value."""
    return json.dumps(node.model_dump(mode="json"), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def read_fixed(path: Path, kind: type[Node], version: int, noun: str, way_out: str) -> Node:
    """The node in the file `path`.

    Args:
        path: the file.
        kind: what it must hold.
        version: the schema version that is read here.
        noun: what the file is, in words: "lock".
        way_out: what to do about a broken one.

    Raises:
        UsageError: the file cannot be read, is cut short, is from a newer auditor, or was changed.
    """
    data = _bytes(path, noun, way_out)
    value = _object(data, path, noun, way_out)
    found = value.get("schema_version")
    if not isinstance(found, int) or isinstance(found, bool):
        raise UsageError(f"{path} is no {noun}: it names no schema_version; {way_out}")
    if found > version:
        raise UsageError(
            f"{path} is a {noun} of a newer auditor (schema version {found}, this one reads {version}); "
            "upgrade auditor, or write it again with this one"
        )
    try:
        return kind.model_validate_json(data, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{path} is no {noun} that auditor wrote: {place}: {_told(first)}; {way_out}") from None


def _bytes(path: Path, noun: str, way_out: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"the {noun} {path} cannot be read: {str(error.strerror).lower()}; {way_out}") from None
    if len(data) > MOST_BYTES:
        raise UsageError(f"{path} is no {noun}: it holds more than {MOST_BYTES // 2**20} MiB; {way_out}")
    return data


def _object(data: bytes, path: Path, noun: str, way_out: str) -> dict[str, Any]:
    try:
        value = json.loads(data.decode("utf-8"))
    except json.JSONDecodeError as error:
        ended = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string")
        raise UsageError(
            f"the {noun} {path} {'is cut short' if ended else 'is no JSON'} at line {error.lineno}; {way_out}"
        ) from None
    except (ValueError, RecursionError):
        raise UsageError(f"the {noun} {path} is no JSON in UTF-8; {way_out}") from None
    if not isinstance(value, dict):
        raise UsageError(f"{path} is no {noun}: it holds no JSON object; {way_out}")
    return value


def _told(error: Any) -> str:
    words = {"missing": "is missing", "extra_forbidden": "is not known"}
    return words.get(error["type"], str(error["msg"]).lower())
