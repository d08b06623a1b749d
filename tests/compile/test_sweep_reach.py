"""What plan says that claims about gradual interventions can reach."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from auditor.compile import SweepReach, sweep_reach_of
from auditor.compile.sweep_reach import _detectable
from auditor.spec import parse_spec
from auditor.statistics.sweeps import sign_flip_test
from tests.world import rows_of


def reach(images: int, controls: int, alpha: float) -> dict[str, SweepReach]:
    sweep = "sweep: {strength: {from: 0, to: 1, points: 5}}"
    names = [f"c{seed}" for seed in range(controls)]
    text = "\n".join(
        [
            "version: 1",
            'audit: {id: sweeps, title: Sweeps, revision: "1"}',
            'models: [{name: outcome, adapter: transformers, source: "builtin:shapes/outcome", target: outcome}]',
            'dataset: {source: "builtin:shapes/test"}',
            f"properties: [{', '.join(f'{{name: {name}}}' for name in ('hue', *names))}]",
            "interventions:",
            f"  - {{name: turned, kind: compositing, realises: hue, hue: 90, {sweep}}}",
            *(
                f"  - {{name: {name}, kind: compositing, realises: {name}, noise: 20, seed: {seed}, {sweep}}}"
                for seed, name in enumerate(names)
            ),
            "analyses:",
            f"  - {{name: g, kind: property_gradient, interventions: [turned], controls: [{', '.join(names)}]}}",
            f"checks: [{{kind: significance, of: g, alpha: {alpha}}}]",
        ]
    )
    spec = parse_spec(text.encode(), Path("audit.yaml")).spec
    return {
        one.claim: one for one in sweep_reach_of(spec, rows_of(np.zeros((images, 0), np.int64), np.zeros(images)), {})
    }


def test_a_t_over_controls_has_no_least_p():
    assert reach(20, 3, 0.01)["in general"].smallest_p is None and reach(20, 3, 0.01)["in general"].reachable


@pytest.mark.parametrize(("images", "smallest", "reachable"), [(1, 0.05, True), (8, 0.4, False)])
def test_claims_about_single_images_are_adjusted_over_images(images: int, smallest: float, reachable: bool):
    one = reach(images, 19, 0.05)["single images"]
    assert one.test and one.smallest_p == pytest.approx(smallest) and one.reachable is reachable


def test_with_few_controls_single_images_are_described():
    assert reach(20, 3, 0.01)["single images"].test == ""


@pytest.mark.parametrize(("units", "alpha", "family"), [(12, 0.01, 1), (12, 0.01, 4), (40, 0.01, 4), (100, 0.01, 1)])
def test_the_ratio_that_plan_names_is_found_in_four_audits_of_five(units: int, alpha: float, family: int) -> None:
    rng = np.random.default_rng(units)
    shift = math.log(_detectable(2.0, alpha, family, units) / 2.0)
    found = [
        sign_flip_test(rng.normal(shift, 1.0, units), 4_999, 1).p_value <= alpha / family for _ in range(300)
    ]  # fmt: skip
    assert 0.69 <= np.mean(found) <= 0.88  # .8 within four standard errors, and what discreteness takes.


def test_few_images_need_more_than_normal_values_say() -> None:
    assert _detectable(2.0, 0.01, 1, 12) > 2.0 * math.exp((2.326 + 0.842) / math.sqrt(12)) * 1.1
    assert _detectable(2.0, 0.01, 1, 2_000) == pytest.approx(
        2.0 * math.exp((2.326 + 0.842) / math.sqrt(2_000)), rel=1e-3
    )
