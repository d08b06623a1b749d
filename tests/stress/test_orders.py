"""The order of a plan, the number of workers and where a run was stopped change nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stress.own_process import figures_of


def ordered(resumes: int, workers: str) -> dict[str, Any]:
    return figures_of("orders", "--resumes", str(resumes), "--workers", workers)


def expect_one_result(figures: dict[str, Any]) -> None:
    assert figures["units"] >= 200 and figures["shuffles"] == 2 * figures["variants"]
    assert figures["computed_while_judging"] == 0, "every variant computed all there is"
    assert figures["distinct_results"] == 1, figures


def test_a_shuffled_plan_on_two_workers_stopped_once() -> None:
    expect_one_result(ordered(1, "2"))


@pytest.mark.slow
def test_ten_resumes_on_one_two_and_four_workers() -> None:
    expect_one_result(ordered(10, "1,2,4"))
