"""How often swap and sign-flip tests reject under nulls, and where they have power."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.statistics import (
    importance_swap_test,
    mean_response_test,
    rank_placements,
    renoised_scores,
    response,
    response_test,
)


def null_world(rng, n_rows, draws, n_values, positive_share=0.5, prevalence=0.3, cluster_size=1, side_effect=0.4):
    """A blind model: content, noise that values share, and side effects per value that favour none of them."""
    clusters = np.arange(n_rows) // cluster_size
    n_units = int(clusters[-1]) + 1
    labels = (rng.random(n_rows) < positive_share).astype(int)
    labels[:2] = (0, 1)
    # Values go with labels and, within a cluster, with each other: neither may matter.
    values = (rng.random(n_rows) < prevalence * (0.6 + 0.8 * labels)).astype(int)
    values = np.where(values == 1, rng.integers(1, n_values, n_rows), 0)
    shared = side_effect * rng.normal(size=(n_units, 1, n_values))[clusters]
    noise = 0.3 * rng.normal(size=(n_rows, draws, 1)) + 0.2 * rng.normal(size=(n_rows, draws, n_values))
    return rng.normal(size=(n_rows, 1, 1)) + 1.5 * labels[:, None, None] + shared + noise, values, labels, clusters


@pytest.mark.parametrize(("n_rows", "draws"), [(50, 1), (50, 3), (200, 1)])
def test_size_of_the_mean_response_test(n_rows, draws, upper_band):
    rng = np.random.default_rng([9, n_rows, draws])
    simulations, rejected = 2000, 0
    for seed in range(simulations):
        scores, values, *_ = null_world(rng, n_rows, draws, 2)
        rejected += mean_response_test(response(rank_placements(scores, values)).per_row, 199, seed).p_value <= 0.05
    assert 0.035 <= rejected / simulations <= upper_band(simulations, 0.05)


@pytest.mark.parametrize(("n_rows", "draws", "early_stop"), [(50, 1, None), (50, 3, None), (100, 1, 20)])
def test_size_of_the_importance_swap_test(n_rows, draws, early_stop, upper_band):
    rng = np.random.default_rng([10, n_rows, draws])
    simulations, rejected = 1500, 0
    for seed in range(simulations):
        scores, values, labels, _ = null_world(rng, n_rows, draws, 2)
        rejected += importance_swap_test(scores, values, labels, 199, seed, early_stop=early_stop).p_value <= 0.05
    assert 0.03 <= rejected / simulations <= upper_band(simulations, 0.05)


def test_size_with_three_values(upper_band):
    rng = np.random.default_rng(11)
    simulations, rejected = 400, 0
    for seed in range(simulations):
        scores, values, labels, _ = null_world(rng, 50, 2, 3)
        rejected += importance_swap_test(scores, values, labels, 199, seed, early_stop=10).p_value <= 0.05
    assert rejected / simulations <= upper_band(simulations, 0.05)


def test_size_of_the_response_test_with_three_values(upper_band):
    rng = np.random.default_rng(23)
    simulations, rejected = 1000, 0
    for seed in range(simulations):
        scores, values, _, clusters = null_world(rng, 60, 2, 3, cluster_size=2)
        found = response(rank_placements(scores, values), clusters, values)
        rejected += response_test(found, 199, seed, clusters, early_stop=10).p_value <= 0.05
    assert 0.03 <= rejected / simulations <= upper_band(simulations, 0.05)


def test_clusters_must_be_swapped_as_wholes(upper_band):
    """Side effects shared by the five pictures of a source: by row .14 to .28 were measured, by cluster .05."""
    rng = np.random.default_rng(12)
    simulations = 1000
    by_row = by_cluster = by_cluster_importance = 0
    for seed in range(simulations):
        scores, values, labels, clusters = null_world(rng, 100, 1, 2, cluster_size=5)
        changes = response(rank_placements(scores, values)).per_row
        by_row += mean_response_test(changes, 199, seed).p_value <= 0.05
        by_cluster += mean_response_test(changes, 199, seed, clusters).p_value <= 0.05
        by_cluster_importance += importance_swap_test(scores, values, labels, 199, seed, clusters).p_value <= 0.05
    assert by_cluster / simulations <= upper_band(simulations, 0.05)
    assert by_cluster_importance / simulations <= upper_band(simulations, 0.05)
    assert by_row / simulations > 0.15


def test_the_renoising_null_rejects_at_alpha_whatever_the_model(upper_band):
    """A model that reacts strongly to the concept: its re-noised scores must not."""
    rng = np.random.default_rng(13)
    simulations, rejected = 1000, 0
    for seed in range(simulations):
        scores, values, labels, _ = null_world(rng, 60, 2, 2)
        null = renoised_scores(scores + 2.0 * np.array([0.0, 1.0]), values)
        rejected += importance_swap_test(null, values, labels, 199, seed).p_value <= 0.05
    assert 0.025 <= rejected / simulations <= upper_band(simulations, 0.05)


def test_power_of_response_where_importance_has_none():
    """The concept moves every score by half an SD and is independent of the label."""
    rng = np.random.default_rng(14)
    simulations = 200
    by_response = by_importance = 0
    for seed in range(simulations):
        labels, values = rng.integers(0, 2, 200), (rng.random(200) < 0.3).astype(int)
        scores = rng.normal(size=(200, 1, 1)) + 0.2 * rng.normal(size=(200, 1, 2)) + 0.5 * np.array([0.0, 1.0])
        changes = response(rank_placements(scores, values)).per_row
        by_response += mean_response_test(changes, 199, seed).p_value <= 0.05
        by_importance += importance_swap_test(scores, values, labels, 199, seed).p_value <= 0.05
    assert by_response == simulations
    assert by_importance / simulations < 0.12


@pytest.mark.slow
def test_sizes_at_two_thousand_simulations_lie_in_the_band_of_a_continuous_statistic():
    """.038 to .063 is the binomial 99 % band at .05, .005 to .016 at .01."""
    rng = np.random.default_rng(15)
    p = {"response": [], "importance": [], "three values": []}
    for seed in range(2000):
        scores, values, labels, _ = null_world(rng, 100, 2, 2)
        p["response"].append(mean_response_test(response(rank_placements(scores, values)).per_row, 199, seed).p_value)
        p["importance"].append(importance_swap_test(scores, values, labels, 399, seed, early_stop=None).p_value)
        scores, values, labels, _ = null_world(rng, 60, 2, 3)
        p["three values"].append(importance_swap_test(scores, values, labels, 399, seed).p_value)
    for found in p.values():
        assert 0.038 <= np.mean(np.array(found) <= 0.05) <= 0.063
        assert 0.004 <= np.mean(np.array(found) <= 0.01) <= 0.016
