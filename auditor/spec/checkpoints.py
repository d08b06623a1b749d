"""One entry for all checkpoints of a training: `pattern` becomes a model for each folder that it matches.

The audit is written out, planned and judged with every checkpoint as a model of its own; `series` and `epoch` say
where it belongs in the curves of the report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from auditor import codes
from auditor.errors import DataError, Position, Problem
from auditor.models import AnyModel
from auditor.source import below
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.positions import Loc, Positions
from auditor.spec.wording import quoted

MOST_CHECKPOINTS: Final = 2_000


def with_checkpoints(
    spec: AuditSpec, positions: Positions, base: Path
) -> tuple[AuditSpec, Positions, tuple[Problem, ...]]:
    """The audit with every `pattern` replaced by its folders, and where in the document each of them stands.

    Args:
        spec: the audit as it was written.
        positions: of the document.
        base: the folder of the document.
    """
    if all(model.pattern is None for model in spec.models):
        return spec, positions, ()
    models: list[AnyModel] = []
    origins: list[int] = []
    named: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    for index, model in enumerate(spec.models):
        found = [model]
        if model.pattern is not None:
            try:
                found = list(_expanded(model, base, ("models", index)))
            except DataError as error:
                where = positions.of_value(error.loc)
                problems.append(Problem(error.code, str(error), where, error.way_out))
                continue
        models += found
        origins += [index] * len(found)
        named[model.name] = tuple(one.name for one in found)
    if problems:
        return spec, positions, tuple(problems)
    analyses = tuple(
        one
        if one.models is None
        else one.model_copy(update={"models": tuple(each for name in one.models for each in named.get(name, (name,)))})
        for one in spec.analyses
    )
    moved = replace(positions, keys=_moved(positions.keys, origins), values=_moved(positions.values, origins))
    return spec.model_copy(update={"models": tuple(models), "analyses": analyses}), moved, ()


def _expanded(model: AnyModel, base: Path, loc: Loc) -> Iterator[AnyModel]:
    """A model for each checkpoint, by series and number.

    Raises:
        DataError: the pattern matches no folder, a folder has no number, or a number is missing in a series.
    """
    pattern, word = str(model.pattern), model.order or "epoch"
    where = (*loc, "pattern")
    start = re.split(r"[*?\[]", pattern, maxsplit=1)[0]
    root = below(str(Path(start).parent) if not start.endswith("/") else start, base, where)
    prefix = Path(start) if start.endswith("/") else Path(start).parent
    rest = Path(pattern).relative_to(prefix).as_posix()
    try:
        folders = sorted(path for path in root.glob(rest) if path.is_dir())
    except (ValueError, IndexError, NotImplementedError):
        raise DataError(
            f"`{pattern}` is no pattern of folders",
            code=codes.CHECKPOINTS,
            loc=where,
            way_out="write `*` for what differs inside one name, such as `runs/*/epoch_*`",
        ) from None
    if not folders or len(folders) > MOST_CHECKPOINTS:
        raise DataError(
            f"`{pattern}` matches {len(folders) or 'no'} folder{'s' * (len(folders) != 1)}",
            code=codes.CHECKPOINTS,
            loc=where,
            way_out="correct the pattern, as seen from the folder of the document"
            if not folders
            else f"name at most {MOST_CHECKPOINTS} checkpoints",
        )
    by_series: dict[str, dict[int, str]] = {}
    for path in folders:
        name = (prefix / path.relative_to(root)).as_posix()
        counted = re.search(rf"{re.escape(word)}[-_ ]?(\d+)", name)
        if counted is None:
            raise DataError(
                f"the folder `{name}` has no number after `{word}`, by which checkpoints are ordered",
                code=codes.CHECKPOINTS,
                loc=where,
                way_out=f"name it `{word}_01` and so on, or say what is counted with `order`",
            )
        outer = name[: counted.start()].rstrip("/-_ ") + name[counted.end() :]
        other = by_series.setdefault(outer, {}).setdefault(int(counted[1]), name)
        if other != name:
            raise DataError(
                f"`{other}` and `{name}` are both {word} {int(counted[1])}",
                code=codes.CHECKPOINTS,
                loc=where,
                way_out="remove one of them, or narrow the pattern",
            )
    left_out = _left_out(model, {name for numbered in by_series.values() for name in numbered.values()}, loc)
    called = _told_apart(list(by_series))
    for outer, numbered in by_series.items():
        _refuse_gaps(outer, word, sorted(numbered), where)
        series = f"{model.name} {called[outer]}" if len(by_series) > 1 else model.name
        for number in sorted(number for number, name in numbered.items() if name not in left_out):
            yield model.model_copy(
                update={
                    "name": f"{series} {word} {number}",
                    "source": numbered[number],
                    "pattern": None,
                    "order": None,
                    "left_out": (),
                    "series": series,
                    "epoch": float(number),
                }
            )


def _told_apart(series: list[str]) -> dict[str, str]:
    """Short names of series: the parts of their paths that differ."""
    parts = [Path(each).parts for each in series]
    if len({len(each) for each in parts}) > 1:
        return {each: each for each in series}
    differ = [len(set(column)) > 1 for column in zip(*parts, strict=True)]
    return {
        name: " ".join(part for part, is_other in zip(each, differ, strict=True) if is_other)
        for name, each in zip(series, parts, strict=True)
    }


def _left_out(model: AnyModel, found: set[str], loc: Loc) -> set[str]:
    """The folders that the document leaves out.

    Raises:
        DataError: the pattern does not match one of them, or nothing is left.
    """
    named = {Path(each).as_posix(): number for number, each in enumerate(model.left_out)}
    for each, number in named.items():
        if each not in found:
            raise DataError(
                f"`{each}` is left out, and is no folder that `{model.pattern}` matches",
                code=codes.CHECKPOINTS,
                loc=(*loc, "left_out", number),
                way_out=f"write it as the pattern finds it, such as `{min(found)}`, or delete it",
            )
    if len(named) == len(found):
        raise DataError(
            f"every folder that `{model.pattern}` matches is left out",
            code=codes.CHECKPOINTS,
            loc=(*loc, "left_out"),
            way_out="leave one at least to be audited",
        )
    return set(named)


def _refuse_gaps(series: str, word: str, numbers: list[int], loc: Loc) -> None:
    """Checkpoints stand at equal distances: a missing one would bend every curve unseen."""
    steps = [b - a for a, b in pairwise(numbers)]
    step = min(steps, default=1)
    missing = sorted(set(range(numbers[0], numbers[-1] + 1, step)) - set(numbers))
    if missing or any(each % step for each in steps):
        raise DataError(
            f"`{series}` has no {word} {', '.join(map(str, missing[:5])) or 'at equal distances'}, between "
            f"{numbers[0]} and {numbers[-1]}",
            code=codes.CHECKPOINTS,
            loc=loc,
            way_out="put the folder there, or narrow the pattern to checkpoints at equal distances",
        )


def _moved(places: Mapping[Loc, Position], origins: list[int]) -> dict[Loc, Position]:
    """Places of the document, with those of a pattern's entry given to each of its models."""
    moved = {loc: where for loc, where in places.items() if loc[:1] != ("models",) or len(loc) < 2}
    for index, origin in enumerate(origins):
        old: tuple[Any, ...] = ("models", origin)
        moved |= {("models", index, *loc[2:]): where for loc, where in places.items() if loc[:2] == old}
    return moved


