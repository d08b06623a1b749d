"""Findings about concepts of several values: each change with its interval, and words that fit them."""

from __future__ import annotations

import numpy as np

from auditor.results.findings import findings_of
from auditor.results.judged import judged_of
from auditor.statistics import rank_placements
from tests.valued import Valued
from tests.world import reliance


def test_a_finding_tells_the_response_to_each_change_of_value():
    world = Valued(rows=60, effects={"colour": (0.0, 2.0, -2.0)})
    analysis = reliance()
    estimates = world.estimate(analysis)
    for judged in judged_of(analysis, estimates, {}, None):
        response = next(one for one in findings_of(judged, ()) if one.quantity == "response")
        told = {key: text for key, text in response.details.items() if key.startswith("from ")}
        if judged.concept != "colour":
            assert len(told) == (6 if judged.concept == "person" else 0)
            continue
        assert list(told) == ["from red to green", "from red to blue", "from green to blue"]
        placed = rank_placements(judged.reliance.scores, judged.values)
        for (first, second), text in zip(((0, 1), (0, 2), (1, 2)), told.values(), strict=True):
            change = np.mean(placed[:, :, second] - placed[:, :, first])
            assert (
                text.startswith(f"{change:+.3f} [")
                and float(text.split()[0]) * (1 if (first, second) == (0, 1) else -1) > 0.2
            )
