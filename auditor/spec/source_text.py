"""From bytes to text that is safe to read: bounded, UTF-8, and without hidden characters."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from auditor.codes import FILE_TOO_LARGE, FORBIDDEN_CHARACTER, NOT_UTF8, UNREADABLE_FILE
from auditor.errors import Position, Problem, SpecError
from auditor.spec.wording import quoted

LARGEST_FILE = 2**20
"""Bytes that a document may have."""

LINE_END = re.compile(r"\r\n|\n|\r")
FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""Control characters, line ends that editors do not show as such, surrogates, and BOMs inside."""


def read_bytes(path: Path, shown: str, where: Position) -> bytes:
    """The bytes of the file at `path`, of which no more than allowed are ever read.

    Args:
        path: the file.
        shown: its path in messages.
        where: the place that leads to it.

    Raises:
        SpecError: the file cannot be read.
    """
    try:
        if path.exists() and not path.is_file():
            message = f"{quoted(shown)} is not a file"
            raise SpecError((Problem(UNREADABLE_FILE, message, where, "name the YAML file itself"),))
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or str(fault)
        message = f"{quoted(shown)} cannot be read: {reason[:1].lower()}{reason[1:]}"
        problem = Problem(UNREADABLE_FILE, message, where, "check the path and the permissions of the file")
        raise SpecError((problem,)) from None


def decode(data: bytes, path: str, before: int = 0) -> str:
    """The text of a document; a BOM at the start is dropped.

    Args:
        data: the bytes of its file.
        path: the file in messages.
        before: the bytes of the files that it belongs to, which count as well.

    Raises:
        SpecError: `data` is too large, is not UTF-8, or holds characters nobody can see.
    """
    if before + len(data) > LARGEST_FILE:
        message = f"the document {'and the files it extends have' if before else 'has'} more than 1,048,576 bytes"
        way_out = "keep data and long texts in files of their own"
        raise SpecError((Problem(FILE_TOO_LARGE, message, Position(path, 1, 1), way_out),))
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as fault:
        readable = data[: fault.start].removeprefix(b"\xef\xbb\xbf").decode("utf-8")
        way_out = "save the file as UTF-8"
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            way_out = "the file looks like UTF-16: save it as UTF-8"
        elif b"\x00" in data:
            way_out = "the file looks like no text: name the YAML file itself"
        message = f"byte 0x{data[fault.start]:02x} is not UTF-8"
        problem = Problem(NOT_UTF8, message, position_after(readable, path), way_out)
        raise SpecError((problem,), texts={path: readable}) from None
    if found := FORBIDDEN.search(text):
        problem = forbidden_character(found.group(), position_after(text[: found.start()], path))
        if b"\x00" in data[:4]:
            problem = replace(problem, way_out="the file looks like UTF-16: save it as UTF-8")
        raise SpecError((problem,), texts={path: text})
    return text


def forbidden_character(character: str, where: Position) -> Problem:
    """The problem of a character that a document may not hold."""
    message = f"the character U+{ord(character):04X} cannot be seen and is not allowed"
    return Problem(FORBIDDEN_CHARACTER, message, where, "delete it")


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of `text` without their ends."""
    return tuple(LINE_END.split(text))


def position_after(before: str, path: str) -> Position:
    """The position of the character that follows the text `before`."""
    lines = lines_of(before)
    return Position(path, len(lines), len(lines[-1]) + 1)
