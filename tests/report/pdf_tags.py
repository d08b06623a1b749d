"""What stands in the structure tree of a PDF."""

from __future__ import annotations

from typing import Any


def tags_of(document: Any) -> list[Any]:
    """Every element of the structure tree of an open document."""
    import pikepdf

    found, waiting = [], [document.Root.StructTreeRoot.K]
    while waiting:
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting.extend(node)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            found.append(node)
            waiting.append(node.get("/K", pikepdf.Array()))
    return found
