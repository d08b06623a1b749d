"""Property gradients against a loop from the definition, in a world whose curves are known."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from auditor.analyses.gradient_estimates import FollowedScore, curves_of
from auditor.errors import ExecutionError
from tests.sweep_world import CONTROLS, PROPERTY, SweepWorld
from tests.world import identity


def slow_numbers(curve: np.ndarray, where: np.ndarray) -> tuple[float, ...]:
    """E|grad| per step and per unit, net change, range, total variation: point by point."""
    last = len(curve) - 1

    def slope(i: int, x: list[float]) -> float:
        if i in (0, last):
            a, b = (0, 1) if i == 0 else (last - 1, last)
            return float((curve[b] - curve[a]) / (x[b] - x[a]))
        before, after = x[i] - x[i - 1], x[i + 1] - x[i]
        rise = before**2 * curve[i + 1] + (after**2 - before**2) * curve[i] - after**2 * curve[i - 1]
        return float(rise / (before * after * (before + after)))

    steps = [float(i) for i in range(len(curve))]
    return (
        sum(abs(slope(i, steps)) for i in range(len(curve))) / len(curve),
        sum(abs(slope(i, list(where))) for i in range(len(curve))) / len(curve),
        float(curve[-1] - curve[0]),
        float(max(curve) - min(curve)),
        sum(abs(float(b - a)) for a, b in pairwise(curve)),
    )


@pytest.mark.parametrize("output", ["probability", "logit"])
def test_curves_are_those_of_the_definition(output):
    world = SweepWorld(images=5, effect=1.5, draws=3, kind="image_edit")
    found = world.estimate(world.analysis(output=output))
    for name, logits in world.curves().items():
        curves = found.curves["outcome", name]
        told = logits.astype(np.float32).astype(float)
        scores = told if output == "logit" else np.vectorize(lambda x: 1 / (1 + math.exp(-x)))(told)
        assert np.allclose(curves.scores, scores, atol=1e-7)
        for i in range(5):
            each = np.array([slow_numbers(scores[i, d], np.linspace(0, 1, 7)) for d in range(3)]).mean(axis=0)
            numbers = curves.numbers
            ours = [numbers.per_step, numbers.per_unit, numbers.net_change, numbers.span, numbers.total_variation]
            assert np.allclose([column[i] for column in ours], each, atol=1e-6)
            crossings = [int(((told[i, d][1:] > 0) != (told[i, d][:-1] > 0)).sum()) for d in range(3)]
            assert curves.flips is not None and curves.flips[i].tolist() == crossings


def test_doses_are_mean_distances_from_the_first_frame():
    world = SweepWorld(images=4, doses={"left": 0.5})
    found = world.estimate(world.analysis())
    assert np.allclose(found.doses(PROPERTY), 0.2 * np.linspace(0, 1, 7).mean())
    assert np.allclose(found.doses("left") / found.doses(PROPERTY), 0.5)


def test_an_image_without_all_its_frames_is_in_no_number():
    world = SweepWorld(images=6, broken=(2,))
    found = world.estimate(world.analysis())
    assert found.valid.tolist() == [True, True, False, True, True, True]
    assert found.reasons[2].endswith(f"(model outcome, {PROPERTY})") and not any(found.reasons[found.valid])
    assert all(len(found.curves["outcome", name].scores) == 5 for name in (PROPERTY, *CONTROLS))
    whole = SweepWorld(images=6).estimate(world.analysis())
    assert np.array_equal(found.curves["outcome", "left"].scores, whole.curves["outcome", "left"].scores[found.valid])


def test_no_valid_image_ends_the_audit_with_a_sentence():
    world = SweepWorld(images=3, broken=(0, 1, 2))
    with pytest.raises(ExecutionError, match=r"none of 3 images has all its frames and scores.*model outcome"):
        world.estimate(world.analysis())


def test_the_original_enters_the_score_per_step_alone():
    world = SweepWorld(images=4, effect=1.0)
    without, beside = (world.estimate(world.analysis(include_original=flag)) for flag in (False, True))
    ours, theirs = (found.curves["outcome", PROPERTY] for found in (without, beside))
    assert np.array_equal(ours.numbers.per_unit, theirs.numbers.per_unit)
    assert np.array_equal(ours.numbers.span, theirs.numbers.span)
    led = np.concatenate([np.full((4, 1), 0.5), theirs.scores[:, 0]], axis=1)  # The original's logit is 0.
    assert np.allclose(theirs.numbers.per_step, np.abs(np.gradient(led, axis=1)).mean(axis=1))


def test_without_a_target_the_output_decided_for_at_first_is_followed():
    followed = FollowedScore("gradients", "probability", include_original=False)
    model = identity("classes", ("a", "b", "c"), None, multi_label=False)
    logits = np.zeros((3, 1, 4, 3))
    logits[0, 0, :, 2], logits[1, 0, :, 0] = [3, 2, 1, -1], [1, 1, 1, 1]
    logits[2, 0, 0, 1], logits[2, 0, 1:, 2] = 2.0, 2.0
    curves = curves_of(followed, model, logits, None, np.tile(np.arange(4.0), (3, 1)))
    assert curves.targets.tolist() == [2, 0, 1]
    assert curves.flips is not None and curves.flips[:, 0].tolist() == [1, 0, 1]
    assert np.allclose(curves.scores[0, 0, 0], math.exp(3) / (math.exp(3) + 2))
