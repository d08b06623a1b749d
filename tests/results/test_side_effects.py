"""What side effects of a generator explain is neither reliance nor a broken promise."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.checks import IndependentPermutation, Significance
from auditor.judgement import CheckResult
from auditor.results.audit_result import Finding, RequirementResult
from auditor.results.findings import findings_of
from auditor.results.judged import Judged, judged_of
from auditor.results.requirements import requirement_results
from auditor.results.side_effects import side_effects_of
from auditor.spec import Requirement
from tests.world import NAMES, World, reliance

LEAK = {(0, 2): 0.6}
"""Putting the red circle in takes the blue square away from 60 % of the rows that have it."""

BLIND_TO_RED = (0.0, 0.0, 2.0)
"""A model that looks at the blue square and at nothing else."""


def leaky(rows: int = 400, effects: tuple[float, ...] = BLIND_TO_RED, **fields) -> World:
    given = {"deletes": LEAK, "leaks": True, "weights": (0.0, 0.0, 1.0), "noise": 0.1, **fields}
    return World(rows=rows, effects=effects, **given)


def judge(world: World, analysis=None, **limits) -> tuple[dict[str, Judged], tuple[CheckResult, ...]]:
    """Every concept, with the limits of the gate as given: wide ones let a leaky generator through."""
    analysis = analysis or reliance(margin={"response": 0.02, "importance": 0.02})
    given = {"max_changed": 0.9, "min_rendering": 0.1, **limits}
    gate = world.check(IndependentPermutation(kind="independent_permutation", of="reliance", **given), analysis)
    tests = world.check(Significance(kind="significance", of="reliance", alpha=0.05, swaps=999), analysis).tests
    estimates = world.estimate(analysis)
    assert gate.detected is not None
    found = judged_of(analysis, estimates, tests, 0.05, side_effects_of(gate.detected, estimates, world.clusters))
    return {one.concept: one for one in found}, (gate.result,)


def finding(one: Judged, quantity: str, checks: tuple[CheckResult, ...] = ()) -> Finding:
    return next(found for found in findings_of(one, checks) if found.quantity == quantity)


def required(one: dict[str, Judged], checks: tuple[CheckResult, ...], concept: str, **bound) -> RequirementResult:
    promise = Requirement.model_validate({"name": "p", "analysis": "reliance", "concept": concept, **bound})
    (result,) = requirement_results([promise], tuple(one.values()), checks)
    return result


def test_a_blind_model_on_leaky_pictures_is_invalid_and_not_said_to_rely():
    found, checks = judge(leaky())
    assert checks[0].state == "pass", "the limits are wide, so that the gate itself blocks nothing"
    red = finding(found["red circle"], "response", checks)
    assert red.interval is not None and red.interval.high < -0.05, "the raw response is large"
    assert red.p_adjusted is not None and red.p_adjusted <= 0.05
    assert red.verdict == "invalid" and red.sentence.startswith("explained by side effects")
    unmixed = finding(found["red circle"], "unmixed_response")
    assert unmixed.interval is not None and unmixed.interval.low < 0 < unmixed.interval.high
    assert abs(unmixed.estimate or 1.0) < 0.02 and "sensitivity analysis" in unmixed.sentence
    blue = finding(found["blue square"], "response", checks)
    assert blue.verdict == "relies", "the square that the model does look at is not excused"


def test_without_leaks_the_unmixed_response_is_the_raw_one():
    found, checks = judge(leaky(deletes={}, effects=(1.0, 0.0, 2.0)))
    for name in NAMES:
        raw, unmixed = finding(found[name], "response"), finding(found[name], "unmixed_response")
        assert unmixed.estimate == pytest.approx(raw.estimate, rel=0.05, abs=0.002)
    assert finding(found["red circle"], "response", checks).verdict == "relies"


def test_a_model_that_looks_at_both_still_relies():
    found, checks = judge(leaky(effects=(2.0, 0.0, 1.0)))
    assert finding(found["red circle"], "response", checks).verdict == "relies"


@pytest.mark.parametrize("bound", [{"of": "mean"}, {"of": "systematic"}])
def test_a_failing_requirement_that_side_effects_explain_is_invalid(bound):
    found, checks = judge(leaky())
    result = required(found, checks, "red circle", response={"at_most": 0.02, **bound})
    assert result.state == "invalid" and result.sentence.startswith("explained by side effects")
    assert result.p_adjusted is not None and result.p_adjusted <= 0.05, "by its bounds alone it fails"
    really = required(found, checks, "blue square", response={"at_most": 0.02, **bound})
    assert really.state == "fail"


def test_reactions_of_changing_sign_are_not_excused_by_a_mean_of_zero():
    world = World(rows=400, draws=2, jitter=0.0)
    world.by_value[:200, 2, :, 1] += 0.5
    world.by_value[200:, 2, :, 1] -= 0.5
    found, checks = judge(world)
    side = found["blue square"].side_effects
    assert side is not None and side.explains(0.95), "the unmixed mean holds 0"
    assert required(found, checks, "blue square", response={"at_most": 0.02}).state == "fail"


def test_a_margin_below_the_spill_decides_nothing():
    """Concepts that go with one another: permuting one costs the other's detector too."""
    world = leaky(rows=600)
    found, checks = judge(world)
    spill = finding(found["red circle"], "spilled_importance")
    assert spill.estimate is not None and spill.interval is None
    below, above = spill.estimate * 0.9, spill.estimate * 1.1 + 0.1
    result = required(found, checks, "red circle", importance={"within": below})
    assert result.state == "invalid" and f"{spill.estimate:.4f}" in result.sentence
    assert required(found, checks, "red circle", importance={"within": above}).state == "pass"


def test_concepts_that_cannot_be_told_apart_leave_reliance_undecided():
    """Each concept takes the other away: the mean changes are nearly the same in both rows of the matrix."""
    found, checks = judge(leaky(effects=(1.0, 0.0, 2.0)), max_condition=1.05)
    red = finding(found["red circle"], "response", checks)
    assert red.verdict == "inconclusive" and "condition number" in red.sentence
    unmixed = finding(found["red circle"], "unmixed_response")
    assert unmixed.estimate is None and unmixed.interval is None
    assert unmixed.details["condition number"] > 1.05
    assert required(found, checks, "red circle", response={"at_most": 0.02}).state == "inconclusive"


def test_concepts_that_the_analysis_leaves_out_are_named():
    analysis = reliance(concepts=("red circle",), margin={"response": 0.02})
    found, _ = judge(leaky(), analysis)
    details = finding(found["red circle"], "unmixed_response").details
    assert details["concepts whose side effects stay in"] == "green circle, blue square"


def test_rows_without_the_detectors_scores_leave_side_effects_alone():
    world = leaky(rows=200)
    world.detected[:50] = np.nan
    found, _ = judge(world)
    assert finding(found["red circle"], "unmixed_response").n == 150
    assert finding(found["red circle"], "response").n == 200


def test_clusters_widen_the_unmixed_interval():
    rows = leaky(rows=200)
    few = leaky(rows=200, clusters=np.arange(200) // 20)
    alone, together = (finding(judge(world)[0]["green circle"], "unmixed_response") for world in (rows, few))
    assert alone.estimate == together.estimate
    assert alone.interval != together.interval
