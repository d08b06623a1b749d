"""Numbers behind gates, side effects and noise: definitions, and what simulated generators show."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.statistics import (
    decision_flips,
    detector_gap,
    exact_importance,
    noise_floor,
    noise_sd,
    off_target,
    rendering_strength,
    rendering_strength_of_rows,
    renoised_scores,
    spill,
    stability,
    unmixed_response,
)


def detector_of(rng, present, noise=0.2):
    """Detector scores: .2 without the concept, .8 with it, plus noise."""
    return 0.2 + 0.6 * present + noise * rng.normal(size=np.shape(present))


def test_rendering_is_the_share_of_the_real_gap():
    rng = np.random.default_rng(0)
    added, removed = detector_of(rng, np.full((40, 2), 0.9)), detector_of(rng, np.zeros((40, 2)))
    found = rendering_strength(added, removed, 0.8, 0.2)
    changes = [sum(added[i, d] - removed[i, d] for d in range(2)) / 2 for i in range(40)]
    assert found.value == pytest.approx(sum(changes) / 40 / 0.6)
    assert found.standard_error == pytest.approx(np.std(changes, ddof=1) / np.sqrt(40) / 0.6)
    uncertain = rendering_strength(added, removed, 0.8, 0.2, real_gap_se=0.05)
    assert uncertain.standard_error == pytest.approx(np.hypot(found.standard_error, found.value * 0.05 / 0.6))


def test_rendering_of_the_same_rows_has_its_coverage():
    """The real gap comes from the rows that are generated, so its error is part of the interval."""
    rng = np.random.default_rng(1)
    covered, simulations = 0, 800
    for _ in range(simulations):
        values = (rng.random(80) < 0.3).astype(int)
        style = 0.1 * rng.normal(size=80)
        real = detector_of(rng, values) + style
        added = detector_of(rng, np.full((80, 2), 0.9)) + 2 * style[:, None]
        found = rendering_strength_of_rows(added, detector_of(rng, np.zeros((80, 2))), real, values).interval(0.95)
        covered += found.low <= 0.9 <= found.high
    assert 0.925 <= covered / simulations <= 0.975


def test_the_gap_of_a_detector_is_welchs():
    from scipy.stats import ttest_ind

    rng = np.random.default_rng(2)
    values = np.repeat([0, 1], [30, 20])
    real = detector_of(rng, values) * np.where(values == 1, 2.0, 1.0)
    found = detector_gap(real, values)
    welch = ttest_ind(real[values == 1], real[values == 0], equal_var=False)
    assert found.value == pytest.approx(real[values == 1].mean() - real[values == 0].mean())
    assert found.standard_error == pytest.approx(found.value / welch.statistic, rel=0.03)
    assert found.df == pytest.approx(welch.df, rel=0.05)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rendering_strength(np.ones((3, 1)), np.zeros((3, 1)), 0.2, 0.2), "does not see its concept"),
        (lambda: detector_gap(np.ones(3), np.ones(3)), "with the concept and without"),
        (lambda: renoised_scores(np.zeros((3, 1, 2)), np.zeros(3)), "as many draws as values"),
        (lambda: spill(np.zeros((2, 3)), np.zeros(2)), "square"),
        (lambda: unmixed_response(np.zeros((3, 2)), np.zeros((3, 2, 3))), "n_concepts"),
    ],
)
def test_misuse_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def leaky_generator(rng, n_rows, deletion, draws=2):
    """Adding concept 0 deletes concept 1 in a share of the rows; returns the presence of concept 1 without and with."""
    second = rng.random(n_rows) < 0.5
    deleted = rng.random((n_rows, draws)) < deletion
    kept = second[:, None] & ~deleted
    return second, np.stack([np.repeat(second[:, None], draws, axis=1), kept], axis=2).astype(float)


def test_off_target_pairs_see_what_the_auroc_of_a_detector_does_not():
    """Deleting the other concept in 30 % of the pictures: decisions change in 15 %, its AUROC drop is 0."""
    rng = np.random.default_rng(3)
    second, presence = leaky_generator(rng, 2000, 0.3)
    values = (rng.random(2000) < 0.5).astype(int)
    detector = detector_of(rng, presence, noise=0.02)
    found = off_target(detector, values)
    assert found.changed.value == pytest.approx(0.15, abs=0.02)
    assert found.changed.value == decision_flips(detector >= 0.5, values).share.value
    assert found.changed.upper(0.95) < 0.18
    assert found.mean_change.value == pytest.approx(-0.6 * 0.15, abs=0.015)
    drop = exact_importance(detector, values, second.astype(int), "auroc")
    assert abs(drop.importance) < 0.01


def test_spill_by_loops():
    rng = np.random.default_rng(4)
    drops, importances = rng.normal(size=(3, 3)) * 0.05 + 0.4 * np.eye(3), np.array([0.1, -0.2, 0.05])
    slow = [sum(abs(drops[j, k] / drops[k, k]) * abs(importances[k]) for k in range(3) if k != j) for j in range(3)]
    assert spill(drops, importances) == pytest.approx(slow)
    drops[2, 2] = -0.01
    assert spill(drops, importances).tolist() == [np.inf, np.inf, pytest.approx(slow[2])]


def mixed_rows(rng, n_rows, deletion, weights):
    """Changes of two detectors and of a linear model when each of two concepts is added."""
    _, presence = leaky_generator(rng, n_rows, deletion, draws=1)
    detectors = np.zeros((n_rows, 2, 2))
    detectors[:, 0, 0], detectors[:, 0, 1] = 1.0, presence[:, 0, 1] - presence[:, 0, 0]
    detectors[:, 1, 1] = 1.0
    changes = detectors @ np.array(weights) + 0.2 * rng.normal(size=(n_rows, 2))
    return changes, detectors + 0.05 * rng.normal(size=detectors.shape)


def test_unmixed_response_of_a_blind_model_is_nought():
    rng = np.random.default_rng(5)
    covered = raw = 0
    for _ in range(300):
        changes, detectors = mixed_rows(rng, 200, 0.3, (0.0, 0.5))
        found = unmixed_response(changes, detectors)
        assert found.estimates is not None
        interval = found.estimates[0].interval(0.95)
        covered += interval.low <= 0.0 <= interval.high
        raw += abs(changes[:, 0].mean()) <= 1.97 * changes[:, 0].std(ddof=1) / np.sqrt(200)
    assert 0.91 <= covered / 300 <= 0.985
    assert raw / 300 < 0.2


def test_unmixed_response_solves_the_system_and_its_error_is_the_jackknifes():
    changes, detectors = mixed_rows(np.random.default_rng(6), 60, 0.2, (0.3, 0.5))
    found = unmixed_response(changes, detectors)
    assert found.estimates is not None
    assert found.condition_number == pytest.approx(np.linalg.cond(detectors.mean(axis=0)))
    values = np.array([estimate.value for estimate in found.estimates])
    assert detectors.mean(axis=0) @ values == pytest.approx(changes.mean(axis=0))
    left_out = np.array(
        [np.linalg.solve(np.delete(detectors, i, 0).mean(0), np.delete(changes, i, 0).mean(0)) for i in range(60)]
    )
    slow = np.sqrt(59 / 60 * np.sum((left_out - left_out.mean(axis=0)) ** 2, axis=0))
    assert [e.standard_error for e in found.estimates] == pytest.approx(slow.tolist(), rel=0.03)


def test_concepts_that_always_come_together_cannot_be_unmixed():
    found = unmixed_response(np.ones((5, 2)), np.ones((5, 2, 2)))
    assert found.estimates is None
    assert found.condition_number > 1e12


def test_noise_sd_by_loops():
    rows = np.random.default_rng(7).normal(size=(6, 3))
    slow = np.sqrt(sum(sum((x - sum(row) / 3) ** 2 for x in row) / 2 for row in rows) / 3) / 6
    assert noise_sd(rows) == pytest.approx(slow)
    assert noise_sd(rows[:, :1]) is None
    assert noise_floor(0.1) == pytest.approx(0.196)


def test_stability_is_the_distance_in_noise_sds():
    assert stability(0.03, 0.02, 0.004) == pytest.approx(2.5)
    assert stability(0.03, 0.02, 0.0) == np.inf
    assert stability(0.02, 0.02, 0.0) == 0.0


def test_renoised_scores_hold_only_own_draws():
    scores = np.arange(2 * 5 * 2).reshape(2, 5, 2).astype(float)
    found = renoised_scores(scores, np.array([0, 1]))
    assert found.shape == (2, 2, 2)
    assert found[0].ravel().tolist() == scores[0, :4, 0].tolist()
    assert found[1].ravel().tolist() == scores[1, :4, 1].tolist()
