"""Responses and decision flips against loops over rows, draws and pairs; what their bounds cover."""

from __future__ import annotations

import math

import numpy as np
import pytest

from auditor.statistics import decision_flips, rank_placements, response


def slow_placements(scores, values):
    n_rows, n_draws = scores.shape[:2]
    factual = [scores[i, d, values[i]] for i in range(n_rows) for d in range(n_draws)]
    found = np.empty(scores.shape)
    for index in np.ndindex(*scores.shape):
        x = scores[index]
        found[index] = sum((s < x) + 0.5 * (s == x) for s in factual) / len(factual)
    return found


def slow_pairs(values, n_values):
    counts = [int(np.sum(values == v)) for v in range(n_values)]
    total = sum(counts[v] * counts[w] for v in range(n_values) for w in range(v))
    return [(w, v, counts[v] * counts[w] / total) for v in range(n_values) for w in range(v)]


def slow_response(scores, values):
    """Mean response, and systematic mean square over ordered pairs of different draws."""
    n_rows, n_draws, n_values = scores.shape
    mean = square = 0.0
    for low, high, weight in slow_pairs(values, n_values):
        for i in range(n_rows):
            changes = [scores[i, d, high] - scores[i, d, low] for d in range(n_draws)]
            mean += weight * sum(changes) / n_draws / n_rows
            products = [changes[a] * changes[b] for a in range(n_draws) for b in range(n_draws) if a != b]
            if n_draws == 1:
                products = [changes[0] ** 2]
            square += weight * sum(products) / len(products) / n_rows
    return mean, square


def slow_flips(decisions, values):
    n_rows, n_draws, n_values = decisions.shape
    share = 0.0
    for low, high, weight in slow_pairs(values, n_values):
        for i in range(n_rows):
            share += weight * sum(decisions[i, d, low] != decisions[i, d, high] for d in range(n_draws)) / n_draws
    differ = [
        decisions[i, a, values[i]] != decisions[i, b, values[i]]
        for i in range(n_rows)
        for a in range(n_draws)
        for b in range(a)
    ]
    return share / n_rows, sum(differ) / len(differ) if differ else None


def case(n_draws, n_values, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 9, (12, n_draws, n_values)) / 8.0, np.arange(12) % n_values


@pytest.mark.parametrize(("n_draws", "n_values"), [(1, 2), (2, 2), (3, 2), (1, 3), (3, 3)])
def test_placements_responses_and_flips_equal_their_loops(n_draws, n_values):
    scores, values = case(n_draws, n_values)
    assert rank_placements(scores, values) == pytest.approx(slow_placements(scores, values), abs=1e-12)
    found, (mean, square) = response(scores, values=values), slow_response(scores, values)
    assert found.mean.value == pytest.approx(mean, abs=1e-12)
    assert found.square.value == pytest.approx(square, abs=1e-12)
    assert found.systematic == pytest.approx(math.sqrt(max(0.0, square)), abs=1e-12)
    assert found.per_row.mean() == pytest.approx(mean, abs=1e-12)
    decisions = scores >= 0.5
    flips, (share, renoise) = decision_flips(decisions, values), slow_flips(decisions, values)
    assert flips.share.value == pytest.approx(share, abs=1e-12)
    assert flips.renoise_share == (None if renoise is None else pytest.approx(renoise, abs=1e-12))
    assert flips.share.n == 12


def test_a_declared_contrast_is_that_of_its_two_values():
    scores, values = case(2, 3)
    found, pair = response(scores, contrasts=[(2, 0)]), response(scores[:, :, [2, 0]])
    assert (found.mean, found.square) == (pair.mean, pair.square)
    both = response(scores, contrasts=[(0, 1), (0, 2)])
    assert both.mean.value == pytest.approx(np.mean(scores[:, :, 1:].mean(axis=2) - scores[:, :, 0]))
    assert response(scores, values=values).mean.value != both.mean.value


