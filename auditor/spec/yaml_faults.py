"""Faults after which a document is not read on, in plain sentences with a way out."""

from __future__ import annotations

from typing import Final

import yaml

from auditor.codes import EMPTY_DOCUMENT, NOT_A_MAPPING, SEVERAL_DOCUMENTS, TOO_DEEP, TOO_MANY_NODES, YAML_SYNTAX
from auditor.errors import Position, Problem

ESCAPE: Final = "write `\\\\` for a backslash, or use single quotes"

FLOW_MAPPING: Final = "write `{key: value, key: value}`, with quotes around text that holds `,`, `:` or `?`"
FLOW_LIST: Final = "write `[value, value]`, with quotes around text that holds `,`, `:` or `?`"

FAULTS: Final[tuple[tuple[str, str, str], ...]] = (
    (r"found character '\t'", "a tab stands where spaces are wanted", "indent with spaces"),
    ("found character '@'", "text may not begin with `@`", "put the text in quotes"),
    ("found character '`'", "text may not begin with a backtick", "put the text in quotes"),
    ("found character '%'", "text may not begin with `%`", "put the text in quotes"),
    ("mapping values are not allowed", "a second `:` in one line cannot be read", "put text that holds `: ` in quotes"),
    ("could not find expected ':'", "the line before is no `key: value`", "write a `:` after the key, or indent it"),
    ("found unexpected end of stream", "a quotation mark is never closed", "close it"),
    ("found unexpected document separator", "a quotation mark is not closed before `---`", "close it"),
    ("expected ',' or '}'", "a `{` is not closed, or a comma is missing", FLOW_MAPPING),
    ("expected ',' or ']'", "a `[` is not closed, or a comma is missing", FLOW_LIST),
    ("expected <block end>", "the line is not indented like the lines it belongs to", "align it with its neighbours"),
    ("sequence entries are not allowed", "a list may not begin here", "begin the list in a line of its own"),
    ("block sequence entries are not allowed", "a list may not begin here", "begin the list in a line of its own"),
    ("found unknown escape character", "an escape with `\\` is unknown", ESCAPE),
    ("expected escape sequence", "an escape with `\\` is incomplete", ESCAPE),
    ("expected the node content", "a value is wanted here", "write the value, or put it in quotes"),
    ("expected alphabetic or numeric", "`&`, `*` and `%` have a meaning of their own", "put the text in quotes"),
    ("found undefined tag handle", "tags (`!name`) are not allowed", "delete the tag"),
    ("expected '<document start>'", "text stands before the document begins", "delete what stands before or after it"),
    ("an escape or number", "an escape with `\\` or a number cannot be read", "write fewer digits, or other quotes"),
    ("found incompatible YAML document", "the file is written for another version of YAML", "delete the line `%YAML`"),
)
"""What a complaint begins with or holds, what it means, and the way out."""


def syntax_problem(fault: yaml.MarkedYAMLError, path: str) -> Problem:
    """The problem that PyYAML's `fault` stands for."""
    mark = fault.problem_mark or fault.context_mark
    where = Position(path, mark.line + 1, mark.column + 1) if mark else Position(path, 1, 1)
    return plain_problem(str(fault.problem or fault.context or "it cannot be read"), where)


def plain_problem(complaint: str, where: Position) -> Problem:
    """The problem of a complaint that names no position of its own."""
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
