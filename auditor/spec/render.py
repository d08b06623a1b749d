"""Problems as text with the lines they speak about, and as JSON values."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from auditor.errors import Position, Problem, SpecError
from auditor.spec.source_text import lines_of
from auditor.spec.wording import escaped, escaped_character

LINES_BEFORE: Final = 1
WIDEST: Final = 100
"""Columns of a source line that are shown; longer lines are cut around the caret."""

TAB: Final = "    "
CUT: Final = "…"


def render_error(error: SpecError) -> str:
    """Every problem of `error` as text."""
    return render_text(error.problems, error.texts)


def render_text(problems: Iterable[Problem], texts: Mapping[str, str]) -> str:
    """Problems as text, each with the lines it speaks about, out of `texts` by path; without colour.

    >>> print(render_text([Problem("AUD104", "unknown key `stpes`", Position("a.yaml", 2, 1, 5), "", "steps")],
    ...       {"a.yaml": "seed: 7\\nstpes: 30"}), end="")
    a.yaml:2:1: AUD104 unknown key `stpes`
        1 | seed: 7
        2 | stpes: 30
          | ^^^^^ did you mean `steps`?
    """
    lines = {path: lines_of(text) for path, text in texts.items()}
    return "".join(
        f"{line}\n"
        for problem in problems
        for line in problem_lines(problem, lines.get(problem.where.path, ()) if problem.where else ())
    )


def problem_lines(problem: Problem, lines: tuple[str, ...]) -> list[str]:
    """One problem as lines: where and what, the source with a caret, the way out."""
    where = problem.where
    head = f"{problem.code} {escaped(problem.message)}"
    told = [f"{escaped(where.path)}:{where.line}:{where.column}: {head}" if where else head]
    suggestion = f"did you mean `{escaped(problem.suggestion)}`?" if problem.suggestion else ""
    if where is not None and where.line <= len(lines) and any(lines):
        told += excerpt(where, lines, suggestion)
    elif suggestion:
        told.append(f"   = {suggestion}")
    if problem.way_out:
        told.append(f"   = way out: {escaped(problem.way_out)}")
    return told


def excerpt(where: Position, lines: tuple[str, ...], suggestion: str) -> list[str]:
    """The line at `where` and the one before, with carets under what is meant."""
    first = max(1, where.line - LINES_BEFORE)
    gutter = max(5, len(str(where.line)))
    shown, start, length = cut(lines[where.line - 1], where.column - 1, where.length)
    left = left_edge(lines[where.line - 1], where.column - 1, where.length)
    told = [
        f"{number:>{gutter}} | {window(lines[number - 1], left if len(lines[number - 1]) > left else 0)}".rstrip()
        for number in range(first, where.line)
    ]
    told.append(f"{where.line:>{gutter}} | {shown}".rstrip())
    told.append(f"{'':>{gutter}} | {' ' * start}{'^' * length} {suggestion}".rstrip())
    return told


def cut(line: str, column: int, length: int) -> tuple[str, int, int]:
    """The part of `line` to show, where the caret begins in it, and how long it is, in columns."""
    left = left_edge(line, column, length)
    start = (len(CUT) if left else 0) + width(line[left:column])
    marked = min(max(1, width(line[column : column + min(length, WIDEST)])), WIDEST - min(start, WIDEST - 1))
    return window(line, left), start, marked


def left_edge(line: str, column: int, length: int) -> int:
    """The first character of `line` to show, so that the caret is in sight."""
    end = column + min(length, WIDEST // 2)
    if end <= WIDEST and width(line[:end]) <= WIDEST:
        return 0
    left = column
    while left > max(0, column - WIDEST // 3) and width(line[left - 1 : column]) <= WIDEST // 3:
        left -= 1
    return left


def window(line: str, left: int) -> str:
    """At most 100 columns of `line` from the character `left`, escaped, with marks where it is cut."""
    kept, room = [], WIDEST
    for character in line[left : left + WIDEST + 1]:
        printed = as_printed(character)
        room -= width(character)
        if room < 0:
            break
        kept.append(printed)
    ends = left + len(kept) >= len(line)
    return f"{CUT if left else ''}{''.join(kept)}{'' if ends else CUT}"


def as_printed(character: str) -> str:
    """One character as it is shown in an excerpt."""
    return TAB if character == "\t" else escaped_character(character)


def width(text: str) -> int:
    """How many columns of a terminal `text` takes when shown."""
    return sum(character_width(character) for character in text)


def character_width(character: str) -> int:
    """Columns of one character: two for wide ones, none for accents that combine."""
    printed = as_printed(character)
    if len(printed) > 1:
        return len(printed)
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def problem_dicts(problems: Iterable[Problem]) -> list[dict[str, str | int | None]]:
    """Problems as JSON values, for tools; texts are as the author wrote them."""
    return [
        {
            "code": problem.code,
            "message": problem.message,
            "way_out": problem.way_out,
            "suggestion": problem.suggestion,
            "file": problem.where.path if problem.where else None,
            "line": problem.where.line if problem.where else None,
            "column": problem.where.column if problem.where else None,
            "length": problem.where.length if problem.where else None,
        }
        for problem in problems
    ]
