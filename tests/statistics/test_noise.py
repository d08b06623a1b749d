"""Noise of generation: shares of the variance against simulated re-runs, and the re-noising null."""

from __future__ import annotations

import math

import numpy as np
import pytest

from auditor.statistics import (
    exact_importance,
    noise_floor_of,
    renoising_null,
    sampled_importance,
    variance_parts,
)


def generated(rng, own, draws, effect=0.8):
    """Scores of the same rows, generated anew: shared noise, and a little that differs between values."""
    noise = 0.7 * rng.normal(size=(own.size, draws, 1)) + 0.4 * rng.normal(size=(own.size, draws, 2))
    return own[:, None, None] + effect * np.array([0.0, 1.0]) + noise


def rows_of(rng, n_rows):
    return rng.normal(size=n_rows), rng.integers(0, 2, n_rows), rng.integers(0, 2, n_rows)


def test_parts_add_up_and_noise_is_the_spread_over_new_draws():
    rng = np.random.default_rng(1)
    own, values, labels = rows_of(rng, 100)
    repeats = [exact_importance(generated(rng, own, 3), values, labels, "auroc") for _ in range(300)]
    truth = np.var([found.importance for found in repeats], ddof=1)
    parts = [variance_parts(found) for found in repeats]
    assert np.mean([part.noise for part in parts]) == pytest.approx(truth, rel=0.2)
    for part, found in zip(parts, repeats, strict=True):
        assert part.rows + part.permutation + (part.noise or 0.0) == pytest.approx(part.total)
        assert part.total == found.estimate.standard_error**2
        assert part.permutation == 0.0


def test_rows_are_what_is_left_when_noise_is_averaged_away():
    """Over new rows and new noise the variance is the total; over new noise alone it is the part of noise."""
    rng = np.random.default_rng(2)
    fresh = []
    for _ in range(300):
        own, values, labels = rows_of(rng, 100)
        fresh.append(exact_importance(generated(rng, own, 2), values, labels, "auroc"))
    truth = np.var([found.importance for found in fresh], ddof=1)
    assert np.mean([variance_parts(found).total for found in fresh]) == pytest.approx(truth, rel=0.2)


def test_sampled_permutations_have_a_part_of_their_own():
    rng = np.random.default_rng(3)
    own, values, labels = rows_of(rng, 60)
    scores = generated(rng, own, 1)
    few = variance_parts(sampled_importance(scores, values, labels, "auroc", 25, 0))
    exact = variance_parts(exact_importance(scores, values, labels, "auroc"))
    assert few.noise is None
    assert few.permutation > 0.0
    assert few.rows == pytest.approx(exact.total)
    assert few.rows + few.permutation == pytest.approx(few.total)


def test_the_floor_says_whether_another_seed_may_change_a_verdict():
    rng = np.random.default_rng(4)
    own, values, labels = rows_of(rng, 200)
    found = exact_importance(generated(rng, own, 2), values, labels, "auroc")
    sd = found.noise_sd or 0.0
    near = noise_floor_of(found.estimate, sd, margin=found.estimate.upper(0.95) + sd)
    far = noise_floor_of(found.estimate, sd, margin=found.estimate.upper(0.95) + 3 * sd)
    assert near is not None and far is not None
    assert (near.may_change, far.may_change) == (True, False)
    assert far.stability == pytest.approx(3.0)
    assert far.half_width == pytest.approx(1.96 * sd)
    alone = noise_floor_of(found.estimate, sd)
    assert alone is not None and alone.stability is None and not alone.may_change
    assert noise_floor_of(found.estimate, None) is None
    still = noise_floor_of(found.estimate, 0.0, margin=1.0)
    assert still is not None and still.stability == math.inf


def test_the_renoising_null_does_nothing_whatever_the_model():
    """A model that reacts strongly: noise alone makes an importance whose 95 % quantile is the yardstick."""
    rng = np.random.default_rng(5)
    rejected, within = 0, 0
    for seed in range(300):
        own, values, labels = rows_of(rng, 60)
        found = renoising_null(generated(rng, own, 2, effect=3.0), values, labels, "auroc", 99, seed)
        assert found is not None
        rejected += found.p_value <= 0.1
        within += abs(found.importance) <= found.quantile
    assert 0.05 <= rejected / 300 <= 0.15
    assert 0.91 <= within / 300 <= 0.985


def test_with_fewer_draws_than_values_the_null_is_not_measured():
    rng = np.random.default_rng(6)
    own, values, labels = rows_of(rng, 20)
    assert renoising_null(generated(rng, own, 1), values, labels, "auroc", 99, 0) is None
    classes = np.repeat(rng.dirichlet(np.ones(3), (20, 2, 1)), 2, axis=2)
    labels = np.arange(20) % 3
    assert renoising_null(classes, values, labels, "multiclass_accuracy", 99, 0) is not None
