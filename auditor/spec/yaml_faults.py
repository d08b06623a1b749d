"""Faults after which a document is not read on, in plain sentences with a way out."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import yaml

from auditor.codes import EMPTY_DOCUMENT, NOT_A_MAPPING, SEVERAL_DOCUMENTS, TOO_DEEP, TOO_MANY_NODES, YAML_SYNTAX
from auditor.errors import Position, Problem
from auditor.spec.source_text import lines_of

ESCAPE: Final = "write `\\\\` for a backslash, or use single quotes"
COMMENT: Final = "`#` begins a comment: put text that holds it in quotes"
CLOSE: Final = "close it, and put text that holds `,`, `:`, `?`, a bracket or a brace in quotes"
LOST: Final = re.compile(r"[:,\[{] +#")
"""Where a comment begins, and a value was probably meant."""

CONFLICT: Final = ("<<<<<<< ", ">>>>>>> ")
"""How lines begin that git leaves where two versions disagree."""

FLOW_MAPPING: Final = "write `{key: value, key: value}`, with quotes around text that holds `,`, `:` or `?`"
FLOW_LIST: Final = "write `[value, value]`, with quotes around text that holds `,`, `:` or `?`"

FAULTS: Final[tuple[tuple[str, str, str], ...]] = (
    (r"found character '\t'", "a tab stands where spaces are wanted", "indent with spaces"),
    ("found character '@'", "text may not begin with `@`", "put the text in quotes"),
    ("found character '`'", "text may not begin with a backtick", "put the text in quotes"),
    ("found character '%'", "text may not begin with `%`", "put the text in quotes"),
    ("found character '|'", "text of several lines (`|`) may not stand inside brackets", "write it in quotes"),
    ("found character '>'", "text of several lines (`>`) may not stand inside brackets", "write it in quotes"),
    ("mapping values are not allowed", "a second `:` in one line cannot be read", "put text that holds `: ` in quotes"),
    ("mapping keys are not allowed", "a key with `?` may not begin here", "write `key: value`"),
    ("could not find expected ':'", "the line is no `key: value`", "write `:` and a blank after the key, or indent it"),
    ("found unexpected end of stream", "a quotation mark is never closed", "close it"),
    ("found unexpected document separator", "a quotation mark is not closed before `---`", "close it"),
    ("in a flow, but found '<document start>'", "a `{` or `[` is not closed before `---`", CLOSE),
    ("in a flow, but found '<document end>'", "a `{` or `[` is not closed before `...`", CLOSE),
    ("in a flow, but found '<stream end>'", "a `{` or `[` is not closed at the end of the file", CLOSE),
    ("expected ',' or '}'", "a `{` is not closed, or a comma is missing", FLOW_MAPPING),
    ("expected ',' or ']'", "a `[` is not closed, or a comma is missing", FLOW_LIST),
    ("expected <block end>", "the line is not indented like the lines it belongs to", "align it with its neighbours"),
    ("sequence entries are not allowed", "a list may not begin here", "begin the list in a line of its own"),
    ("found unknown escape character", "an escape with `\\` is unknown", ESCAPE),
    ("expected escape sequence", "an escape with `\\` is incomplete", ESCAPE),
    ("expected the node content", "a value is wanted here", "write the value, or put it in quotes"),
    ("indentation indicator", "after `|` or `>` stands what may not stand there", "write `|` or `>` alone"),
    ("expected a comment or a line break", "more text stands behind `|`, `>` or `%`", "begin it in a line of its own"),
    ("expected alphabetic or numeric", "`&`, `*` and `%` have a meaning of their own", "put the text in quotes"),
    ("tag handle", "tags (`!name`) are not allowed", "delete the tag"),
    ("expected URI", "tags (`!name`) are not allowed", "delete the tag"),
    ("expected '<document start>'", "text stands before the document begins", "delete the lines that begin with `%`"),
    ("an escape or number", "an escape with `\\` or a number cannot be read", "write fewer digits, or other quotes"),
    ("YAML d", "the file is written for another version of YAML", "delete the line `%YAML`"),
    ("expected a digit", "the line `%YAML` cannot be read", "delete it"),
)
"""What a complaint holds, what it means, and the way out; the first that fits."""


def syntax_problem(fault: yaml.MarkedYAMLError, path: str, text: str) -> Problem:
    """The problem that PyYAML's `fault` stands for, in the document `text`."""
    complaint = str(fault.problem or fault.context or "it cannot be read")
    if "flow" in str(fault.context):
        complaint = complaint.replace(", but found", " in a flow, but found")
    lines = lines_of(text)
    conflict = next((number for number, line in enumerate(lines) if line.startswith(CONFLICT)), None)
    if conflict is not None:
        where = Position(path, conflict + 1, 1, len(lines[conflict]))
        way_out = "keep one side, and delete the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`"
        return Problem(YAML_SYNTAX, "not YAML: a conflict between two versions is left in the file", where, way_out)
    stopped, opened = fault.problem_mark, fault.context_mark
    told = plain_problem(complaint, at(stopped or opened, path))
    if stopped is None:
        return told
    before = lines[: stopped.line]
    if complaint.startswith("mapping values") and ": " not in lines[stopped.line][: stopped.column]:
        message = "not YAML: the line is indented deeper than the ones it belongs to"
        told = replace(told, message=message, way_out="align it with its neighbours")
    elif opened is not None and complaint.startswith(("could not find expected ':'", "found unexpected")):
        # What is wrong stands where it begins, not where reading gave up.
        told = replace(told, where=at(opened, path))
    elif "expected '<document start>'" in complaint and "..." in before:
        told = replace(told, message="not YAML: text stands behind the document's end", way_out="delete the line `...`")
    elif complaint.startswith(("expected the node", "expected ','")) and LOST.search("\n".join(before[-1:])):
        told = replace(told, way_out=COMMENT)
    elif opened is not None and opened.line != stopped.line and told.message.endswith("comma is missing"):
        told = replace(told, message=f"{told.message}; it is opened in line {opened.line + 1}")
    return told


def at(mark: yaml.Mark | None, path: str) -> Position:
    """The position of a mark of PyYAML."""
    return Position(path, mark.line + 1, mark.column + 1) if mark else Position(path, 1, 1)


def plain_problem(complaint: str, where: Position) -> Problem:
    """The problem of a complaint, in plain words where they are known."""
    for sign, message, way_out in FAULTS:
        if sign in complaint:
            return Problem(YAML_SYNTAX, f"not YAML: {message}", where, way_out)
    return Problem(YAML_SYNTAX, f"not YAML: {complaint}", where, "correct the line, or the one before")


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


def too_many_nodes(where: Position) -> Problem:
    """The problem of a document with more parts than are read."""
    message = "the document, with the files it extends, has more than 50,000 keys and values"
    return Problem(TOO_MANY_NODES, message, where, "keep data in files of their own")
