"""Section: the checks that must hold before a finding may be believed."""

from __future__ import annotations

from typing import Final

from auditor.report.number_text import NOT_MEASURED, bound_text, decimals_of, interval_text, limit_text, value_text
from auditor.report.page import Block, Callout, Cell, Column, Heading, Section, Table, Text
from auditor.report.source import Source
from auditor.report.words import severity, spoken, state_cell
from auditor.results.audit_result import CheckPart, CheckResult

GUIDE = "A gate asks whether the measurement itself can be trusted. Where a gate fails, findings become invalid."

MEANINGS: Final[dict[str, str]] = {
    "effective_generation": "Do models and detectors do as well on the generated pictures as on the real pictures of "
    "the same rows? If not, the pictures do not show what their captions say, and no finding would mean anything.",
    "independent_permutation": "When one concept is put into a picture or taken out, does the detector see that "
    "concept change, and no other? If others change too, a response may be due to them.",
    "significance": "Could chance alone explain how the score moves? Small p-values say that it could not.",
}

COLUMNS = (
    Column("About"),
    Column("State", "mark"),
    Column("Measured quantity"),
    Column("Measured", "number"),
    Column("Interval", "number"),
    Column("Limit", "number"),
    Column("Guards"),
)
MANY_PARTS = 12


def gates_section(source: Source) -> Section:
    """Every check with its judgements, the worst judgements first; says so where there are no checks."""
    blocks: list[Block] = [_overview(source.result.checks)]
    for check in source.result.checks:
        blocks += _blocks_of(check)
    return Section("gates", "Gates", GUIDE, tuple(blocks))


def _overview(checks: tuple[CheckResult, ...]) -> Table:
    columns = (Column("Check"), Column("State", "mark"), Column("Analysis"), Column("Worst measured", "number"),
               Column("Limit", "number"))  # fmt: skip
    rows = tuple(
        (Cell(spoken(check.kind)), _check_state(check), Cell(check.of), _measured(check),
         Cell(limit_text(check.threshold)))
        for check in checks
    )  # fmt: skip
    empty = "This audit declares no checks: nothing shows whether its findings can be trusted."
    return Table("All checks", columns, rows, empty=empty)


def _blocks_of(check: CheckResult) -> list[Block]:
    blocks: list[Block] = [Heading(spoken(check.kind))]
    if check.kind in MEANINGS:
        blocks.append(Text((MEANINGS[check.kind],)))
    blocks.append(Callout(_check_state(check), f"Analysis {check.of}", check.sentence))
    worst_first = sorted(check.parts, key=severity)
    amiss = tuple(part for part in worst_first if part.state not in ("pass", None))
    many = len(check.parts) > MANY_PARTS and len(amiss) < len(check.parts)
    if many and amiss:
        blocks.append(_parts("Judgements that did not pass", amiss))
    if worst_first:
        blocks.append(_parts(f"All {len(worst_first)} judgements", tuple(worst_first), folded=many))
    return blocks


def _parts(caption: str, parts: tuple[CheckPart, ...], folded: bool = False) -> Table:
    rows = tuple(
        (Cell(part.subject.replace(" -> ", " → ")), state_cell(part.state), Cell(part.quantity),
         Cell(_part_measured(part)),
         Cell("none" if part.interval is None else _part_interval(part)), Cell(limit_text(part.threshold)),
         Cell(_guarded(part)))
        for part in parts
    )  # fmt: skip
    return Table(caption, COLUMNS, rows, folded=folded)


def _check_state(check: CheckResult) -> Cell:
    return Cell("Informs only", "none") if check.state is None else state_cell(check.state)


def _measured(check: CheckResult) -> Cell:
    if check.measured is None:
        return Cell("see below" if any(part.measured is not None for part in check.parts) else NOT_MEASURED)
    return Cell(bound_text(check.measured, check.threshold, 3))


def _part_measured(part: CheckPart) -> str:
    if part.measured is None:
        return NOT_MEASURED
    if part.interval is None:
        return value_text(part.measured)
    return value_text(part.measured, decimals_of(part.interval.low, part.interval.high))


def _part_interval(part: CheckPart) -> str:
    if part.interval is None or part.threshold is None:
        return "none" if part.interval is None else interval_text(part.interval)
    decimals = decimals_of(part.interval.low, part.interval.high)
    bounds = [bound_text(bound, part.threshold, decimals) for bound in (part.interval.low, part.interval.high)]
    return f"[{', '.join(bounds)}]"


def _guarded(part: CheckPart) -> str:
    model = "every model" if part.model is None else part.model
    return model if part.concept is None else f"{model}, {part.concept}"
