"""What a browser would see of a document: its elements in order, strictly nested."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(["meta", "img", "br", "hr", "input", "link", "rect", "circle", "line", "path"])
"""Elements without an end: those of HTML, and those that our SVG writer closes itself."""


@dataclass(frozen=True)
class Element:
    """An element with its attributes and its own text."""

    name: str
    attributes: dict[str, str | None]
    text: list[str] = field(default_factory=list)


class Outline(HTMLParser):
    """Collects elements, and fails on anything that is not strictly nested."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(document)
        self.close()
        assert not self._open, f"never closed: {[one.name for one in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute stands twice in <{tag}>"
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID, f"<{tag}/> is not a void element"
        self.elements.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open[-1].name == tag, f"</{tag}> closes nothing"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].text.append(data)

    def named(self, *names: str) -> list[Element]:
        """The elements with one of these names, in the document's order."""
        return [element for element in self.elements if element.name in names]

    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        """Every element with the names of its attributes: what an attacker would have to change."""
        return [(element.name, tuple(sorted(element.attributes))) for element in self.elements]
