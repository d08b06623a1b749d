"""Importance and response of concepts with several values, against definitions written out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tests.valued import Valued
from tests.world import drive, reliance

PERMUTABLE = ("person", "colour", "lamp")
EFFECTS = {"person": (0.0, 0.6, 1.2, 1.2), "colour": (0.0, 1.0, 0.0)}


def auroc(labels, scores) -> float:
    pairs = [(scores[i] > scores[j]) + 0.5 * (scores[i] == scores[j])
             for i in np.flatnonzero(labels == 1) for j in np.flatnonzero(labels == 0)]  # fmt: skip
    return float(np.mean(pairs))


def test_importance_is_the_mean_over_all_permutations_of_the_values():
    world = Valued(rows=6, draws=1, effects=EFFECTS)
    estimates = world.estimate(reliance())
    answers = world.answers(PERMUTABLE)
    logits = answers.arrays[world.view().models["outcome"].digest, 4].astype(np.float32).astype(float)
    for j, concept in enumerate(PERMUTABLE):
        scores = logits[:, j, 0, :, 0]
        own = estimates.pictures.values[:, j]
        factual = auroc(world.labels, scores[np.arange(6), own])
        permuted = [auroc(world.labels, scores[np.arange(6), list(dealt)]) for dealt in itertools.permutations(own)]
        found = estimates.concepts["outcome", concept].importance.importance
        assert found == pytest.approx(factual - np.mean(permuted), abs=1e-12)


def test_the_response_weighs_pairs_of_values_by_their_shares():
    world = Valued(rows=40, draws=2, effects=EFFECTS)
    estimates = world.estimate(reliance())
    swapped = estimates.swapped_scores["outcome"]
    for j, concept in enumerate(PERMUTABLE):
        n_values = len(estimates.pictures.levels_of(j))
        own, scores = estimates.pictures.values[:, j], swapped[:, j, :, :n_values]
        factual = np.array([scores[i, d, own[i]] for i in range(40) for d in range(2)])
        placed = np.array(
            [[[np.mean(factual < s) + 0.5 * np.mean(factual == s) for s in v] for v in d] for d in scores]
        )
        total = weights = 0.0
        for v, w in itertools.combinations(range(n_values), 2):
            weight = np.mean(own == v) * np.mean(own == w)
            total += weight * np.mean(placed[:, :, w] - placed[:, :, v])
            weights += weight
        assert estimates.concepts["outcome", concept].response.mean.value == pytest.approx(total / weights, abs=1e-12)


def test_scores_of_a_concept_hold_its_own_values_alone():
    estimates = Valued(rows=30).estimate(reliance())
    assert {c: r.scores.shape for (_, c), r in estimates.concepts.items()} == {
        "person": (30, 2, 4), "colour": (30, 2, 3), "lamp": (30, 2, 2)
    }  # fmt: skip
    assert [r.kind for r in estimates.concepts.values()] == ["count", "category", "presence"]


def test_rows_that_are_left_with_one_value_give_numbers_and_no_importance():
    """As with two values: every pair with the value that occurs weighs the same, and nothing can be dealt out."""
    world = Valued(rows=40, effects={"colour": (0.0, 1.0, 3.0)})
    answers, colours = world.answers(PERMUTABLE), world.values[:, 1]
    answers.arrays[world.view().models["outcome"].digest, 4][colours != 1] = np.nan
    estimates = drive(reliance().rounds(world.view()), answers)
    assert np.array_equal(estimates.valid, colours == 1)
    found = estimates.concepts["outcome", "colour"]
    assert found.importance.importance == 0.0 == found.importance.share_changed
    changes = found.response.per_row
    swapped = estimates.swapped_scores["outcome"][colours == 1, 1]
    factual = np.sort(swapped[:, :, 1].ravel())
    placed = np.searchsorted(factual, swapped, "left") / 2 + np.searchsorted(factual, swapped, "right") / 2
    placed = placed[..., :3] / factual.size
    assert changes == pytest.approx(
        ((placed[..., 1] - placed[..., 0]) / 2 + (placed[..., 2] - placed[..., 1]) / 2).mean(1)
    )
