"""Requirements: one-sided bounds against declared margins, in each state, and Holm over all of them."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from auditor.results.audit_result import RequirementResult
from auditor.results.bounds import Bound
from auditor.results.requirements import requirement_results
from auditor.spec import Requirement
from tests.results.test_findings import gate, judged
from tests.world import World, reliance


def world_of(effect: float, rows: int = 400, **fields) -> World:
    """The blue square moves the model by `effect`, and the label depends on it."""
    return World(rows=rows, effects=(0.0, 0.0, effect), weights=(0.0, 0.0, 2.5), **{"noise": 0.1, **fields})


def promise(**bound) -> Requirement:
    given = {"name": "promise", "analysis": "reliance", "concept": "blue square", **bound}
    return Requirement.model_validate(given)


def judge(world: World, *promises: Requirement, checks=(), **fields) -> list[RequirementResult]:
    found = judged(world, reliance(**fields), significance=False)
    return list(requirement_results(promises, tuple(found.values()), checks))


RESPONSE = {"response": {"at_most": 0.05}}
MEAN = {"response": {"at_most": 0.05, "of": "mean"}}
AT_MOST = {"importance": {"at_most": 0.05}}
WITHIN = {"importance": {"within": 0.05}}
AT_LEAST = {"importance": {"at_least": 0.05}}
FLIPS = {"flips": {"at_most": 0.05}}


@pytest.mark.parametrize(
    ("bound", "effect", "rows", "state"),
    [
        (RESPONSE, 0.0, 400, "pass"),
        (RESPONSE, 1.0, 400, "fail"),
        (RESPONSE, 0.16, 100, "inconclusive"),
        (MEAN, 0.0, 400, "pass"),
        (MEAN, 1.0, 400, "fail"),
        (MEAN, -1.0, 400, "fail"),
        (MEAN, 0.17, 100, "inconclusive"),
        (AT_MOST, 0.0, 400, "pass"),
        (AT_MOST, 2.0, 400, "fail"),
        (AT_MOST, -2.0, 400, "pass"),
        (AT_MOST, 0.2, 100, "inconclusive"),
        (WITHIN, 0.0, 400, "pass"),
        (WITHIN, 2.0, 400, "fail"),
        (WITHIN, -2.0, 400, "fail"),
        (WITHIN, 0.2, 100, "inconclusive"),
        (AT_LEAST, 2.0, 400, "pass"),
        (AT_LEAST, 0.0, 400, "fail"),
        (AT_LEAST, 0.2, 100, "inconclusive"),
        (FLIPS, 0.0, 400, "pass"),
        (FLIPS, 1.0, 400, "fail"),
        (FLIPS, 0.12, 100, "inconclusive"),
    ],
)
def test_each_kind_of_bound_in_each_state(bound, effect, rows, state):
    (found,) = judge(world_of(effect, rows), promise(**bound))
    assert found.state == state, found
    low, high, limit = found.lower, found.upper, found.threshold
    assert low is not None and high is not None
    if state == "pass":
        assert (low >= limit) if found.relation == "at_least" else (high <= limit)
        assert "with confidence 0.95 (bound" in found.sentence
        shown = {"at_least": low, "at_most": high, "within": max(abs(low), abs(high))}[found.relation]
        assert f"(bound {shown:.4f})" in found.sentence
    elif state == "fail":
        beyond = high < limit if found.relation == "at_least" else (low > limit or high < -limit)
        assert beyond and found.p_adjusted is not None and found.p_adjusted <= 0.05
        assert found.sentence.startswith("less than" if found.relation == "at_least" else "more than")
    else:
        assert f"the rows allow {low:.4f} to {high:.4f}, and the bound is {limit:g}" in found.sentence


def test_a_large_fall_of_importance_the_other_way_is_warned_of():
    (found,) = judge(world_of(-2.0), promise(**AT_MOST))
    assert found.state == "pass" and "performance *rises* without the association: prefer `within`" in found.sentence


def test_undecided_requirements_say_how_many_rows_would_decide():
    (found,) = judge(world_of(0.2, 100), promise(**WITHIN))
    assert "rows would decide with a chance of 80 %" in found.sentence


def test_confidence_is_one_sided():
    """At 0.9 the bounds are nearer than at 0.99, and each is one end of a two-sided interval."""
    near, far = judge(world_of(0.2, 100), promise(**WITHIN, confidence=0.9), promise(**WITHIN, confidence=0.99))
    assert near.lower > far.lower and near.upper < far.upper
    one = judged(world_of(0.2, 100), reliance(), significance=False)["blue square"]
    interval = one.reliance.importance.estimate.interval(0.8)
    assert (near.lower, near.upper) == pytest.approx((interval.low, interval.high))


@pytest.mark.parametrize(("state", "expected"), [("fail", "invalid"), ("inconclusive", "inconclusive")])
def test_gates_stand_over_requirements(state, expected):
    (found,) = judge(world_of(0.0), promise(**RESPONSE), checks=(gate(state, concept="blue square"),))
    assert found.state == expected and "the part says 0.5" in found.sentence
    (other,) = judge(world_of(0.0), promise(**RESPONSE), checks=(gate(state, concept="red circle"),))
    assert other.state == "pass"


def test_few_rows_refuse_a_pass_and_not_a_fail():
    world = world_of(0.0, rows=300)
    world.values[:, 2] = 0
    world.values[:6, 2] = 1
    (found,) = judge(world, promise(**AT_MOST))
    assert found.state == "inconclusive" and found.sentence.startswith("the bound holds, but few rows: a label and")
    world = world_of(0.0, rows=300)
    world.values[:, 2] = 0
    world.values[:60, 2] = 1
    (found,) = judge(world, promise(**RESPONSE))
    assert found.state == "pass" and "expected rows in the smallest cell" not in found.sentence
    world.values[20:60, 2] = 0
    (found,) = judge(world, promise(**RESPONSE))
    assert found.state == "pass" and "expected rows in the smallest cell" in found.sentence, "flagged from 5 to 20"


def test_dropped_rows_refuse_a_pass():
    (found,) = judge(world_of(0.0, broken=tuple(range(2, 40))), promise(**RESPONSE))
    assert found.state == "inconclusive" and "10% of rows have no valid picture" in found.sentence


def slow_holm(p_values: list[float]) -> list[float]:
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, worst = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = worst
    return adjusted


def test_failures_are_holms_over_all_requirements():
    world = world_of(0.2, 100)
    kinds = (RESPONSE, MEAN, AT_MOST, WITHIN, AT_LEAST, FLIPS)
    found = judge(world, *(promise(**bound) for bound in kinds))
    assert [one.p_adjusted for one in found] == pytest.approx(slow_holm([one.p_failed for one in found]))


def test_one_failure_among_many_promises_needs_more_evidence():
    """Alone the promise fails; beside two others the same number is not enough."""
    for effect in np.arange(0.15, 0.3, 0.001):
        world = world_of(float(effect), 100)
        (alone,) = judge(world, promise(**RESPONSE))
        if 0.02 < alone.p_failed < 0.05:
            break
    assert alone.state == "fail" and 0.02 < alone.p_failed < 0.05
    beside = judge(world, promise(**RESPONSE), promise(importance={"at_most": 0.5}), promise(flips={"at_most": 0.9}))
    assert beside[0].state == "inconclusive" and beside[0].p_failed == alone.p_failed


def test_p_values_and_bounds_agree():
    """The promise is rejected at level 1 - c exactly where the c-bound lies beyond it."""
    rng = np.random.default_rng(0)
    for effect in rng.uniform(-0.6, 0.6, 25):
        world = world_of(float(effect), 60, jitter=0.1)
        for found in judge(world, *(promise(**bound) for bound in (RESPONSE, MEAN, AT_MOST, AT_LEAST, FLIPS))):
            assert found.lower is not None and found.upper is not None and found.p_failed is not None
            if found.relation == "at_least":
                beyond = found.upper < found.threshold
            elif found.relation == "within":
                beyond = found.lower > found.threshold or found.upper < -found.threshold
            else:
                beyond = found.lower > found.threshold
            assert beyond == (found.p_failed < 0.05), found


def test_with_one_draw_a_response_can_be_bounded_and_not_accused():
    (found,) = judge(world_of(1.0, draws=1), promise(**RESPONSE))
    assert found.state == "inconclusive" and found.p_failed == 1.0 and found.lower == 0.0
    (mean,) = judge(world_of(1.0, draws=1), promise(**MEAN))
    assert mean.state == "fail"


def test_still_scores_are_bounded_by_the_rule_of_three():
    (found,) = judge(world_of(0.0, jitter=0.0), promise(**WITHIN))
    assert found.state == "pass" and found.estimate == 0.0
    assert found.upper is not None and 0 < found.upper < 0.05 and found.lower == -found.upper


def test_a_promise_of_no_flips_fails_at_the_first_one():
    (none,) = judge(world_of(0.0, jitter=0.0), promise(flips={"at_most": 0.0}))
    assert none.state == "inconclusive", "no share is proved to be exactly zero"
    (some,) = judge(world_of(1.0), promise(flips={"at_most": 0.0}))
    assert some.state == "fail"
    (any_share,) = judge(world_of(1.0), promise(flips={"at_most": 1.0}))
    assert any_share.state == "pass"


def test_a_requirement_speaks_of_every_model_or_of_the_one_it_names():
    world = world_of(0.0)
    one = judged(world, reliance(), significance=False)["blue square"]
    other = dataclasses.replace(one, model="second")
    both = requirement_results((promise(**RESPONSE),), (one, other), ())
    assert [found.model for found in both] == ["outcome", "second"]
    named = requirement_results((promise(**RESPONSE, model="second"),), (one, other), ())
    assert [found.model for found in named] == ["second"]


def test_no_requirements_are_no_results():
    assert judge(world_of(0.0)) == []


def test_results_hold_no_numbers_that_are_not_finite():
    (found,) = judge(world_of(0.0, rows=30), promise(**RESPONSE))
    for value in (found.estimate, found.lower, found.upper, found.p_failed, found.p_adjusted):
        assert value is not None and math.isfinite(value)


@pytest.mark.parametrize(
    ("relation", "lower", "upper", "said"),
    [
        ("at_most", 0.06, 0.2, "more than 0.05 (bound 0.0600)"),
        ("within", 0.06, 0.2, "more than 0.05 (bound 0.0600)"),
        ("within", -0.2, -0.06, "more than 0.05 (bound -0.0600)"),
        ("at_least", -0.1, 0.04, "less than 0.05 (bound 0.0400)"),
    ],
)
def test_a_broken_bound_that_the_adjustment_takes_back_is_told(relation, lower, upper, said):
    bound = Bound("importance", relation, 0.05, (lower + upper) / 2, lower, upper, 0.02, None)
    assert bound.taken_back(0.3, 0.95).startswith(f"{said}, but not where all requirements are judged together")
    assert bound.taken_back(0.04, 0.95) == "" and dataclasses.replace(bound, p_failed=0.06).taken_back(0.3, 0.95) == ""


def test_many_promises_take_back_what_one_alone_breaks():
    world = world_of(1.0, rows=150)
    near = promise(importance={"at_most": 0.98 * judge(world, promise(**AT_MOST))[0].lower})
    assert judge(world, near)[0].state == "fail"
    many = judge(world, *[near] * 20)
    assert {one.state for one in many} == {"inconclusive"} and "judged together: adjusted p" in many[0].sentence
