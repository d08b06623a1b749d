"""Section: the answer, the requirements, and how far each was from its limit."""

from __future__ import annotations

from auditor.report.number_text import (
    NOT_MEASURED,
    bound_text,
    count_text,
    decimals_of,
    limit_text,
    p_text,
    percent_text,
    value_text,
)
from auditor.report.page import Block, Bullets, Callout, Cell, Column, Figure, Heading, Section, Table, Text
from auditor.report.plots import limit_strips
from auditor.report.source import Source
from auditor.report.words import (
    NO_REQUIREMENTS,
    RELATION_WORDS,
    full_sentence,
    inside,
    quantity_word,
    severity,
    state_cell,
)
from auditor.results.audit_result import AuditResult, RequirementResult

COLUMNS = (
    Column("Requirement"),
    Column("State", "mark"),
    Column("Promise"),
    Column("Estimate", "number"),
    Column("Lower and upper bound", "number"),
    Column("p-value", "number"),
    Column("Adjusted p", "number"),
)

MOST_STRIPS = 9
"""Requirements in one figure: so many fit a printed page."""

READING = (
    "The shaded zone is what was promised. The bar runs from the lower to the upper bound, and the mark on it is the "
    "estimate. A bar that lies wholly inside the zone is a pass, one wholly outside is a fail, and one across the "
    "edge is inconclusive. A requirement is also inconclusive or invalid where a gate does not allow more."
)


def verdict_section(source: Source) -> Section:
    """The summary sentences, then the requirements from the worst on; says so where there are none."""
    result = source.result
    blocks: list[Block] = [Bullets(result.summary)] if result.summary else []
    worst_first = tuple(sorted(result.requirements, key=severity))
    blocks.append(Heading("Requirements"))
    if not worst_first:
        blocks.append(Text((NO_REQUIREMENTS,)))
    else:
        blocks += [_callout(one) for one in worst_first]
        blocks += [*_figures(worst_first), _table(worst_first), _noise(worst_first)]
    blocks += _earlier(result)
    return Section("verdict", "Verdict", "What the author promised, and whether it holds.", tuple(blocks))


def _callout(requirement: RequirementResult) -> Callout:
    said = f"Promised of {requirement.model}: {promise_text(requirement)}. "
    found = f"Found: {requirement.sentence}" if requirement.sentence else "Found: nothing is said."
    return Callout(state_cell(requirement.state), requirement.name, said + full_sentence(found))


def promise_text(requirement: RequirementResult) -> str:
    """The promise in one line, such as `response to blue rectangle at most 0.05`."""
    about = "to" if requirement.quantity in ("response", "systematic_response") else "of"
    quantity = quantity_word(requirement.quantity)
    if requirement.quantity == "flips" and requirement.subject.kind == "property":
        quantity, about = "Share of images whose decision changes", "along"
    relation = RELATION_WORDS[requirement.relation]
    group = requirement.subgroup
    where = "" if group is None else f" where {group.column} is {group.value or 'empty'},"
    words = f"{quantity} {about} {requirement.subject.name}{where} {relation} "
    return inside(words).replace("± ", "±") + limit_text(requirement.threshold)


def bounds_text(requirement: RequirementResult) -> tuple[str, str]:
    """The estimate, and `lower to upper`, each with the digits that the bounds support."""
    low, high = requirement.lower, requirement.upper
    decimals = 3 if low is None or high is None else decimals_of(low, high)
    estimate = value_text(requirement.estimate, decimals)
    if low is None and high is None:
        return estimate, NOT_MEASURED if requirement.estimate is None else "no bounds"
    bounds = [bound_text(bound, requirement.threshold, decimals) for bound in (low, high)]
    return estimate, " to ".join(bounds)


def _figures(requirements: tuple[RequirementResult, ...]) -> list[Figure]:
    """As many as are needed for each to fit a printed page."""
    parts = [requirements[i : i + MOST_STRIPS] for i in range(0, len(requirements), MOST_STRIPS)]
    return [_figure(part, number, len(parts)) for number, part in enumerate(parts, start=1)]


