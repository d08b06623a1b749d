"""Section: what was found about each model and concept, as plot, as sentences and as numbers."""

from __future__ import annotations

from auditor.report.number_text import (
    NOT_MEASURED,
    estimate_text,
    p_text,
    percent_text,
)
from auditor.report.page import Block, Bullets, Cell, Column, Figure, Heading, MarkKind, Section, Table, Text
from auditor.report.plots import ForestRow, Range, forest_plot
from auditor.report.sections.numbers_table import numbers_table
from auditor.report.source import Source, is_property
from auditor.report.words import VERDICT_WORDS, full_sentence, quantity_word, subject_title, unit_word, verdict_cell
from auditor.results.audit_result import Finding, Subject

GUIDE = (
    "How far each model's score moves when a concept is put into a picture or taken out (response), and how much of "
    "the model's performance hangs on the concept (importance)."
)
READING = (
    "Marks are estimates, and the lines through them their intervals. Concepts are ordered by importance, the largest "
    "first. An interval that crosses the strong line at zero is compatible with no effect. A response that lies wholly "
    "inside the shaded margin is small enough to say “does not rely”."
)
MARKS = (
    "Full upright bar: relies. Empty upright bar: does not rely. Triangle: inconclusive. Lozenge: invalid, because "
    "a gate failed or side effects of the picture generator explain the finding. Ring: no verdict."
)
RESPONSES = ("response", "unmixed_response")
IMPORTANCES = ("importance", "spilled_importance", "flips")
UNMIXED = (
    " The unmixed response is the response without what the picture generator's side effects on the other concepts "
    "bring, as far as these add up: a sensitivity analysis."
)
SPILLED = (
    " The spilled importance is as much importance as side effects on the other concepts may bring: margins below it "
    "decide nothing."
)
BySubject = dict[Subject, dict[str, Finding]]


def findings_section(source: Source) -> Section:
    """One part for each analysis and model, in the order of the document; says so where nothing was found."""
    findings = tuple(
        finding for finding in source.result.findings if finding.subgroup is None and not is_property(finding)
    )
    groups = dict.fromkeys((finding.analysis, finding.model) for finding in findings)
    blocks: list[Block] = [] if findings else [Text(("This audit has no findings.",))]
    if len(groups) > 1:
        blocks.append(_overview(findings, tuple(groups)))
    for number, (analysis, model) in enumerate(groups, 1):
        mine = tuple(finding for finding in findings if (finding.analysis, finding.model) == (analysis, model))
        whole = tuple(finding for finding in mine if finding.image is None)
        blocks.append(Heading(f"Model {model}, analysis {analysis}"))
        if whole:
            blocks += _ranking(number, f"Findings about {model}", whole)
        blocks.append(numbers_table("Every number behind the findings", whole, folded=True))
        if len(whole) < len(mine):
            single = tuple(finding for finding in mine if finding.image is not None)
            blocks.append(numbers_table("Findings about single pictures", single, folded=True))
    return Section("findings", "Findings", GUIDE, tuple(blocks))


def _overview(findings: tuple[Finding, ...], groups: tuple[tuple[str, str], ...]) -> Table:
    columns = (Column("Model"), Column("Analysis"), *(Column(word, "wide") for _, word in _verdicts().values()))
    said: dict[tuple[str, str, str], list[str]] = {}
    for one in findings:
        if one.quantity == "response" and one.image is None and one.verdict is not None:
            said.setdefault((one.analysis, one.model, one.verdict), []).append(one.subject.name)
    rows = tuple(
        (Cell(model), Cell(analysis),
         *(Cell(", ".join(said.get((analysis, model, verdict), ["none"]))) for verdict in _verdicts()))
        for analysis, model in groups
    )  # fmt: skip
    return Table("Verdicts about every model", columns, rows)


def _verdicts() -> dict[str, tuple[MarkKind, str]]:
    """The words that are said of concepts."""
    return {word: shown for word, shown in VERDICT_WORDS.items() if word != "descriptive"}


def _ranking(number: int, title: str, findings: tuple[Finding, ...]) -> list[Block]:
    by_subject: BySubject = {}
    for finding in findings:
        by_subject.setdefault(finding.subject, {})[finding.quantity] = finding
    ranked = dict(sorted(by_subject.items(), key=lambda item: _rank(item[1].get("importance"))))
    sentences = tuple(_sentence(subject, found) for subject, found in ranked.items() if "response" in found)
    blocks: list[Block] = [
        _figure(number, title, ranked), _ranking_table(title, ranked), _importance_table(title, ranked),
    ]  # fmt: skip
    return [*blocks, Bullets(sentences)] if sentences else blocks


