"""YAML to plain values with positions, from the event stream, so that nothing is built unchecked.

Depth and size are bounded as events arrive, aliases are refused when they are met, and no
step recurses: alias, merge and nesting bombs end where they begin.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from auditor.errors import Position, Problem, SpecError
from auditor.spec.positions import Loc, Positions
from auditor.spec.source_text import lines_of
from auditor.spec.tree_builder import DEEPEST, Building, Stop
from auditor.spec.yaml_faults import empty, not_a_mapping, plain_problem, several, syntax_problem, too_deep


@dataclass(frozen=True)
class Document:
    """A document as plain values: dicts with text keys, tuples, and scalars.

    Attributes:
        value: the whole document.
        positions: where each key and value stands.
        problems: faults that did not keep the rest from being read.
        doubtful: values that are not what the author wrote, because of such a fault.
        nodes: how many keys and values were read.
    """

    value: dict[str, Any]
    positions: Positions
    problems: tuple[Problem, ...]
    doubtful: frozenset[Loc]
    nodes: int = 0


def read_yaml(text: str, path: str, before: int = 0) -> Document:
    """The one document in `text`.

    Args:
        text: what stands in the file.
        path: the file in messages.
        before: keys and values of the files that it belongs to, which count as well.

    Raises:
        SpecError: the text is not YAML, is too deep or too large, or holds no mapping.
    """
    building = Building(path, nodes=before)
    try:
        _feed(building, text)
    except Stop as stop:
        building.problems.append(stop.problem)
        raise SpecError(tuple(building.problems), texts={path: text}) from None
    positions = Positions(path, {path: lines_of(text)}, building.keys, building.values)
    nodes = building.nodes - before
    return Document(building.root, positions, tuple(building.problems), frozenset(building.doubtful), nodes)


class _ShallowLoader(yaml.SafeLoader):
    """PyYAML's reader, which stops at deep flow nesting while it looks ahead.

    Its look-ahead over 1,024 opening brackets costs a quarter of a second otherwise."""

    def fetch_flow_collection_start(self, TokenClass: Any) -> None:  # noqa: N803
        if self.flow_level >= DEEPEST:
            raise _TooDeep(self.get_mark())
        super().fetch_flow_collection_start(TokenClass)


class _TooDeep(Exception):
    def __init__(self, mark: yaml.Mark) -> None:
        self.mark = mark


def _feed(building: Building, text: str) -> None:
    """Reads every event of `text` into `building`."""
    documents = 0
    for event in _events(text, building.path):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise Stop(several(building.begin(event)))
        elif isinstance(event, yaml.CollectionEndEvent):
            building.end()
        elif isinstance(event, yaml.NodeEvent):
            _read_node(building, event)
    if documents == 0:
        raise Stop(empty(building.path))


def _events(text: str, path: str) -> Iterator[yaml.Event]:
    """The events of `text`; whatever PyYAML raises ends them as a problem with a position."""
    loader: Any = _ShallowLoader(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    except _TooDeep as fault:
        raise Stop(too_deep(Position(path, fault.mark.line + 1, fault.mark.column + 1))) from None
    except yaml.MarkedYAMLError as fault:
        raise Stop(syntax_problem(fault, path, text)) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        mark = loader.get_mark()
        raise Stop(plain_problem("an escape or number", Position(path, mark.line + 1, mark.column + 1))) from None
    finally:
        loader.dispose()


def _read_node(building: Building, event: yaml.NodeEvent) -> None:
    loc = building.node(event)
    if not building.frames and not isinstance(event, yaml.MappingStartEvent):
        if isinstance(event, yaml.ScalarEvent) and not event.value and event.implicit[0]:
            raise Stop(empty(building.path))
        raise Stop(not_a_mapping(building.begin(event)))
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
            building.values[loc] = building.span(event)
        building.add(None, loc)
