"""The tree of a document, grown from YAML events with every position kept, without recursion."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from auditor.codes import ALIAS, DUPLICATE_KEY, FORBIDDEN_CHARACTER, KEY_NOT_TEXT, MERGE_KEY, NUMBER_TOO_LARGE, TAG
from auditor.errors import Position, Problem
from auditor.spec.positions import Loc
from auditor.spec.scalars import Scalar, plain_scalar
from auditor.spec.source_text import FORBIDDEN
from auditor.spec.wording import quoted
from auditor.spec.yaml_faults import too_deep, too_many_nodes

DEEPEST: Final = 64
MOST_NODES: Final = 50_000

WRITE_OUT = "write the value out where it is used"


class Stop(Exception):
    """A fault after which nothing more is read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass
class Frame:
    """A list or mapping that is being read; `key` is the key whose value comes next."""

    loc: Loc | None
    items: dict[str, Any] | list[Any]
    flow: bool
    key: str | None = None
    key_read: bool = False
    is_key: bool = False
    lines: dict[str, int] = field(default_factory=dict)


@dataclass
class Building:
    """The document so far. A frame or value with the path None is read and dropped."""

    path: str
    keys: dict[Loc, Position] = field(default_factory=dict)
    values: dict[Loc, Position] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    doubtful: set[Loc] = field(default_factory=set)
    frames: list[Frame] = field(default_factory=list)
    root: dict[str, Any] = field(default_factory=dict)
    nodes: int = 0

    def begin(self, event: yaml.Event) -> Position:
        """Where `event` begins."""
        start: Any = event.start_mark
        return Position(self.path, start.line + 1, start.column + 1)

    def span(self, event: yaml.Event) -> Position:
        """Where `event` begins, and how long it is in its first line."""
        start: Any = event.start_mark
        end: Any = event.end_mark
        length = max(1, end.column - start.column) if end.line == start.line else 1
        return Position(self.path, start.line + 1, start.column + 1, length)

    def problem(self, code: str, message: str, where: Position, way_out: str) -> None:
        self.problems.append(Problem(code, message, where, way_out))

    def node(self, event: yaml.NodeEvent) -> Loc | None:
        """The path at which the coming value belongs; counts it, and refuses anchors and tags."""
        where = self.begin(event)
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise Stop(too_many_nodes(where))
        if len(self.frames) >= DEEPEST and isinstance(event, yaml.CollectionStartEvent):
            raise Stop(too_deep(where))
        loc = self.next_loc()
        self.refuse_shared(event, where)
        if loc is not None and (getattr(event, "tag", None) is not None or isinstance(event, yaml.AliasEvent)):
            self.doubtful.add(loc)
        return loc

    def refuse_shared(self, event: yaml.NodeEvent, where: Position) -> None:
        """Refuses what makes a value mean something that does not stand in its place."""
        if isinstance(event, yaml.AliasEvent):
            self.problem(ALIAS, f"alias {quoted('*' + str(event.anchor))} is not allowed", where, WRITE_OUT)
        elif event.anchor is not None:
            self.problem(ALIAS, f"anchor {quoted('&' + event.anchor)} is not allowed", where, WRITE_OUT)
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.problem(TAG, f"tag {quoted(shown_tag(tag))} is not allowed", where, "delete the tag")

    def next_loc(self) -> Loc | None:
        if not self.frames:
            return ()
        frame = self.frames[-1]
        if frame.loc is None:
            return None
        if isinstance(frame.items, list):
            return (*frame.loc, len(frame.items))
        return (*frame.loc, frame.key) if frame.key_read and frame.key is not None else None

    def awaits_key(self) -> bool:
        return bool(self.frames) and isinstance(self.frames[-1].items, dict) and not self.frames[-1].key_read

    def add(self, value: Any, loc: Loc | None) -> None:
        """Puts a finished value where it belongs."""
        if not self.frames:
            self.root = value
            return
        frame = self.frames[-1]
        if isinstance(frame.items, list):
            frame.items.append(value)
        else:
            if frame.key is not None and loc is not None:
                frame.items[frame.key] = value
            frame.key, frame.key_read = None, False

    def key(self, event: yaml.ScalarEvent) -> None:
        """Reads a key; one that is refused leaves None, and its value is dropped."""
        frame, where = self.frames[-1], self.span(event)
        frame.key_read, frame.key, text = True, None, event.value
        plain = event.implicit[0] and event.tag is None
        if frame.loc is None:
            return
        if not frame.lines and not frame.flow and where.line == self.values[frame.loc].line:
            self.values[frame.loc] = where
        if plain and text == "<<":
            self.problem(MERGE_KEY, "merge key `<<` is not allowed", where, "write the keys out where they are used")
            self.doubtful.add(frame.loc)
        elif plain and not isinstance(safe_plain(text), str):
            message = f"key {quoted(text)} is not text" if text else "a key is missing"
            way_out = f"write {quoted(repr(text))} if it is a name" if text else "write a key before the colon"
            self.problem(KEY_NOT_TEXT, message, where, way_out)
        elif found := FORBIDDEN.search(text):
            self.hidden(found.group(), where)
        elif text in frame.lines:
            self.problem(
                DUPLICATE_KEY,
                f"key {quoted(text)} stands twice in one mapping",
                where,
                f"delete one of the two; the first is in line {frame.lines[text]}",
            )
        else:
            frame.key, frame.lines[text] = text, where.line
            self.keys[(*frame.loc, text)] = where

    def scalar(self, event: yaml.ScalarEvent, loc: Loc | None) -> None:
        where = self.span(event)
        value: Scalar = event.value
        if found := FORBIDDEN.search(event.value):
            self.hidden(found.group(), where)
            value = None
            self.doubt(loc)
        elif event.implicit[0] and event.tag is None:
            try:
                value = plain_scalar(event.value)
            except OverflowError:
                self.problem(
                    NUMBER_TOO_LARGE,
                    f"the number {quoted(event.value)} does not fit in 64 bits",
                    where,
                    "write a smaller number, or put it in quotes if it is text",
                )
                value = None
                self.doubt(loc)
        if loc is not None:
            written = event.value != "" or not event.implicit[0]
            self.values[loc] = where if written else self.keys.get(loc, where)
        self.add(value, loc)

    def doubt(self, loc: Loc | None) -> None:
        if loc is not None:
            self.doubtful.add(loc)

    def hidden(self, character: str, where: Position) -> None:
        message = f"the text holds the character U+{ord(character):04X}, which cannot be seen"
        self.problem(FORBIDDEN_CHARACTER, message, where, "delete it")

    def start(self, event: yaml.CollectionStartEvent, loc: Loc | None) -> None:
        where, is_key = self.begin(event), self.awaits_key()
        mapping = isinstance(event, yaml.MappingStartEvent)
        if is_key and self.frames[-1].loc is not None:
            kind = "mapping" if mapping else "list"
            way_out = "write a key of one word before the colon"
            if mapping and self.frames[-1].flow:
                way_out += "; what `{{ }}` stands for in a template is filled in before"
            self.problem(KEY_NOT_TEXT, f"a {kind} cannot be a key", where, way_out)
        if loc is not None:
            self.values[loc] = where
        self.frames.append(Frame(loc, {} if mapping else [], bool(event.flow_style), is_key=is_key))

    def end(self) -> None:
        frame = self.frames.pop()
        if frame.is_key:
            self.frames[-1].key_read, self.frames[-1].key = True, None
            return
        self.add(frame.items if isinstance(frame.items, dict) else tuple(frame.items), frame.loc)


def safe_plain(text: str) -> Scalar:
    """The value of a plain scalar; a number that is too large counts as a number."""
    try:
        return plain_scalar(text)
    except OverflowError:
        return 0


def shown_tag(tag: str) -> str:
    """A tag as authors write it."""
    standard = "tag:yaml.org,2002:"
    return "!!" + tag.removeprefix(standard) if tag.startswith(standard) else tag
