"""From the result to the page of values: the header, and every section of the catalogue."""

from __future__ import annotations

from pathlib import Path

from auditor.report.number_text import count_text
from auditor.report.page import Cell, KeyValues, Page
from auditor.report.sections import sections_of
from auditor.report.source import Source, source_of
from auditor.report.words import GATES_AMISS, NO_REQUIREMENTS, OUTCOME_SENTENCES, state_cell
from auditor.results.audit_result import AuditResult
from auditor.results.summary import partial_sentence

MOST_NAMED = 12
"""Models that the header names."""


def page_of(result: AuditResult, folder: Path) -> Page:
    """The page; every section is on it, and one with nothing to show says so."""
    source = source_of(result, folder)
    audit = result.audit
    sentence = OUTCOME_SENTENCES[result.outcome] if result.requirements else NO_REQUIREMENTS
    if any(check.state not in ("pass", None) for check in result.checks):
        sentence = f"{sentence} {GATES_AMISS}"
    return Page(
        title=audit.title,
        audit_id=audit.id,
        revision=audit.revision,
        owner=audit.owner,
        outcome=state_cell(result.outcome),
        outcome_sentence=sentence,
        digest=source.digest,
        digest_of=source.digest_of,
        tool_version=result.tool_version,
        header=_header(source),
        sections=tuple(section(source) for section in sections_of(source)),
        partial=partial_sentence(result.partial) if result.partial else "",
    )


def _rows(result: AuditResult) -> str:
    examined = count_text(result.sample.rows)
    return f"{examined} of {count_text(result.partial.of)}" if result.partial else examined


def _named(models: tuple[str, ...]) -> str:
    """All of few models, the first and the last of many."""
    if len(models) <= MOST_NAMED:
        return ", ".join(models)
    return f"{count_text(len(models))}, from {models[0]} to {models[-1]}"


def _examined(result: AuditResult) -> tuple[str, Cell]:
    if result.sample.source:
        return "Rows examined", Cell(f"{_rows(result)}, from {result.sample.source}")
    images = max((sample.images + sample.left_out for sample in result.sweep_samples), default=0)
    return "Images examined", Cell(f"{count_text(images)}, photographs that the document names")


def _header(source: Source) -> KeyValues:
    result = source.result
    models = dict.fromkeys(
        [finding.model for finding in result.findings] + [found.model for found in result.performance]
    )
    rows = (
        ("Audit", Cell(f"{result.audit.id}, revision {result.audit.revision}")),
        ("Owner", Cell(result.audit.owner or "not stated")),
        ("Intended use of the answer", Cell(result.audit.intended_use or "not stated")),
        ("Audited models", Cell(_named(tuple(models)) or "none")),
        _examined(result),
        ("Made with", Cell(f"auditor {result.tool_version}")),
        (f"SHA-256 of {source.digest_of}", Cell(source.digest)),
    )
    return KeyValues("About this audit", rows)
