"""`kill -9` anywhere loses nothing, repeats nothing that was finished, and changes no byte of the evidence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stress.own_process import figures_of


def killed(points: int, formats: str = "html") -> dict[str, Any]:
    return figures_of("kill_nine", str(points), "--formats", formats)


def expect_nothing_lost(figures: dict[str, Any]) -> None:
    assert figures["units"] >= 200 and figures["micro_batches"] >= 30
    assert figures["lost_units"] == figures["repeated_units"] == 0, figures
    assert figures["failed_resumes"] == figures["torn_objects"] == 0, figures
    assert figures["different_files"] == [], figures
    assert figures["perfect"]


def test_three_kills() -> None:
    figures = killed(3)
    expect_nothing_lost(figures)
    assert figures["killed"] >= 2


@pytest.mark.slow
def test_a_hundred_kills() -> None:
    figures = killed(100)
    expect_nothing_lost(figures)
    assert figures["killed"] >= 90 and figures["within_computing"] >= 20, figures


@pytest.mark.slow
def test_ten_kills_of_runs_that_make_a_pdf() -> None:
    figures = killed(10, "html,pdf")
    expect_nothing_lost(figures)
    assert figures["killed"] >= 8, figures
