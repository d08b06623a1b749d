"""Section: sweeps as filmstrips, chosen by rules that are stated above them."""

from __future__ import annotations

from collections import Counter
from typing import Final

from auditor.report.number_text import count_text
from auditor.report.page import Block, Cell, Column, Filmstrip, Filmstrips, Heading, Section, Table, Text
from auditor.report.sections.filmstrip import filmstrip
from auditor.report.source import Source, is_property
from auditor.results.audit_result import AuditResult
from auditor.results.sweeps.sweep_result import SweepShown

GUIDE = (
    "Each strip shows one image while one property is changed gradually, and nothing else as far as the intervention "
    "goes: the score stands under each frame, and below the strip at every point. No sweep was picked by hand."
)
THRESHOLD = (
    "Dashed: the score at which the decision changes. A cross marks a point that is decided otherwise than the one "
    "before it."
)
AGAINST = (
    "Shaded, the null band: scores so near the first one that the move counts as none, because the controls move as "
    "far in one image of twenty, or the author declared so. Thin grey lines: the same image along the controls, "
    "each with dashes of its own, over the same steps."
)
RULES: Final[dict[str, tuple[str, str]]] = {
    "random": ("Drawn at random", "Drawn from all images by a random generator, whose seed is report.gallery.seed of "
               "the document: what a typical sweep looks like."),
    "most_moved": ("Most moved", "The images in which the scores move furthest, mean over models."),
    "least_moved": ("Least moved", "The images in which the scores move least, mean over models, of those that the "
                    "intervention changes at all."),
    "control": ("Controls", "One image along each control: a change that must not matter."),
}  # fmt: skip
FAILED = "Images with a frame or score that is invalid. They are in no number of this report."

MOST_OPEN: Final = 8
"""Strips of one rule that all stand open; of more, `OPEN_OF_EACH` of each property do."""
OPEN_OF_EACH: Final = 2

NOTHING = "This audit keeps no sweeps to show."

Key = tuple[str, str, str, str]


def sweeps_section(source: Source) -> Section:
    """The sweeps of each analysis by rule, each sweep once; says so where there are none."""
    result = source.result
    blocks: list[Block] = [Text(_reading(result))] if result.sweeps else [Text((NOTHING,))]
    analyses = tuple(dict.fromkeys(one.analysis for one in result.sweeps))
    number = 0
    for analysis in analyses:
        mine = [one for one in result.sweeps if one.analysis == analysis]
        after = f", analysis {analysis}" if len(analyses) > 1 else ""
        seen: dict[Key, str] = {}
        for rule, (title, words) in RULES.items():
            chosen = [one for one in mine if _rule(one, result) == rule]
            if not chosen:
                continue
            new = [one for one in chosen if _key(one) not in seen]
            strips = tuple(filmstrip(source, one, number + i) for i, one in enumerate(new, 1))
            number += len(strips)
            blocks.append(Heading(f"{title}{after}"))
            blocks += _by_property(words, new, strips) if strips else [Text((words,))]
            blocks += _again([one for one in chosen if _key(one) in seen], seen)
            seen |= {_key(one): title for one in new}
        blocks += _failed([one for one in mine if one.rule == "failed"], after)
    return Section("sweeps", "Sweeps", GUIDE, tuple(blocks))


def _by_property(words: str, sweeps: list[SweepShown], strips: tuple[Filmstrip, ...]) -> list[Block]:
    """The strips of one rule; of many, some of each property, and the others folded below them."""
    if len(strips) <= MOST_OPEN:
        return [Filmstrips(words, strips)]
    seen: Counter[str] = Counter()
    is_open = []
    for one in sweeps:
        seen[one.property] += 1
        is_open.append(seen[one.property] <= OPEN_OF_EACH)
    first, rest = (
        tuple(strip for strip, shown in zip(strips, is_open, strict=True) if shown is wanted)
        for wanted in (True, False)
    )
    more = f"{count_text(len(rest))} more sweeps by this rule" if len(rest) > 1 else "One more sweep by this rule"
    return [Filmstrips(words, first), *([Filmstrips(more, rest, folded=True)] if rest else [])]


def _reading(result: AuditResult) -> tuple[str, ...]:
    """How to read what these drawings hold."""
    curves = [curve for sweep in result.sweeps for curve in sweep.curves]
    said = [THRESHOLD] if any(one.threshold is not None for one in curves) else []
    said += [AGAINST] if any(one.floor is not None for one in curves) else []
    return (" ".join(said) or "Upwards stands the score, across the property.",)


def _rule(one: SweepShown, result: AuditResult) -> str:
    """The rule by which a sweep was chosen; `control` for sweeps of controls, which have no findings."""
    properties = {found.subject.name for found in result.findings if is_property(found)}
    is_control = one.rule == "random" and properties and one.property not in properties
    return "control" if is_control else one.rule


def _key(one: SweepShown) -> Key:
    return one.analysis, one.intervention, one.image, one.variant


def _again(chosen: list[SweepShown], seen: dict[Key, str]) -> list[Block]:
    """Sweeps that another rule showed already are named, not drawn again."""
    if not chosen:
        return []
    named = "; ".join(f"{one.property} in {one.image} (see {seen[_key(one)]})" for one in chosen)
    return [Text((f"Chosen by this rule too, and shown above: {named}.",))]


def _failed(failed: list[SweepShown], after: str) -> list[Block]:
    title = f"Failed{after}"
    if not failed:
        return [Heading(title), Text(("No sweep failed among those that this report was given.",))]
    rows = tuple((Cell(one.property), Cell(one.image), Cell(one.reason or "not stated")) for one in failed)
    columns = (Column("Property"), Column("Image"), Column("Why it failed", "wide"))
    return [Heading(title), Text((FAILED,)), Table(f"Failed sweeps{after}", columns, rows)]
