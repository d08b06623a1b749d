"""Exact permutation of a column that is seen: against all permutations, and the estimator of the audits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn.inspection import permutation_importance

from auditor.evaluation import linear_importances, standardised_coefficients
from auditor.statistics import exact_importance


def slow_auroc(labels, scores):
    """Share of pairs in the right order, ties half."""
    scores = np.round(scores, 9)
    above = scores[labels == 1][:, None] - scores[labels == 0]
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


def slow_importance(weights, columns, labels, j):
    """The mean over all N! permutations."""
    factual = slow_auroc(labels, columns @ weights)
    drops = []
    for order in itertools.permutations(range(len(columns))):
        dealt = columns.copy()
        dealt[:, j] = columns[list(order), j]
        drops.append(factual - slow_auroc(labels, dealt @ weights))
    return np.mean(drops)


@pytest.mark.parametrize("kind", ["numbers", "presences", "ties"])
def test_it_is_the_mean_over_all_permutations(kind):
    rng = np.random.default_rng(7)
    columns = {
        "numbers": rng.normal(size=(6, 3)),
        "presences": (rng.random((6, 3)) < 0.5).astype(float),
        "ties": rng.integers(0, 3, size=(6, 3)) / 2,
    }[kind]
    weights = np.array([[0.5, 1.0, -0.3], [0.2, 0.0, 0.7]])
    labels = np.array([[0, 1, 0, 1, 1, 0], [1, 1, 0, 0, 1, 0]])
    found = linear_importances(weights, columns, labels)
    for m, j in itertools.product(range(2), range(3)):
        assert found[m, j] == pytest.approx(slow_importance(weights[m], columns, labels[m], j), abs=1e-12)
    assert found[1, 1] == 0.0, "a weight of zero loses nothing"


def test_both_ways_of_adding_up_agree_and_are_those_of_the_audits_estimator():
    rng = np.random.default_rng(8)
    columns = np.round(rng.normal(size=(60, 2)), 1)
    columns[:, 1] = rng.random(60) < 0.4
    labels = (columns @ [1.0, 0.8] + rng.normal(size=60) > 0.3).astype(int)
    weights = np.array([[1.0, 0.8]])
    found = linear_importances(weights, columns, labels)[0]
    for j in range(2):
        rest = columns @ weights[0] - weights[0, j] * columns[:, j]
        # One value for each row: its entry of the column.
        dealt = np.round(rest[:, None] + weights[0, j] * columns[:, j], 9)
        assert found[j] == pytest.approx(exact_importance(dealt[:, None, :], np.arange(60), labels, "auroc").importance)


def test_scikit_learn_samples_about_it():
    rng = np.random.default_rng(9)
    columns = rng.normal(size=(80, 3))
    labels = (columns @ [1.0, 0.5, 0.0] > 0).astype(int)

    class Linear:
        def fit(self, *_):
            return self

        def score(self, X, y):  # noqa: N803  # as scikit-learn names it
            return slow_auroc(y, X @ [1.0, 0.5, 0.0])

    sampled = permutation_importance(Linear(), columns, labels, n_repeats=400, random_state=0).importances
    found = linear_importances(np.array([[1.0, 0.5, 0.0]]), columns, labels)[0]
    error = sampled.std(axis=1, ddof=1) / 20
    assert (np.abs(sampled.mean(axis=1) - found) <= 4.5 * error + 1e-12).all()


def test_what_cannot_be_told_is_refused():
    columns, labels = np.eye(4)[:, :2], np.array([0, 1, 0, 1])
    with pytest.raises(ValueError, match="same columns"):
        linear_importances(np.ones((1, 3)), columns, labels)
    with pytest.raises(ValueError, match="both occur"):
        linear_importances(np.ones((1, 2)), columns, np.ones(4))
    with pytest.raises(ValueError, match="finite"):
        linear_importances(np.full((1, 2), np.nan), columns, labels)


def test_coefficients_are_standardised_by_the_columns():
    columns = np.array([[0.0, 1.0], [2.0, 1.5], [4.0, 1.0]])
    found = standardised_coefficients(np.array([[1.0, 4.0]]), columns)
    assert found[0] == pytest.approx([2.0, 4.0 * np.std([1.0, 1.5, 1.0], ddof=1)])
