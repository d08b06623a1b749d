"""Intervals against their definitions, and their coverage where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.statistics import exact_importance, from_influence, mean_estimate, simultaneous_bands, wilson
from auditor.statistics.intervals import Estimate, cell_degrees_of_freedom
from auditor.statistics.shares import Proportion


def test_a_mean_has_the_t_interval_of_the_textbook():
    from scipy.stats import t

    rows = np.random.default_rng(0).normal(2.0, 3.0, 25)
    found = mean_estimate(rows)
    low, high = t.interval(0.9, 24, rows.mean(), rows.std(ddof=1) / 5)
    assert (found.interval(0.9).low, found.interval(0.9).high) == pytest.approx((low, high))
    assert found.upper(0.95) == pytest.approx(high)
    assert found.lower(0.95) == pytest.approx(low)


def test_clusters_of_equal_size_are_the_units_of_a_mean():
    rows = np.random.default_rng(1).normal(size=(20, 4))
    by_cluster, by_mean = mean_estimate(rows.ravel(), np.repeat(np.arange(20), 4)), mean_estimate(rows.mean(axis=1))
    assert by_cluster.standard_error == pytest.approx(by_mean.standard_error)
    assert (by_cluster.df, by_cluster.units, by_cluster.n) == (19.0, 20, 80)


def test_welch_degrees_of_freedom_by_loops():
    rng = np.random.default_rng(2)
    influence, cells = rng.normal(size=30) * np.repeat([1, 5], 15), np.repeat([3, 7, 9], [15, 14, 1])
    variances = [sum(x * x for x, cell in zip(influence, cells, strict=True) if cell == name) for name in (3, 7, 9)]
    slow = sum(variances) ** 2 / sum(v**2 / max(n - 1, 0.5) for v, n in zip(variances, (15, 14, 1), strict=True))
    assert cell_degrees_of_freedom(influence, cells) == pytest.approx(slow)


def test_one_row_has_an_infinite_interval():
    found = mean_estimate(np.array([0.3]))
    assert found.interval(0.95).low == -np.inf
    assert found.upper(0.95) == np.inf


def test_rows_that_all_show_the_same_are_bounded_by_the_rule_of_three():
    found = mean_estimate(np.full(100, 0.1), span=1.0)
    assert found.standard_error == 0.0
    assert found.upper(0.95) == pytest.approx(0.1 - np.log(0.05) / 100)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"), [(0, 10, 0.0, 0.2775), (81, 263, 0.2553, 0.3662), (10, 10, 0.7225, 1.0)]
)
def test_wilson_as_published(successes, n, low, high):
    """81 of 263 is Newcombe's example (1998, method 3)."""
    found = wilson(successes, n, 0.95)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_one_sided_wilson_bounds_are_those_of_the_wider_interval():
    both = wilson(7.5, 40, 0.9)
    assert wilson(7.5, 40, 0.95, "upper").high == pytest.approx(both.high)
    assert wilson(7.5, 40, 0.95, "lower").low == pytest.approx(both.low)
    share = Proportion(7.5 / 40, 40)
    assert (share.lower(0.95), share.upper(0.95)) == pytest.approx((both.low, both.high))
    assert share.interval(0.9).high == pytest.approx(both.high)


def test_wilson_limits_solve_the_score_equation():
    from scipy.special import ndtri

    found, z = wilson(9, 50, 0.95), float(ndtri(0.975))
    for limit in (found.low, found.high):
        assert abs(9 / 50 - limit) / np.sqrt(limit * (1 - limit) / 50) == pytest.approx(z)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: wilson(3, 0, 0.95), "at least one unit"),
        (lambda: wilson(5, 4, 0.95), "not a share"),
        (lambda: wilson(1, 4, 95), "between 0 and 1"),
        (lambda: mean_estimate(np.empty(0)), "at least one row"),
        (lambda: mean_estimate(np.zeros((2, 2))), "one number a row"),
        (lambda: from_influence(0.0, np.empty(0), np.empty(0)), "no rows"),
        (lambda: from_influence(0.0, np.zeros(3), np.zeros(2)), "cells"),
        (lambda: mean_estimate(np.zeros(3), np.zeros(2)), "clusters"),
        (lambda: mean_estimate(np.zeros(3)).upper(1.0), "between 0 and 1"),
        (lambda: simultaneous_bands((), np.zeros((3, 0)), 0.95, 0), "as many columns"),
    ],
)
def test_misuse_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def sample(rng, n_rows, prevalence, positive_share, effect, tie=0.0):
    """Latent-normal score: label, concept, their tie through the concept's share among positives, and an effect."""
    labels = (rng.random(n_rows) < positive_share).astype(float)
    values = (rng.random(n_rows) < np.clip(prevalence + tie * (labels - positive_share), 0, 1)).astype(int)
    base = rng.normal(size=(n_rows, 1, 1)) + labels[:, None, None]
    noise = 0.3 * rng.normal(size=(n_rows, 1, 2))
    return base + effect * np.array([0.0, 1.0]) + noise, values, labels


