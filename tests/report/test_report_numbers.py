"""Numbers, axes and drawings."""

from __future__ import annotations

import math

import pytest
from markupsafe import Markup

from auditor.report.number_text import (
    bound_text,
    decimals_of,
    estimate_text,
    limit_text,
    p_text,
    part_text,
    ratio_text,
    value_text,
)
from auditor.report.plots.axis import axis_around
from auditor.report.svg import drawing, element, fit_lines, text
from auditor.results.audit_result import IntervalResult


@pytest.mark.parametrize(
    ("low", "high", "decimals"),
    [(0.281, 0.343, 3), (-0.15, 0.15, 2), (0, 100, 0), (0.1, 0.1, 4), (0, 1e-12, 6), (0.256, 0.2758, 3), (0, 2, 1)],
)
def test_decimals_follow_the_interval(low: float, high: float, decimals: int) -> None:
    assert decimals_of(low, high) == decimals


def test_estimates_with_and_without_intervals() -> None:
    interval = IntervalResult(low=0.281, high=0.343, confidence=0.95, method="influence")
    assert estimate_text(0.3121, interval) == "0.312 [0.281, 0.343]"
    assert estimate_text(0.3121, None) == "0.312 (no interval)"
    assert estimate_text(None, interval) == "not measured"


@pytest.mark.parametrize(
    ("bound", "said"), [(0.0499999, "0.0499999"), (0.05, "0.050"), (0.0514, "0.051"), (None, "no bound")]
)
def test_a_bound_shows_on_which_side_it_lies(bound: float | None, said: str) -> None:
    assert bound_text(bound, 0.05, 3) == said


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (None, "none"),
        (0.0, "<\N{NO-BREAK SPACE}0.0001"),
        (0.0001, "0.0001"),
        (0.0099, "0.0099"),
        (0.05, "0.050"),
        (1.0, "1.00"),
    ],
)
def test_p_values(p: float | None, said: str) -> None:
    assert p_text(p) == said


def test_small_things() -> None:
    assert value_text(-1234.5678, 1) == "\N{MINUS SIGN}1,234.6"
    assert limit_text(0.05) == "0.05" and limit_text(None) == "none"
    assert part_text(96, 200) == "96 of 200 (48\N{NO-BREAK SPACE}%)" and part_text(0, 0) == "0 of 0"
    assert ratio_text(5, 0) == "none"


@pytest.mark.parametrize("values", [[], [None], [0.0], [1e-15], [0.3], [-1e-9, 1e9], [0.05, -0.05, 0.0123]])
def test_axes_hold_zero_and_have_few_ticks(values: list[float | None]) -> None:
    axis = axis_around(values, 100, 300)
    assert axis.low <= 0 <= axis.high and 2 <= len(axis.ticks) <= 7
    assert all(100 <= axis.at(value) <= 300 for value in values if value is not None)
    assert axis.at(-math.inf) == 100 and axis.at(math.inf) == 300


def test_drawings_escape_everything() -> None:
    made = drawing(10, 10, "n", "<b>", '"&', [text(1, 2, "</text><script>"), element("g", key='"><x')])
    assert isinstance(made, Markup)
    assert "<b>" not in made and "<script" not in made and "<x" not in made


def test_lines_lose_their_middle_where_they_do_not_fit() -> None:
    assert fit_lines("red circle", 200, 12) == ("red circle",)
    assert fit_lines("one two three four five six", 60, 12) == ("one two", "thre…six")
    assert fit_lines("", 40, 12) == ("",)
