"""Section: the checks that must hold before a finding may be believed."""

from __future__ import annotations

from typing import Final

from auditor.report.number_text import (
    NOT_MEASURED,
    bound_text,
    decimals_of,
    limit_text,
    p_text,
    percent_text,
    value_text,
)
from auditor.report.page import Block, Callout, Cell, Column, Heading, Section, Table, Text
from auditor.report.source import Source
from auditor.report.words import full_sentence, severity, spoken, state_cell
from auditor.results.audit_result import CheckPart, CheckResult

GUIDE = "A gate asks whether the measurement itself can be trusted. Where a gate fails, findings become invalid."

MEANINGS: Final[dict[str, str]] = {
    "effective_generation": "Do models and detectors do as well on the generated pictures as on the real pictures of "
    "the same rows? If not, the pictures do not show what their captions say, and no finding would mean anything.",
    "independent_permutation": "When one concept is put into a picture or taken out, does the detector see that "
    "concept change, and no other? If others change too, a response may be due to them.",
    "significance": "Could chance alone explain how the score moves? Small p-values say that it could not.",
    "control_dose": "Are the controls as strong as the property: do their frames move as far, in pixel values, from "
    "the first frame? A weaker control would make any model look guilty. And could a model that follows nothing but "
    "how far pixels move be accused, because controls are weak in some images?",
    "edit_success": "Does the sweep change the property at all? A detector must see it move along the frames, the way "
    "it is meant to. If not, the sweep is one of something else.",
    "identity_kept": "Does the sweep leave everything else as it is? If not, a score that moves may follow that "
    "instead of the property.",
}

COLUMNS = (
    Column("About"),
    Column("State", "mark"),
    Column("Quantity"),
    Column("Measured, interval", "number"),
    Column("Limit", "number"),
    Column("In words", "wide"),
    Column("Findings it guards"),
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
    blocks.append(Callout(_check_state(check), f"Analysis {check.of}", full_sentence(check.sentence)))
    worst_first = sorted(check.parts, key=severity)
    amiss = tuple(part for part in worst_first if part.state not in ("pass", None))
    others = tuple(part for part in worst_first if part.state in ("pass", None))
    if len(worst_first) <= MANY_PARTS or not others:
        caption = f"All {len(worst_first)} judgements" if len(worst_first) > 1 else "The judgement behind it"
        return [*blocks, _parts(caption, tuple(worst_first))] if worst_first else blocks
    if amiss:
        blocks.append(_parts(f"The {len(amiss)} judgements that did not pass", amiss))
    which = f"The {len(others)} other judgements" if amiss else f"All {len(others)} judgements"
    return [*blocks, _parts(which, others, folded=True)]


def _parts(caption: str, parts: tuple[CheckPart, ...], folded: bool = False) -> Table:
    rows = tuple(
        (Cell(part.subject.replace(" -> ", " → ")), state_cell(part.state), Cell(part.quantity),
         Cell(_part_measured(part)), Cell(limit_text(part.threshold)), Cell(full_sentence(part.sentence) or "none"),
         Cell(_guarded(part)))
        for part in parts
    )  # fmt: skip
    return Table(caption, COLUMNS, rows, folded=folded, note=_note(parts))


def _note(parts: tuple[CheckPart, ...]) -> str:
    levels = sorted({part.interval.confidence for part in parts if part.interval})
    said = [
        f"{percent_text(level)}, so that each end is a one-sided limit at {percent_text((1 + level) / 2)}"
        for level in levels
    ]
    return f"Intervals are two-sided at {'; or '.join(said)}." if levels else ""


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
        return p_text(part.measured) if part.quantity.endswith("adjusted p") else value_text(part.measured)
    decimals = decimals_of(part.interval.low, part.interval.high)
    bounds = [bound_text(bound, part.threshold, decimals) for bound in (part.interval.low, part.interval.high)]
    return f"{value_text(part.measured, decimals)} [{', '.join(bounds)}]"


def _guarded(part: CheckPart) -> str:
    if part.state is None:
        return "none"
    if part.model is None and part.concept is None:
        return "all findings"
    return ", ".join(name for name in (part.model, part.concept) if name is not None)
