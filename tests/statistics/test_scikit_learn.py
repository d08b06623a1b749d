"""Tabular data, where the picture of a row is the row: exact importance against scikit-learn's permutations."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeRegressor

from auditor.statistics import Metric, exact_importance, sampled_importance

SCORING: dict[Metric, str] = {
    "auroc": "roc_auc",
    "average_precision": "average_precision",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced_accuracy",
    "log_loss": "neg_log_loss",
    "brier": "neg_brier_score",
    "macro_auroc": "roc_auc_ovr",
    "multiclass_accuracy": "accuracy",
    "multiclass_balanced_accuracy": "balanced_accuracy",
    "multiclass_log_loss": "neg_log_loss",
    "r2": "r2",
    "mean_absolute_error": "neg_mean_absolute_error",
    "mean_squared_error": "neg_mean_squared_error",
}
REPEATS = 30


def table(n_rows, n_values, seed):
    """Two columns of few values, one of numbers."""
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.integers(0, n_values, (n_rows, 2)), rng.normal(size=n_rows)])


def scores_of(predict, rows, column, n_values):
    """What the model says of each row with the column set to each value, (n_rows, 1, n_values, ..)."""
    at = []
    for value in range(n_values):
        changed = rows.copy()
        changed[:, column] = value
        at.append(predict(changed))
    return np.stack(at, axis=1)[:, None]


def agree(metric, model, predict, rows, labels, n_values):
    """The largest z over the columns: both are means over permutations, scikit-learn's of 30 of them."""
    theirs = permutation_importance(
        model, rows, labels, scoring=SCORING[metric], n_repeats=REPEATS, random_state=0, n_jobs=1
    )
    largest = 0.0
    for column in range(2):
        scores, values = scores_of(predict, rows, column, n_values), rows[:, column].astype(int)
        if metric == "average_precision":
            ours = sampled_importance(scores, values, labels, metric, None, 0)
        else:
            ours = exact_importance(scores, values, labels, metric)
        error = np.hypot(theirs.importances[column].std(ddof=1) / np.sqrt(REPEATS), ours.monte_carlo_se)
        if error < 1e-12:
            assert theirs.importances_mean[column] == pytest.approx(ours.importance, abs=1e-12)
        else:
            largest = max(largest, abs(theirs.importances_mean[column] - ours.importance) / error)
    return largest


@pytest.mark.parametrize("metric", ["auroc", "average_precision", "accuracy", "balanced_accuracy", "log_loss", "brier"])
def test_two_labels(metric):
    rows = table(60, 3, seed=1)
    labels = (rows[:, 0] + 0.5 * rows[:, 1] + np.random.default_rng(2).normal(size=60) > 1.4).astype(int)
    model = LogisticRegression().fit(rows, labels)
    assert agree(metric, model, lambda x: model.predict_proba(x)[:, 1], rows, labels, 3) <= 4.5


@pytest.mark.parametrize(
    "metric", ["macro_auroc", "multiclass_accuracy", "multiclass_balanced_accuracy", "multiclass_log_loss"]
)
def test_three_classes(metric):
    rows = table(60, 2, seed=3)
    labels = np.clip(np.round(rows[:, 0] + rows[:, 1] * rows[:, 2]), 0, 2).astype(int)
    model = LogisticRegression().fit(rows, labels)
    assert agree(metric, model, model.predict_proba, rows, labels, 2) <= 4.5


@pytest.mark.parametrize("metric", ["r2", "mean_absolute_error", "mean_squared_error"])
def test_numbers(metric):
    rows = table(60, 4, seed=4)
    labels = rows[:, 0] - rows[:, 1] * rows[:, 2] + 0.3 * np.random.default_rng(5).normal(size=60)
    model = DecisionTreeRegressor(max_depth=4, random_state=0).fit(rows, labels)
    assert agree(metric, model, model.predict, rows, labels, 4) <= 4.5
