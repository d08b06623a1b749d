"""Section: how much work the audit is, and how much of it was shared."""

from __future__ import annotations

from auditor.report.number_text import count_text, ratio_text
from auditor.report.page import Cell, Column, Section, Table
from auditor.report.source import Source
from auditor.report.words import spoken
from auditor.results.audit_result import OpCount

GUIDE = (
    "The method's paper makes a new picture for every row of every permutation. Equal pictures and equal scores are "
    "made once here and looked up after that, which changes the cost and none of the numbers."
)

GUIDE_SWEPT = (
    "The method's paper makes every frame by a call of its own and has no controls. Equal frames and equal scores are "
    "made once here and looked up after that, which changes the cost and none of the numbers."
)

MOST_ALIKE = 12
"""Steps of one kind that stand in a row each; more, such as the scores of many checkpoints, stand in one together."""


def plan_section(source: Source) -> Section:
    """The counts of every step; says so where the plan has none."""
    columns = (Column("Step"), Column("As published", "number"), Column("Asked for", "number"),
               Column("Made (distinct)", "number"), Column("Published to made", "number"))  # fmt: skip
    rows = tuple(
        (Cell(spoken(op.op)), Cell(count_text(op.as_published)), Cell(count_text(op.asked)),
         Cell(count_text(op.distinct)), Cell(ratio_text(op.as_published, op.distinct)))
        for op in _together(source.result.plan.ops)
    )  # fmt: skip
    note = (
        "As published: what the paper's way would make. Asked for: what analyses and checks asked for, before sharing. "
        "Made: what remains when equal units are made once."
    )
    table = Table("The plan, in units of work", columns, rows, empty="The plan holds no work.", note=note)
    return Section("plan", "Plan", GUIDE if source.about_concepts else GUIDE_SWEPT, (table,))


def _together(ops: tuple[OpCount, ...]) -> tuple[OpCount, ...]:
    """The steps, of kinds with many one with the sum of all."""
    kinds: dict[str, list[OpCount]] = {}
    for op in ops:
        kinds.setdefault(op.op.split(" ", 1)[0], []).append(op)
    shown: list[OpCount] = []
    for kind, each in kinds.items():
        shown += (
            each
            if len(each) <= MOST_ALIKE
            else [
                OpCount(
                    op=f"{kind}, {count_text(len(each))} steps together",
                    as_published=sum(op.as_published for op in each),
                    asked=sum(op.asked for op in each),
                    distinct=sum(op.distinct for op in each),
                )
            ]
        )
    return tuple(shown)
