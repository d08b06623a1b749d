"""Gates judge what the claim is about: the same images, and the same analysis."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from auditor.checks import CheckOutcome, EditSuccess
from auditor.checks.control_dose import control_dose
from auditor.judgement import CheckResult
from auditor.results.sweeps.build_sweeps import confirmed_in
from auditor.results.sweeps.property_findings import _exp
from auditor.results.sweeps.property_verdict import _ratio, property_verdict
from tests.results.sweeps.test_properties import judge
from tests.sweep_world import CONTROLS, PROPERTY, SweepWorld


def test_a_check_of_another_analysis_confirms_nothing():
    check = EditSuccess(kind="edit_success", of="first", intervention=PROPERTY, output="turned")
    result = CheckResult(
        kind="edit_success", of="first", state="pass", measured=1.0, threshold=0.9, sentence="", parts=()
    )
    world = SweepWorld()
    outcomes = [(check, CheckOutcome(result))]
    assert confirmed_in(world.analysis(name="first"), outcomes) == {PROPERTY}
    assert confirmed_in(world.analysis(name="second"), outcomes) == frozenset()


@pytest.mark.parametrize("sweep", [PROPERTY, CONTROLS[1]])
def test_an_image_without_a_distance_leaves_the_strength_of_controls_open(sweep: str):
    world = SweepWorld(doses=dict.fromkeys(CONTROLS, 1.2))
    analysis = world.analysis()
    estimates = world.estimate(analysis)
    known = control_dose(analysis, estimates)
    assert known is not None and known.state == "pass"
    distances = {name: found.copy() for name, found in estimates.distances.items()}
    distances[sweep][3, :, 2] = np.nan
    found = control_dose(analysis, replace(estimates, distances=distances))
    assert found is not None and found.state == "inconclusive"
    assert "frames of 1 image differ in size within a sweep" in found.sentence
    for name in (PROPERTY, *CONTROLS):
        distances[name][:] = np.nan
    nowhere = control_dose(analysis, replace(estimates, distances=distances))
    assert nowhere is not None and "frames of 30 images differ in size" in nowhere.sentence


def test_a_control_that_changes_nothing_in_a_picture_is_named():
    world = SweepWorld(doses=dict.fromkeys(CONTROLS, 1.2))
    analysis = world.analysis()
    estimates = world.estimate(analysis)
    distances = {name: found.copy() for name, found in estimates.distances.items()}
    distances["left"][4] = 0.0
    found = control_dose(analysis, replace(estimates, distances=distances))
    assert found is not None and "the control left changes nothing in 1 of 30 images" in found.sentence


def test_weak_controls_are_no_reason_where_the_range_lies_inside_its_margin():
    world = SweepWorld(effect=0.0, background=0.05, kind="image_edit", doses=dict.fromkeys(CONTROLS, 0.5))
    word, sentence = property_verdict(*judge(world, confirmed=False, margin={"range": 0.05}))
    assert word == "inconclusive" and "edit_success" in sentence


def test_ratios_beyond_all_numbers_are_told():
    assert _ratio(900.0) == "any number" and _ratio(0.0) == "1.00"
    assert _exp(900.0) == np.inf and _exp(0.0) == 1.0
