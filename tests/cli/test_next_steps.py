"""What a run advises where it decides nothing: only what could decide it."""

from __future__ import annotations

from pathlib import Path

from auditor.cli.run import next_steps
from tests.report.sample_result import sample_result
from tests.report.sample_sweeps import sweeps_alone


def test_a_property_that_changes_nothing_is_named_and_no_images_are_asked_for(tmp_path: Path) -> None:
    sample = sweeps_alone(sample_result(tmp_path), tmp_path).model_copy(update={"outcome": "inconclusive"})
    names = list(dict.fromkeys(one.subject.name for one in sample.findings))
    idle = "{} changes no pixel of any picture: give its intervention more to do"

    def without(*gone: str) -> list[str]:
        findings = [
            one.model_copy(update={"n": 0}) if one.subject.name in gone else one for one in sample.findings
        ]  # fmt: skip
        return next_steps(sample.model_copy(update={"findings": tuple(findings)}))

    assert not any("changes no pixel" in step for step in next_steps(sample))
    assert without(*names) == [idle.format(name) for name in names]
    assert without(names[0]) == [idle.format(names[0]), *next_steps(sample)]