def _sentence(subject: Subject, found: dict[str, Finding]) -> str:
    said = [f"{subject.name}: {verdict_cell(found['response']).text.lower()}."]
    said += [full_sentence(found[quantity].sentence) for quantity in ("response", "importance") if quantity in found]
    return " ".join(filter(None, said))


def _rank(importance: Finding | None) -> tuple[bool, float]:
    missing = importance is None or importance.estimate is None
    return missing, 0.0 if importance is None or importance.estimate is None else -importance.estimate


def _figure(number: int, title: str, ranked: BySubject) -> Figure:
    rows = [
        ForestRow(subject.name, (_range(found.get("response")), _range(found.get("importance"))),
                  verdict_cell(found.get("response")))
        for subject, found in ranked.items()
    ]  # fmt: skip
    panels = (_panel(ranked, "response"), _panel(ranked, "importance"))
    margins = (_margin(ranked, "response"), _margin(ranked, "importance"))
    said = [
        f"{subject.name}: {verdict_cell(found.get('response')).text.lower()}, response {_text(found, 'response')}, "
        f"importance {_text(found, 'importance')}"
        for subject, found in ranked.items()
    ]
    description = "Response and importance with intervals. " + "; ".join(said) + "."
    svg = forest_plot(
        f"figure-findings-{number}", title, description, subject_title(tuple(ranked)), panels, margins, rows
    )
    caption = f"{READING} {MARKS}" if number == 1 else f"{title}, to be read as the first figure of this section."
    return Figure(svg, title, description, caption)


def _panel(ranked: BySubject, quantity: str) -> str:
    units = dict.fromkeys(unit_word(found[quantity].unit) for found in ranked.values() if quantity in found)
    return f"{quantity_word(quantity)} ({', '.join(units)})" if units else quantity_word(quantity)


def _margin(ranked: BySubject, quantity: str) -> float | None:
    margins = {found[quantity].margin for found in ranked.values() if quantity in found}
    # One band is drawn only where one margin holds for every line of the plot.
    return margins.pop() if len(margins) == 1 else None


def _range(finding: Finding | None) -> Range:
    if finding is None:
        return Range(None, None, None)
    if finding.interval is None:
        return Range(finding.estimate, None, None)
    return Range(finding.estimate, finding.interval.low, finding.interval.high)


def _text(found: dict[str, Finding], quantity: str) -> str:
    finding = found.get(quantity)
    return NOT_MEASURED if finding is None else estimate_text(finding.estimate, finding.interval)


def _ranking_table(title: str, ranked: BySubject) -> Table:
    columns = (Column(subject_title(tuple(ranked))), Column("Verdict", "mark"),
               *(Column(quantity_word(quantity), "number") for quantity in RESPONSES),
               Column("Adjusted p", "number"))  # fmt: skip
    rows = tuple(
        (Cell(subject.name), verdict_cell(found.get("response")),
         *(Cell(_text(found, quantity)) for quantity in RESPONSES), Cell(_adjusted(found.get("response"))))
        for subject, found in ranked.items()
    )  # fmt: skip
    return Table(f"{title}: responses, estimate and interval", columns, rows, note=_note(ranked, UNMIXED))


def _importance_table(title: str, ranked: BySubject) -> Table:
    first, *others = IMPORTANCES
    columns = (Column(subject_title(tuple(ranked))), Column(quantity_word(first), "number"),
               Column("Adjusted p", "number"),
               *(Column(quantity_word(quantity), "number") for quantity in others))  # fmt: skip
    rows = tuple(
        (Cell(subject.name), Cell(_text(found, first)), Cell(_adjusted(found.get(first))),
         *(Cell(_text(found, quantity)) for quantity in others))
        for subject, found in ranked.items()
    )  # fmt: skip
    return Table(f"{title}: importance and decisions, estimate and interval", columns, rows,
                 note=_note(ranked, SPILLED))  # fmt: skip


def _adjusted(finding: Finding | None) -> str:
    return p_text(finding.p_adjusted if finding else None)


def _note(ranked: BySubject, side_effects: str) -> str:
    every = [finding for found in ranked.values() for finding in found.values()]
    levels = sorted({finding.interval.confidence for finding in every if finding.interval})
    confidence = " or ".join(map(percent_text, levels))
    intervals = f"Intervals are two-sided at {confidence}. " if levels else ""
    adjusted = "Adjusted p-values take the number of concepts into account."
    return f"{intervals}{adjusted}{side_effects if any(one.quantity == 'unmixed_response' for one in every) else ''}"