@pytest.mark.parametrize(
    ("n_rows", "prevalence", "positive_share", "effect", "tie"),
    [(50, 0.3, 0.5, 0.0, 0.0), (200, 0.3, 0.5, 1.0, 0.4), (200, 0.3, 0.5, 0.3, 0.2), (200, 0.1, 0.5, 0.0, 0.0)],
)
def test_coverage_of_the_influence_interval(n_rows, prevalence, positive_share, effect, tie):
    rng = np.random.default_rng([11, n_rows, int(10 * effect)])
    args = (prevalence, positive_share, effect, tie)
    truth = exact_importance(*sample(np.random.default_rng(12), 400_000, *args), "auroc").importance
    covered, simulations = 0, 1000
    for _ in range(simulations):
        found = exact_importance(*sample(rng, n_rows, *args), "auroc").estimate.interval(0.95)
        covered += found.low <= truth <= found.high
    assert 0.93 <= covered / simulations <= 0.995


@pytest.mark.slow
@pytest.mark.parametrize(("effect", "tie"), [(0.0, 0.0), (0.3, 0.2), (1.0, 0.4)])
@pytest.mark.parametrize("metric", ["auroc", "balanced_accuracy", "r2"])
def test_one_sided_bounds_where_the_truth_is_the_margin(metric, effect, tie):
    """Nominal .05 on each side, at 200 rows with 30 expected in the smallest cell."""
    args = (0.3, 0.5, effect, tie)
    truth = exact_importance(*sample(np.random.default_rng(16), 400_000, *args), metric).importance
    rng = np.random.default_rng(17)
    estimates = [exact_importance(*sample(rng, 200, *args), metric).estimate for _ in range(2000)]
    assert np.mean([found.upper(0.95) < truth for found in estimates]) <= 0.085
    assert np.mean([found.lower(0.95) > truth for found in estimates]) <= 0.07


def test_simultaneous_bands_hold_together():
    """Six estimates on 60 rows: single intervals all hold in about .75, bands in .95."""
    rng = np.random.default_rng(13)
    together, alone, simulations = 0, 0, 300
    for seed in range(simulations):
        rows = rng.normal(size=(60, 6))
        estimates = [mean_estimate(column) for column in rows.T]
        bands = simultaneous_bands(estimates, rows - rows.mean(axis=0), 0.95, seed, multipliers=500)
        together += all(band.low <= 0.0 <= band.high for band in bands)
        alone += all(e.interval(0.95).low <= 0.0 <= e.interval(0.95).high for e in estimates)
    assert 0.91 <= together / simulations <= 0.985
    assert alone / simulations < 0.85


def test_a_band_of_one_estimate_is_its_t_interval():
    rows = np.random.default_rng(14).normal(size=30)
    estimate = mean_estimate(rows)
    (band,) = simultaneous_bands([estimate], (rows - rows.mean())[:, None], 0.95, seed=1, multipliers=20_000)
    assert band.high == pytest.approx(estimate.interval(0.95).high, abs=0.02 * estimate.standard_error)


def test_a_band_over_what_does_not_move_keeps_the_rule_of_three():
    still = Estimate(0.0, 0.0, 9.0, 10, 10, floor=0.1)
    rows = np.random.default_rng(15).normal(size=10)
    found = simultaneous_bands([still, mean_estimate(rows)], np.stack([0 * rows, rows - rows.mean()], 1), 0.95, 1)
    assert found[0] == still.interval(0.95)
    assert simultaneous_bands([still], np.zeros((10, 1)), 0.95, 1) == (still.interval(0.95),)
