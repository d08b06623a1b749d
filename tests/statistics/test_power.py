"""Forecasts against simulations of what they forecast."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.statistics import (
    detectable_importance,
    detectable_response,
    exact_importance,
    importance_swap_test,
    largest_importance,
    mean_estimate,
    mean_response_test,
    null_se,
    null_se_of_metric,
    null_se_of_rows,
    pilot_se,
    rank_change,
    rank_placements,
    response,
    rows_for_decision,
    smallest_cell_of_rows,
    smallest_expected_cell,
    smallest_p,
    smallest_passing_margin,
    smallest_passing_response,
    swaps_needed,
)
from auditor.statistics.power import mixing


def test_smallest_p_of_many_tests_and_of_few_rows():
    assert smallest_p(59_999, 200, family=600) == pytest.approx(0.01)
    assert smallest_p(59_999, 200, family=600, tails="doubled") == pytest.approx(0.02)
    assert smallest_p(9_999, 7, tails="one") == pytest.approx(2**-7)
    assert smallest_p(9_999, 7) == pytest.approx(2**-6)
    assert smallest_p(19, 2, family=10) == 1.0


def test_forecasts_of_the_rows_that_there_are():
    rng = np.random.default_rng(8)
    labels, values = np.tile([0, 1, 1], 20), np.tile([0, 1, 2, 2], 15)
    placements = rank_placements(rng.normal(size=(60, 2, 3)), values)
    shares = np.array([0.25, 0.25, 0.5])
    assert null_se_of_rows(labels, values, placements) == null_se(40, 20, shares, rank_change(placements))
    assert smallest_cell_of_rows(labels, values) == smallest_expected_cell(40, 20, shares) == 5.0
    assert smallest_cell_of_rows(np.arange(60) % 5, values) == pytest.approx(3.0)
    assert smallest_cell_of_rows(rng.normal(size=60), values, classes=False) == pytest.approx(15.0)
    with pytest.raises(ValueError, match="both classes"):
        null_se_of_rows(np.ones(60), values, placements)


@pytest.mark.parametrize("n_rows", [5, 6])
def test_smallest_p_of_few_rows_is_reached(n_rows):
    found = mean_response_test(np.arange(1.0, n_rows + 1), 40_000, seed=1).p_value
    assert found == pytest.approx(smallest_p(40_000, n_rows), abs=0.005)


def test_swaps_needed_reach_alpha_and_one_less_does_not():
    assert swaps_needed(0.01, family=600) == 59_999
    for alpha in (0.05, 0.01, 0.03):
        for tails in ("one", "absolute", "doubled"):
            m = swaps_needed(alpha, 7, tails)
            assert smallest_p(m, 500, 7, tails) <= alpha * (1 + 1e-12) < smallest_p(m - 1, 500, 7, tails)


def test_what_labels_and_values_bound_at_plan_time():
    labels, values = np.tile([0, 1], 50), (np.arange(100) // 2 % 10 < 3).astype(int)
    scores = np.random.default_rng(0).random((100, 1, 2))
    found = exact_importance(scores, values, labels, "auroc")
    assert largest_importance(labels, values) == pytest.approx(found.largest_possible)
    assert smallest_expected_cell(50, 50, np.array([0.7, 0.3])) == pytest.approx(found.smallest_cell)
    with pytest.raises(ValueError, match="both classes"):
        largest_importance(np.ones(4), np.array([0, 1, 0, 1]))


def test_mixing_of_two_values_is_prevalence_times_its_rest():
    assert mixing(np.array([0.7, 0.3])) == pytest.approx(0.21)


def blind_rows(rng, n_rows, shares, noise):
    labels = (np.arange(n_rows) % 2).astype(int)
    values = rng.permutation(np.repeat(np.arange(len(shares)), np.round(np.array(shares) * n_rows).astype(int)))
    base = rng.normal(size=(n_rows, 1, 1)) + 0.8 * labels[:, None, None]
    return base + noise * rng.normal(size=(n_rows, 1, len(shares))), values, labels


@pytest.mark.parametrize("shares", [(0.7, 0.3), (0.9, 0.1), (0.5, 0.3, 0.2)])
def test_null_se_is_the_spread_of_blind_importances(shares):
    rng = np.random.default_rng(1)
    found, tau = [], []
    for _ in range(500):
        scores, values, labels = blind_rows(rng, 200, shares, 0.3)
        found.append(exact_importance(scores, values, labels, "auroc").importance)
        tau.append(rank_change(rank_placements(scores, values)))
    forecast = null_se(100, 100, np.array(shares), float(np.mean(tau)))
    assert forecast == pytest.approx(np.std(found, ddof=1), rel=0.25)
    if shares == (0.7, 0.3):
        assert smallest_passing_margin(forecast, 0.95) == pytest.approx(0.019, abs=0.0015)
        passed = np.mean([x + 1.645 * forecast <= smallest_passing_margin(forecast, 0.95) for x in found])
        assert 0.72 <= passed <= 0.93


def test_detectable_importance_is_found_four_times_in_five():
    """Rare strong content would break it; here the effect is spread over rows, as the formula assumes."""
    rng = np.random.default_rng(2)
    found, powers = [], []
    for seed in range(300):
        labels = (np.arange(200) % 2).astype(int)
        values = (rng.random(200) < 0.3 + 0.4 * (labels - 0.5)).astype(int)
        scores = rng.normal(size=(200, 1, 1)) + 0.3 * rng.normal(size=(200, 1, 2)) + 0.33 * np.array([0.0, 1.0])
        estimate = exact_importance(scores, values, labels, "auroc")
        found.append(estimate.importance)
        powers.append(importance_swap_test(scores, values, labels, 199, seed).p_value <= 0.05)
    se = np.std(found, ddof=1)
    forecast = detectable_importance(float(se), 0.05)
    # Where the mean importance is r times what is forecast to be detectable, power is Phi(2.80 r - 1.96).
    from scipy.special import ndtr

    expected = float(ndtr(2.8016 * np.mean(found) / forecast - 1.96))
    assert np.mean(powers) == pytest.approx(expected, abs=0.12)
    assert detectable_importance(0.01, 0.05, sides=1) == pytest.approx(0.01 * (1.6449 + 0.8416), abs=1e-5)


def test_detectable_response_is_found_four_times_in_five():
    rng = np.random.default_rng(3)
    effect = detectable_response(0.2, 60, 0.05)
    found = [mean_response_test(rng.normal(effect, 0.2, 60), 199, seed).p_value <= 0.05 for seed in range(600)]
    assert 0.72 <= np.mean(found) <= 0.86


@pytest.mark.parametrize(("draws", "published"), [(2, 0.048), (4, 0.031)])
def test_the_smallest_passing_response_is_the_median_bound_of_a_blind_model(draws, published):
    rng = np.random.default_rng(4)
    forecast = smallest_passing_response(0.1 * np.sqrt(2), 200, draws, 0.95)
    assert round(forecast, 3) == pytest.approx(published, abs=1.01e-3)
    rows = [response(0.1 * rng.normal(size=(200, draws, 2))) for _ in range(300)]
    assert np.median([found.systematic_upper(0.95) for found in rows]) == pytest.approx(forecast, rel=0.08)
    mean = smallest_passing_response(0.1 * np.sqrt(2), 200, draws, 0.95, of="mean")
    assert np.median([found.mean.upper(0.95) for found in rows]) == pytest.approx(mean, rel=0.12)
    likely = smallest_passing_response(0.1 * np.sqrt(2), 200, draws, 0.95, power=0.8)
    assert 0.7 <= np.mean([found.systematic_upper(0.95) <= likely for found in rows]) <= 0.9


def test_one_draw_cannot_pass_below_its_noise():
    rng = np.random.default_rng(5)
    rows = [response(0.1 * rng.normal(size=(200, 1, 2))).systematic_upper(0.95) for _ in range(300)]
    forecast = smallest_passing_response(0.1 * np.sqrt(2), 200, 1, 0.95)
    assert np.median(rows) == pytest.approx(forecast, rel=0.03)


def test_a_pilot_forecasts_the_standard_error():
    rng = np.random.default_rng(6)
    pilot = exact_importance(*blind_rows(rng, 100, (0.7, 0.3), 0.5), "auroc")
    full = exact_importance(*blind_rows(rng, 900, (0.7, 0.3), 0.5), "auroc")
    assert pilot_se(pilot.influence, 900) == pytest.approx(full.estimate.standard_error, rel=0.25)


def test_rows_for_a_decision_give_it_four_times_in_five():
    rng = np.random.default_rng(7)
    estimate = mean_estimate(rng.normal(0.0, 1.0, 50))
    n_rows = rows_for_decision(estimate, estimate.value + 0.3, 0.95)
    assert n_rows is not None
    scale = estimate.standard_error * np.sqrt(50)
    passed = [mean_estimate(rng.normal(0.0, scale, n_rows)).upper(0.95) <= 0.3 for _ in range(1000)]
    assert 0.75 <= np.mean(passed) <= 0.85
    assert rows_for_decision(estimate, estimate.value, 0.95) is None
    assert rows_for_decision(mean_estimate(np.ones(1)), 0.5, 0.95) is None


def test_an_alpha_of_nothing_is_refused():
    with pytest.raises(ValueError, match="alpha must lie"):
        swaps_needed(0.0)


@pytest.mark.parametrize(("together", "low", "high"), [(True, 0.75, 1.1), (False, 0.35, 0.85)])
def test_the_forecast_of_macro_auroc_is_the_most_that_its_null_spreads(together, low, high):
    """The mean of the parts' errors is reached by two classes of one score, and by four classes of their own not."""
    rng, found, tau = np.random.default_rng(6), [], []
    labels = np.arange(200) % (2 if together else 4)
    for _ in range(200):
        scores, values, _ = blind_rows(rng, 200, (0.7, 0.3), 0.3)
        if together:
            every = np.stack([-scores, scores], axis=3)
        else:
            every = np.stack([scores, *(blind_rows(rng, 200, (0.7, 0.3), 0.3)[0] for _ in range(3))], axis=3)
        found.append(exact_importance(every, values, labels, "macro_auroc").importance)
        tau.append(rank_change(rank_placements(scores, values)))
    forecast = null_se_of_metric("macro_auroc", labels, np.repeat([0, 1], [140, 60]), float(np.mean(tau)))
    assert forecast is not None and low * forecast <= np.std(found, ddof=1) <= high * forecast
    assert null_se_of_metric("r2", labels, np.repeat([0, 1], [140, 60]), 0.1) is None