def model_problems(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """A model has a source or a pattern; detectors and functions of Python have no place in a series."""
    for part in ("models", "detectors"):
        for index, model in enumerate(getattr(spec, part)):
            here: Loc = (part, index)
            if (model.source == "") == (model.pattern is None):
                noun = part.removesuffix("s")
                found = "neither `source` nor `pattern`" if model.pattern is None else "both `source` and `pattern`"
                message = f"{noun} {quoted(model.name)} has {found}"
                where = positions.of_owner(here) if model.pattern is None else positions.of_key((*here, "pattern"))
                yield Problem(codes.MISSING_KEY, message, where, "name where it is with `source:`")
            for key in ("order", "left_out") if model.pattern is None else ():
                if getattr(model, key):
                    message = f"model {quoted(model.name)} has `{key}`, which only a `pattern` needs"
                    yield Problem(codes.CHECKPOINTS, message, positions.of_key((*here, key)), "delete it")
            alone = part == "detectors" or model.adapter == "python"
            for key in ("pattern", "series", "epoch"):
                if alone and getattr(model, key) is not None:
                    message = f"{quoted(model.name)} has `{key}`, which only audited models in folders have"
                    yield Problem(codes.CHECKPOINTS, message, positions.of_key((*here, key)), "delete it")
            if (model.series is None) != (model.epoch is None):
                given = "series" if model.epoch is None else "epoch"
                message = f"model {quoted(model.name)} has `{given}` alone, and curves need `series` and `epoch`"
                yield Problem(
                    codes.CHECKPOINTS, message, positions.of_key((*here, given)), "add the other, or delete it"
                )
