"""What `plan` promises of comparisons with controls is what the test that decides finds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from auditor.compile.sweep_reach import _detectable
from auditor.statistics.sweeps import sign_flip_test


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
