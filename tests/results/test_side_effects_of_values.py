"""Side effects from and on a category: taken out value by value, and not where a category vanishes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from auditor.checks import IndependentPermutation, Significance
from auditor.judgement import CheckResult
from auditor.results.audit_result import Finding
from auditor.results.findings import findings_of
from auditor.results.judged import Judged, judged_of
from auditor.results.side_effects import side_effects_of
from tests.valued import Valued
from tests.world import reliance

COLOUR, LAMP = 1, 3
RED, BLUE, NONE = 0, 2, -1


def blue_takes_the_lamp(values: np.ndarray, hit: np.ndarray) -> np.ndarray:
    values[hit & (values[:, COLOUR] == BLUE), LAMP] = 0
    return values


def the_lamp_turns_red_to_blue(values: np.ndarray, hit: np.ndarray) -> np.ndarray:
    values[hit & (values[:, LAMP] == 1) & (values[:, COLOUR] == RED), COLOUR] = BLUE
    return values


def the_lamp_takes_the_wall(values: np.ndarray, hit: np.ndarray) -> np.ndarray:
    values[hit & (values[:, LAMP] == 1), COLOUR] = NONE
    return values


def judge(
    spoil: Callable[[np.ndarray, np.ndarray], np.ndarray] | None, effects: dict[str, tuple[float, ...]]
) -> tuple[dict[str, Judged], tuple[CheckResult, ...]]:
    """Every concept, with wide limits of the gate, so that side effects come through."""
    world = Valued(rows=300, spoil=spoil, effects=effects)
    analysis = reliance(margin={"response": 0.02})
    given = {"max_changed": 0.95, "min_rendering": 0.1}
    gate = world.check(IndependentPermutation(kind="independent_permutation", of="reliance", **given), analysis)
    tests = world.check(Significance(kind="significance", of="reliance", alpha=0.05, swaps=999), analysis).tests
    estimates = world.estimate(analysis)
    assert gate.detected is not None
    found = judged_of(analysis, estimates, tests, 0.05, side_effects_of(gate.detected, estimates, None))
    return {one.concept: one for one in found}, (gate.result,)


def finding(one: Judged, quantity: str, checks: tuple[CheckResult, ...] = ()) -> Finding:
    return next(found for found in findings_of(one, checks) if found.quantity == quantity)


def test_a_model_blind_to_the_colour_is_not_said_to_rely_on_what_colours_take_away():
    found, checks = judge(blue_takes_the_lamp, {"lamp": (0.0, 3.0)})
    raw, unmixed = (finding(found["colour"], quantity, checks) for quantity in ("response", "unmixed_response"))
    assert raw.interval is not None and raw.interval.high < -0.02 and (raw.p_adjusted or 1.0) <= 0.05
    assert raw.verdict == "invalid" and raw.sentence.startswith("explained by side effects")
    assert unmixed.interval is not None and unmixed.interval.low < 0 < unmixed.interval.high
    assert float(unmixed.details["p that no value matters, all pairs together"] or 0) > 0.05
    assert "from red to blue" in unmixed.details and "counts as their average" in unmixed.sentence
    assert finding(found["lamp"], "response", checks).verdict == "relies"


def test_a_model_blind_to_the_lamp_is_not_said_to_rely_on_the_colour_that_it_brings():
    found, checks = judge(the_lamp_turns_red_to_blue, {"colour": (0.0, 0.0, 3.0, 0.0)})
    lamp = finding(found["lamp"], "response", checks)
    assert lamp.interval is not None and lamp.interval.low > 0.02
    assert lamp.verdict == "invalid" and lamp.sentence.startswith("explained by side effects")
    assert finding(found["colour"], "response", checks).verdict == "relies"
    told = finding(found["colour"], "unmixed_response").details["from green to blue"]
    raw = finding(found["colour"], "response").details["from green to blue"]
    assert float(str(told).split()[0]) == pytest.approx(float(str(raw).split()[0]), abs=0.06)


def test_colours_that_matter_are_not_excused():
    found, checks = judge(blue_takes_the_lamp, {"lamp": (0.0, 1.0), "colour": (0.0, 0.5, 2.0, 0.0)})
    assert finding(found["colour"], "response", checks).verdict == "relies"
    assert finding(found["lamp"], "response", checks).verdict == "relies"


def test_values_of_opposite_sign_are_not_excused_because_their_mean_is_nought():
    found, _ = judge(None, {"colour": (0.0, 3.0, 0.0, 0.0)})
    side = found["colour"].side_effects
    assert side is not None and side.values is not None and side.unmixed is not None
    assert abs(side.unmixed.value) < 0.05 and side.values.p_none < 1e-6 and not side.explains(0.95)


def test_a_category_that_vanishes_leaves_what_takes_it_away_undecided():
    """No exchange of colours says what a picture without any is worth: here as much as that of a blue wall."""
    found, checks = judge(the_lamp_takes_the_wall, {"colour": (0.0, 0.0, 3.0, 3.0)})
    lamp = finding(found["lamp"], "response", checks)
    assert lamp.verdict == "inconclusive" and "no exchange of values says" in lamp.sentence
    assert finding(found["lamp"], "unmixed_response").estimate is None
    assert finding(found["colour"], "response", checks).verdict == "relies", "what takes nothing away is not blamed"


def test_without_side_effects_nothing_is_taken_out():
    found, _ = judge(None, {"colour": (0.0, 1.0, 2.0, 0.0), "lamp": (0.0, 1.0)})
    for name in ("person", "colour", "lamp"):
        raw, unmixed = finding(found[name], "response"), finding(found[name], "unmixed_response")
        assert unmixed.estimate == pytest.approx(raw.estimate, rel=0.06, abs=0.004)


def test_what_a_category_spills_is_the_most_that_any_value_does():
    found, _ = judge(the_lamp_turns_red_to_blue, {"colour": (0.0, 0.0, 3.0, 0.0)})
    side = found["lamp"].side_effects
    assert side is not None and side.spill is not None and np.isfinite(side.spill)
