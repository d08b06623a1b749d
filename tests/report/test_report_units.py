"""Scores of different units never share an axis: a number of 30 would flatten every probability."""

from __future__ import annotations

from pathlib import Path

from auditor.report.build_page import page_of
from auditor.report.page import Figure, Filmstrips
from auditor.results.audit_result import AuditResult
from tests.report.sample_sweeps import sweeps_alone
from tests.report.test_report_checkpoints import blocks


def test_models_of_other_units_are_drawn_apart(result: AuditResult, run_folder: Path) -> None:
    alone = sweeps_alone(result, run_folder)
    before = [one for one in blocks(page_of(alone, run_folder), "properties") if isinstance(one, Figure)]
    model = alone.sweeps[0].curves[0].model
    findings = [
        one.model_copy(update={"unit": "value"}) if one.model == model and one.quantity == "range" else one
        for one in alone.findings
    ]
    curves = (
        alone.sweeps[0]
        .curves[0]
        .model_copy(update={"scores": tuple(30 * s for s in alone.sweeps[0].curves[0].scores)}),
        *alone.sweeps[0].curves[1:],
    )
    sweep = alone.sweeps[0].model_copy(update={"curves": curves})
    mixed = alone.model_copy(update={"findings": tuple(findings), "sweeps": (sweep,)})
    page = page_of(mixed, run_folder)
    figures = [one for one in blocks(page, "properties") if isinstance(one, Figure)]
    assert len(figures) > len(before)
    assert not any(
        "Range (probability, value)" in one.svg or "Range (value, probability)" in one.svg for one in figures
    )
    (strip,) = next(one for one in blocks(page, "sweeps") if isinstance(one, Filmstrips)).strips
    assert "each model's own score upwards" in strip.note
    assert strip.plot is not None
    ticks = [part.split("</text>")[0].split(">")[-1] for part in strip.plot.svg.split('text-anchor="end"')[1:]]
    assert any(float(tick.replace(",", "")) > 2 for tick in ticks) and any(0 < float(tick) < 1 for tick in ticks)