def test_pairs_make_up_the_response_as_a_whole():
    scores, values = case(2, 3)
    found = response(scores, values=values, clusters=np.arange(12) // 2)
    assert [(pair.first, pair.second) for pair in found.pairs] == [(0, 1), (0, 2), (1, 2)]
    for pair in found.pairs:
        alone = response(scores[:, :, [pair.first, pair.second]], clusters=np.arange(12) // 2)
        assert pair.mean == alone.mean
    assert sum(pair.weight * pair.mean.value for pair in found.pairs) == pytest.approx(found.mean.value, abs=1e-12)
    assert found.per_value == pytest.approx(scores.mean(axis=1))


def test_flips_of_clusters_have_clusters_as_units():
    scores, values = case(2, 2)
    found = decision_flips(scores > 0.4, values, clusters=np.arange(12) // 3)
    assert found.share.n == 4
    assert found.n == 12
    assert found.share.value == pytest.approx(found.per_row.mean())


def test_flips_of_several_classes():
    decisions = np.array([[[0, 2]], [[1, 1]], [[2, 0]]])
    assert decision_flips(decisions, np.array([0, 1, 1])).share.value == pytest.approx(2 / 3)


def test_placements_are_those_of_ranks():
    scores, values = case(2, 2, seed=3)
    assert np.array_equal(rank_placements(np.exp(scores), values), rank_placements(scores, values))


def blind(rng, n_rows, draws, noise=0.1):
    return rng.random((n_rows, 1, 1)) + noise * rng.normal(size=(n_rows, draws, 2))


def test_a_reaction_of_changing_sign_is_seen_by_the_systematic_response_alone():
    rng = np.random.default_rng(4)
    sign = rng.choice([-1.0, 1.0], 400)[:, None, None]
    found = response(blind(rng, 400, 2) + 0.2 * sign * np.array([0.0, 1.0]))
    assert abs(found.mean.value) < 0.03
    assert found.systematic == pytest.approx(0.2, abs=0.02)
    assert found.systematic_lower(0.95) > 0.15


def test_noise_leaves_no_floor_in_the_systematic_response():
    """The naive mean |change| of this blind model is .113; two draws say 0, one draw .141, as an upper bound."""
    rng = np.random.default_rng(5)
    two = [response(blind(rng, 200, 2)) for _ in range(200)]
    assert np.mean([found.square.value for found in two]) == pytest.approx(0.0, abs=2e-4)
    one = response(blind(rng, 4000, 1))
    assert one.systematic == pytest.approx(0.1 * math.sqrt(2), rel=0.05)
    assert one.systematic_lower(0.95) == 0.0
    assert one.systematic_upper(0.95) > one.systematic
    assert one.noise_sd is None


@pytest.mark.parametrize("n_rows", [50, 200])
def test_coverage_of_the_bounds(n_rows):
    """Responses differ between rows: mean .1, SD .1, noise .1 in each score."""
    rng = np.random.default_rng([6, n_rows])
    mean_in = upper_in = lower_in = 0
    simulations, truth = 1500, math.sqrt(0.1**2 + 0.1**2)
    for _ in range(simulations):
        effect = rng.normal(0.1, 0.1, (n_rows, 1, 1)) * np.array([0.0, 1.0])
        found = response(blind(rng, n_rows, 2) + effect)
        interval = found.mean.interval(0.95)
        mean_in += interval.low <= 0.1 <= interval.high
        upper_in += found.systematic_upper(0.95) >= truth
        lower_in += found.systematic_lower(0.95) <= truth
    assert 0.93 <= mean_in / simulations <= 0.97
    assert 0.91 <= upper_in / simulations <= 0.98
    assert 0.93 <= lower_in / simulations <= 0.99


def test_nothing_moves_is_not_certainty():
    found = response(np.repeat(np.random.default_rng(7).random((200, 2, 1)), 2, axis=2))
    assert found.mean.upper(0.95) == pytest.approx(-math.log(0.05) / 200)
    assert found.systematic_upper(0.95) == pytest.approx(math.sqrt(-math.log(0.05) / 200))
    trusting = response(np.zeros((200, 2, 2)), span=0.0)
    assert trusting.systematic_upper(0.95) == 0.0


def test_noise_of_the_mean_response_is_its_spread_over_new_draws():
    rng = np.random.default_rng(8)
    repeats = [response(blind(rng, 60, 3)) for _ in range(500)]
    truth = np.std([found.mean.value for found in repeats], ddof=1)
    assert np.mean([found.noise_sd for found in repeats]) == pytest.approx(truth, rel=0.1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: response(np.zeros((3, 1, 1))), "2 values or more"),
        (lambda: response(np.full((3, 1, 2), np.nan)), "finite"),
        (lambda: response(np.zeros((3, 1, 3))), "own values"),
        (lambda: response(np.zeros((3, 1, 3)), contrasts=[(1, 1)]), "two different values"),
        (lambda: response(np.zeros((3, 1, 3)), contrasts=[(0, 3)]), "two different values"),
        (lambda: decision_flips(np.zeros((0, 1, 2)), np.zeros(0)), "2 values or more"),
        (lambda: rank_placements(np.zeros((3, 2)), np.zeros(3)), "shape"),
        (lambda: rank_placements(np.full((3, 1, 2), np.inf), np.zeros(3)), "finite"),
    ],
)
def test_misuse_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
