"""YAML to plain values with positions, from the event stream, so that nothing is built unchecked.

Depth and size are bounded as events arrive, aliases are refused when they are met, and no
step recurses: alias, merge and nesting bombs end where they begin.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from auditor.codes import (
    ALIAS,
    DUPLICATE_KEY,
    EMPTY_DOCUMENT,
    FORBIDDEN_CHARACTER,
    KEY_NOT_TEXT,
    MERGE_KEY,
    NOT_A_MAPPING,
    NUMBER_TOO_LARGE,
    SEVERAL_DOCUMENTS,
    TAG,
    TOO_DEEP,
    TOO_MANY_NODES,
)
from auditor.errors import Position, Problem, SpecError
from auditor.spec.positions import Loc, Positions
from auditor.spec.scalars import Scalar, plain_scalar
from auditor.spec.source_text import FORBIDDEN, lines_of
from auditor.spec.wording import quoted
from auditor.spec.yaml_faults import plain_problem, syntax_problem

DEEPEST: Final = 64
MOST_NODES: Final = 50_000

WRITE_OUT = "write the value out where it is used"


@dataclass(frozen=True)
class Document:
    """A document as plain values: dicts with text keys, tuples, and scalars.

    Attributes:
        value: the whole document.
        positions: where each key and value stands.
        problems: faults that did not keep the rest from being read.
        doubtful: values that are not what the author wrote, because of such a fault.
    """

    value: dict[str, Any]
    positions: Positions
    problems: tuple[Problem, ...]
    doubtful: frozenset[Loc]


def read_yaml(text: str, path: str) -> Document:
    """The one document in `text`.

    Raises:
        SpecError: the text is not YAML, is too deep or too large, or holds no mapping.
    """
    building = _Building(path)
    try:
        _feed(building, text)
    except _Stop as stop:
        building.problems.append(stop.problem)
        raise SpecError(tuple(building.problems), text=text) from None
    positions = Positions(path, lines_of(text), building.keys, building.values)
    return Document(building.root, positions, tuple(building.problems), frozenset(building.doubtful))


class _Stop(Exception):  # noqa: N818
    """A fault after which nothing more is read."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class _ShallowLoader(yaml.SafeLoader):
    """PyYAML's reader, which stops at deep flow nesting while it looks ahead.

    Its look-ahead over 1,024 opening brackets costs a quarter of a second otherwise."""

    def fetch_flow_collection_start(self, TokenClass: Any) -> None:  # noqa: N803
        if self.flow_level >= DEEPEST:
            raise _TooDeep(self.get_mark())
        super().fetch_flow_collection_start(TokenClass)  # type: ignore[no-untyped-call]


class _TooDeep(Exception):  # noqa: N818
    def __init__(self, mark: yaml.Mark) -> None:
        self.mark = mark


@dataclass
class _Frame:
    """A list or mapping that is being read; `key` is the key whose value comes next."""

    loc: Loc | None
    items: dict[str, Any] | list[Any]
    flow: bool
    key: str | None = None
    key_read: bool = False
    is_key: bool = False
    lines: dict[str, int] = field(default_factory=dict)


