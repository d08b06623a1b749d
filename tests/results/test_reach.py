"""What a result says could have been found, against what happens when audits are repeated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auditor.results.reach import reach_results
from auditor.spec import load_spec
from auditor.spec.audit_spec import AuditSpec
from tests.results.test_findings import judged
from tests.world import World, reliance

SPECS = Path(__file__).parents[2] / "specs"


@pytest.fixture(scope="module")
def spec() -> AuditSpec:
    return load_spec(SPECS / "shapes-reliance.yaml").spec


def test_a_blind_model_passes_the_margins_with_the_chance_that_is_said(spec):
    """Margins forecast by one audit, held against 60 others of the same world; blind, with noise of its own."""
    analysis = reliance()
    worlds = [World(rows=120, jitter=0.3, seed=seed) for seed in range(61)]
    first, *others = [judged(world, analysis, significance=False)["blue square"] for world in worlds]
    (forecast,) = reach_results(spec, [first])
    assert forecast.smallest_margin is not None and forecast.smallest_response is not None
    importance = [one.reliance.importance.estimate.upper(0.95) <= forecast.smallest_margin for one in others]
    response = [one.reliance.response.systematic_upper(0.95) <= forecast.smallest_response for one in others]
    assert 0.6 <= np.mean(importance) <= 0.97 and 0.55 <= np.mean(response) <= 0.97


def test_nothing_that_moves_has_no_forecast(spec):
    (forecast,) = reach_results(spec, [judged(World(rows=60, jitter=0.0), reliance(), False)["blue square"]])
    assert forecast.detectable_response is None and forecast.smallest_response is None
    assert forecast.smallest_cell > 5


def test_the_family_is_that_of_the_analysis(spec):
    found = judged(World(rows=60), reliance(), significance=False)
    lines = reach_results(spec, list(found.values()))
    assert {(line.family, line.alpha) for line in lines} == {(3, 0.01)}
    assert lines[0].smallest_p == pytest.approx(6 / 10_000)