def _figure(requirements: tuple[RequirementResult, ...], number: int, figures: int) -> Figure:
    title = "Requirements: what was promised and what was measured" + (f", {number} of {figures}" * (figures > 1))
    said = [
        f"{one.name}: {promise_text(one)}; estimate {bounds_text(one)[0]}, bounds {bounds_text(one)[1]}; "
        f"{state_cell(one.state).text.lower()}"
        for one in requirements
    ]
    description = ". ".join(said) + "."
    name = "figure-requirements" if number == 1 else f"figure-requirements-{number}"
    svg = limit_strips(name, title, description, requirements)
    return Figure(
        svg, title, description, READING if number == 1 else "To be read as the first figure of this section."
    )


def _table(requirements: tuple[RequirementResult, ...]) -> Table:
    rows = []
    for one in requirements:
        estimate, bounds = bounds_text(one)
        promise = f"{promise_text(one)}; {one.model}, {one.analysis}; confidence {percent_text(one.confidence)}"
        rows.append((Cell(one.name), state_cell(one.state), Cell(promise), Cell(estimate), Cell(bounds),
                     Cell(p_text(one.p_failed)), Cell(p_text(one.p_adjusted))))  # fmt: skip
    note = (
        "Bounds are one-sided at the stated confidence. The p-value is the chance of a measurement at least this far "
        "beyond the limit if the promise held; it is adjusted (Holm) for the number of requirements, and decides "
        "fails."
    )
    return Table("The numbers behind the requirements", COLUMNS, tuple(rows), note=note)


def _noise(requirements: tuple[RequirementResult, ...]) -> Table:
    if all(one.subject.kind == "property" for one in requirements):
        return _images(requirements)
    rows = tuple(
        (Cell(one.name), Cell(one.model), Cell(value_text(one.noise_sd)), Cell(_stability(one)),
         Cell("none would" if one.rows_needed is None else count_text(one.rows_needed)))
        for one in requirements
    )  # fmt: skip
    columns = (Column("Requirement"), Column("Model"), Column("Noise SD", "number"), Column("Stability", "number"),
               Column("Rows to decide with 80 %", "number"))  # fmt: skip
    note = (
        "The noise SD is how far the estimate moves when the same rows are generated with other noise. The stability "
        "is the least distance of a bound from the limit in noise SDs: below 2 another seed may change the state. The "
        "rows are those that would decide, were the estimate the truth."
    )
    return Table("What noise does to the requirements", columns, rows, note=note, folded=True)


def _images(requirements: tuple[RequirementResult, ...]) -> Table:
    rows = tuple(
        (Cell(one.name), Cell(one.model),
         Cell("none would" if one.rows_needed is None else count_text(one.rows_needed)))
        for one in requirements
    )  # fmt: skip
    columns = (Column("Requirement"), Column("Model"), Column("Images to decide with 80 %", "number"))
    note = "As many images as would decide with a chance of 80 %, were the estimate the truth."
    return Table("How many images would decide the requirements", columns, rows, note=note, folded=True)


def _stability(one: RequirementResult) -> str:
    if one.noise_sd == 0.0:
        return "noise moves nothing"
    return value_text(one.stability, 1)


def _earlier(result: AuditResult) -> list[Block]:
    """The earlier results of the audit; nothing where there are none."""
    if not result.earlier:
        return []
    count = len(result.earlier)
    said = (
        f"This audit had {count_text(count)} other result{'s' if count > 1 else ''} before: a pass that was found by "
        "trying again counts for less."
    )
    if result.requirements_changed:
        said += " Its requirements were changed after scores existed."
    rows = tuple(
        (Cell(one.revision + (", part of the rows" if one.partial else "")), state_cell(one.outcome),
         Cell(one.result_digest))
        for one in result.earlier
    )  # fmt: skip
    columns = (Column("Revision"), Column("Outcome", "mark"), Column("SHA-256 of its result.json", "code"))
    return [Heading("Earlier results"), Text((said,)), Table("Earlier results of this audit", columns, rows)]
