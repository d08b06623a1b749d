"""Findings within subgroups are those of an audit of these rows alone, on the ranks of all of them."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.results.findings import findings_of, findings_within
from auditor.results.requirements import requirement_results
from auditor.results.subgroups import subgroups_of, within_subgroups
from auditor.spec import Requirement
from auditor.statistics import exact_importance
from tests.results.test_findings import judged
from tests.world import World, reliance

NORTH, SOUTH = "north", "south"


def split(world: World, south: np.ndarray, **fields):
    """The red circle in two hospitals."""
    one = judged(world, reliance(by="hospital", margin={"response": 0.05}, **fields), significance=False)["red circle"]
    groups = subgroups_of(np.where(south, SOUTH, NORTH).astype(object))
    found = within_subgroups(one, groups, world.labels, world.clusters)
    return one, {within.subgroup: within for within in found}


def world_of_two(rows: int = 400) -> tuple[World, np.ndarray]:
    """The model reacts to the red circle in the south alone."""
    world, south = World(rows=rows, jitter=0.0), np.arange(rows) % 2 == 1
    world.by_value[south, 0, :, 1] += 1.0
    world.factual[south] += 1.0 * (world.values[south, 0] == 1)[:, None]
    return world, south


def test_a_response_in_one_hospital_alone_is_found_there_and_not_elsewhere():
    world, south = world_of_two()
    one, found = split(world, south)
    north, there = found[NORTH].judged, found[SOUTH].judged
    assert north is not None and there is not None
    assert abs(north.reliance.response.mean.value) < 0.01 < 0.1 < there.reliance.response.mean.value
    together = (found[NORTH].rows * north.reliance.response.mean.value
                + found[SOUTH].rows * there.reliance.response.mean.value)  # fmt: skip
    assert together / 400 == pytest.approx(one.reliance.response.mean.value), "ranks are those among all rows"
    flips = [within.judged.reliance.flips.share.value for within in found.values()]
    assert np.mean(flips) == pytest.approx(one.reliance.flips.share.value)


def test_importance_is_that_of_the_subgroups_rows():
    world, south = world_of_two()
    one, found = split(world, south)
    alone = exact_importance(one.reliance.scores[south], one.values[south], world.labels[south], "auroc")
    assert found[SOUTH].judged.reliance.importance.importance == alone.importance


def test_findings_name_their_subgroup_their_rows_and_no_verdict():
    world, south = world_of_two()
    _, found = split(world, south)
    told = findings_within(found[SOUTH], ())
    assert {finding.quantity for finding in told} == {"response", "systematic_response", "importance", "flips"}
    for finding in told:
        assert finding.subgroup is not None
        assert (finding.subgroup.column, finding.subgroup.value) == ("hospital", SOUTH)
        assert finding.n == 200 and finding.verdict is None and finding.p_value is None
        assert finding.interval is not None


def test_few_rows_are_said_and_never_pass():
    world = World(rows=400, jitter=0.0)
    south = np.arange(400) < 12
    one, found = split(world, south)
    told = findings_within(found[SOUTH], ())
    assert "few rows" in next(finding.sentence for finding in told if finding.quantity == "response")
    promise = {"name": "p", "analysis": "reliance", "concept": "red circle", "subgroup": SOUTH}
    given = Requirement.model_validate({**promise, "importance": {"within": 0.9}})
    (result,) = requirement_results([given], [one], (), list(found.values()))
    assert result.state == "inconclusive" and "few rows" in result.sentence
    assert result.subgroup is not None and result.subgroup.value == SOUTH


def test_a_subgroup_without_a_number_leaves_its_promise_undecided():
    world = World(rows=100)
    south = world.labels == 1
    one, found = split(world, south)
    assert found[SOUTH].judged is None
    (told,) = findings_within(found[SOUTH], ())
    assert told.estimate is None and told.n == int(south.sum()) and "one label" in told.sentence
    promise = Requirement.model_validate(
        {"name": "p", "analysis": "reliance", "concept": "red circle", "subgroup": SOUTH, "response": {"at_most": 0.5}}
    )
    (result,) = requirement_results([promise], [one], (), list(found.values()))
    assert result.state == "inconclusive" and result.estimate is None and result.p_failed is None


def test_a_promise_about_a_subgroup_is_judged_there():
    world, south = world_of_two()
    one, found = split(world, south)
    states = {}
    for name in (None, NORTH, SOUTH):
        promise = Requirement.model_validate(
            {"name": "p", "analysis": "reliance", "concept": "red circle", "subgroup": name,
             "response": {"at_most": 0.13}}
        )  # fmt: skip
        (result,) = requirement_results([promise], [one], (), list(found.values()))
        states[name] = result.state
    assert states == {None: "fail", NORTH: "pass", SOUTH: "fail"}


def test_all_rows_have_no_subgroup():
    one, _ = split(*world_of_two(60))
    assert all(finding.subgroup is None for finding in findings_of(one, ()))
