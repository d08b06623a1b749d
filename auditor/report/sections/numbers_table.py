"""Every number of findings with all that belongs to it, as a table."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.report.number_text import (
    NOT_MEASURED,
    estimate_text,
    limit_text,
    p_text,
    percent_text,
    times_text,
    value_text,
)
from auditor.report.page import Cell, Column, Table
from auditor.report.source import is_property
from auditor.report.words import quantity_word, unit_word
from auditor.results.audit_result import Finding

COUNTED = {
    False: ("Rows", "“Left out” counts rows without a valid picture or score."),
    True: ("Images", "“Left out” counts images with an invalid frame or score, and those of which the intervention "
                     "changes no pixel."),
}  # fmt: skip
"""What findings count, about concepts and about properties, and what is left out of them."""


def numbers_table(caption: str, findings: Iterable[Finding], folded: bool) -> Table:
    """Every number of findings, with all that belongs to it; models are named where there are several."""
    findings = tuple(findings)
    several = len({finding.model for finding in findings}) > 1
    counted, left_out = COUNTED[bool(findings) and all(is_property(finding) for finding in findings)]
    columns = (Column("About"), Column("Quantity"), Column("Estimate and interval", "number"),
               Column("Margin", "number"), Column("p", "number"), Column("Adjusted p", "number"),
               Column(counted, "number"), Column("Left out", "number"), Column("Further numbers", "wide"))  # fmt: skip
    rows = tuple(
        (Cell(_about(finding, several)),
         Cell(f"{quantity_word(finding.quantity)} ({_unit(finding)})"),
         Cell((times_text if finding.unit == "times" else estimate_text)(finding.estimate, finding.interval)),
         Cell(limit_text(finding.margin)),
         Cell(p_text(finding.p_value)), Cell(p_text(finding.p_adjusted)), Cell(f"{finding.n:,}"),
         Cell(f"{finding.n_invalid:,}"), Cell(_further(finding)))
        for finding in findings
    )  # fmt: skip
    return Table(caption, columns, rows, empty="None.", folded=folded, note=left_out)


def _unit(finding: Finding) -> str:
    return "share of images" if is_property(finding) and finding.unit == "share" else unit_word(finding.unit)


def _about(finding: Finding, several: bool) -> str:
    named = (finding.subject.name, finding.model if several else None, finding.image)
    return ", ".join(name for name in named if name is not None)


def _further(finding: Finding) -> str:
    said = [f"{key.replace('_', ' ')} {_detail(value)}" for key, value in finding.details.items()]
    if finding.interval is not None:
        method = finding.interval.method.replace("rows", "images") if is_property(finding) else finding.interval.method
        said.insert(0, f"{percent_text(finding.interval.confidence)} interval: {method}")
    if finding.stability is not None:
        said.append(f"stability of the verdict {value_text(finding.stability, 1)} noise SDs")
    elif finding.verdict is not None and finding.noise_sd is None and not is_property(finding):
        said.append(f"stability of the verdict {NOT_MEASURED}: that takes two draws of noise")
    if finding.alternative:
        said.append(f"tail of the test: {finding.alternative.replace('_', ' ')}")
    return "; ".join(said) or "none"


def _detail(value: float | int | str | None) -> str:
    return value_text(value) if value is None or isinstance(value, float) else f"{value}"