@dataclass
class _Building:
    """The document so far. A frame or value with the path None is read and dropped."""

    path: str
    keys: dict[Loc, Position] = field(default_factory=dict)
    values: dict[Loc, Position] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    doubtful: set[Loc] = field(default_factory=set)
    frames: list[_Frame] = field(default_factory=list)
    root: dict[str, Any] = field(default_factory=dict)
    nodes: int = 0

    def position(self, start: yaml.Mark, end: yaml.Mark | None = None) -> Position:
        one_line = end is not None and end.line == start.line
        length = max(1, end.column - start.column) if end is not None and one_line else 1
        return Position(self.path, start.line + 1, start.column + 1, length)

    def problem(self, code: str, message: str, where: Position, way_out: str) -> None:
        self.problems.append(Problem(code, message, where, way_out))

    def node(self, event: yaml.NodeEvent) -> Loc | None:
        """The path at which the coming value belongs; counts it, and refuses anchors and tags."""
        where = self.position(event.start_mark)
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise _Stop(Problem(TOO_MANY_NODES, "the document has more than 50,000 keys and values", where, SPLIT))
        if len(self.frames) >= DEEPEST and isinstance(event, yaml.CollectionStartEvent):
            raise _Stop(too_deep(where))
        loc = self.next_loc()
        if isinstance(event, yaml.AliasEvent):
            self.problem(ALIAS, f"alias {quoted('*' + str(event.anchor))} is not allowed", where, WRITE_OUT)
        elif event.anchor is not None:
            self.problem(ALIAS, f"anchor {quoted('&' + event.anchor)} is not allowed", where, WRITE_OUT)
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.problem(TAG, f"tag {quoted(shown_tag(tag))} is not allowed", where, "delete the tag")
        if loc is not None and (tag is not None or isinstance(event, yaml.AliasEvent)):
            self.doubtful.add(loc)
        return loc

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
        frame, where = self.frames[-1], self.position(event.start_mark, event.end_mark)
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
            way_out = f'write "{text}" in quotes if it is a name' if text else "write a key before the colon"
            self.problem(KEY_NOT_TEXT, f"key {quoted(text)} is not text" if text else "a key is missing", where, way_out)
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
        where = self.position(event.start_mark, event.end_mark)
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
                    "put it in quotes if it is text",
                )
                value = None
                self.doubt(loc)
        if loc is not None:
            self.values[loc] = self.keys.get(loc, where) if event.start_mark.index == event.end_mark.index else where
        self.add(value, loc)

    def doubt(self, loc: Loc | None) -> None:
        if loc is not None:
            self.doubtful.add(loc)

    def hidden(self, character: str, where: Position) -> None:
        message = f"the text holds the character U+{ord(character):04X}, which cannot be seen"
        self.problem(FORBIDDEN_CHARACTER, message, where, "delete it")

    def start(self, event: yaml.CollectionStartEvent, loc: Loc | None) -> None:
        where, is_key = self.position(event.start_mark), self.awaits_key()
        mapping = isinstance(event, yaml.MappingStartEvent)
        if is_key and self.frames[-1].loc is not None:
            kind = "mapping" if mapping else "list"
            self.problem(KEY_NOT_TEXT, f"a {kind} cannot be a key", where, "write a key of one word before the colon")
        if loc is not None:
            self.values[loc] = where
        self.frames.append(_Frame(loc, {} if mapping else [], bool(event.flow_style), is_key=is_key))

    def end(self) -> None:
        frame = self.frames.pop()
        if frame.is_key:
            self.frames[-1].key_read, self.frames[-1].key = True, None
            return
        self.add(frame.items if isinstance(frame.items, dict) else tuple(frame.items), frame.loc)


SPLIT = "keep data in files of their own"


def _feed(building: _Building, text: str) -> None:
    """Reads every event of `text` into `building`."""
    documents = 0
    for event in _events(text, building.path):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _Stop(several(building.position(event.start_mark)))
        elif isinstance(event, yaml.CollectionEndEvent):
            building.end()
        elif isinstance(event, yaml.NodeEvent):
            _read_node(building, event)
    if documents == 0:
        raise _Stop(empty(building.path))


def _events(text: str, path: str) -> Iterator[yaml.Event]:
    """The events of `text`; whatever PyYAML raises ends them as a problem with a position."""
    loader = _ShallowLoader(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    except _TooDeep as fault:
        raise _Stop(too_deep(Position(path, fault.mark.line + 1, fault.mark.column + 1))) from None
    except yaml.MarkedYAMLError as fault:
        raise _Stop(syntax_problem(fault, path)) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        mark = loader.get_mark()
        raise _Stop(plain_problem("an escape or number", Position(path, mark.line + 1, mark.column + 1))) from None
    finally:
        loader.dispose()


def _read_node(building: _Building, event: yaml.NodeEvent) -> None:
    loc = building.node(event)
    if not building.frames and not isinstance(event, yaml.MappingStartEvent):
        if isinstance(event, yaml.ScalarEvent) and not event.value and event.implicit[0]:
            raise _Stop(empty(building.path))
        raise _Stop(not_a_mapping(building.position(event.start_mark)))
    if isinstance(event, yaml.CollectionStartEvent):
        building.start(event, loc)
    elif isinstance(event, yaml.ScalarEvent) and building.awaits_key():
        building.key(event)
    elif isinstance(event, yaml.ScalarEvent):
        building.scalar(event, loc)
    elif building.awaits_key():
        building.frames[-1].key_read = True
    else:
        if loc is not None:
            building.values[loc] = building.position(event.start_mark, event.end_mark)
        building.add(None, loc)


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


def too_deep(where: Position) -> Problem:
    """The problem of a list or mapping below 64 others."""
    return Problem(TOO_DEEP, "lists and mappings are nested more than 64 deep", where, "flatten the document")


def several(where: Position) -> Problem:
    """The problem of a second document in the file."""
    return Problem(SEVERAL_DOCUMENTS, "a second document begins here", where, "keep each audit in a file of its own")


def empty(path: str) -> Problem:
    """The problem of a file without a document."""
    return Problem(EMPTY_DOCUMENT, "the file holds no document", Position(path, 1, 1), "begin with `version: 1`")


def not_a_mapping(where: Position) -> Problem:
    """The problem of a document that is a list or a single value."""
    message = "the document is not a mapping of keys to values"
    return Problem(NOT_A_MAPPING, message, where, "begin with `version: 1`")
