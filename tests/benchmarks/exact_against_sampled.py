"""Closed forms against the mean of many sampled permutations, every metric computed from its definition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from auditor.metric_names import Metric, task_of
from auditor.statistics import exact_importance
from tests.benchmarks.figure import Figure

Array = np.ndarray[Any, Any]
Of = Callable[[Array, Array], Array]
"""Labels (n_rows,) and scores (n_deals, n_rows, n_draws, ..) to the metric under each deal."""

LARGEST_Z = 4.5


def auroc(labels: Array, scores: Array) -> Array:
    ups = scores[:, labels == 1].reshape(len(scores), -1, 1)
    downs = scores[:, labels == 0].reshape(len(scores), 1, -1)
    return np.mean(ups > downs, axis=(1, 2)) + 0.5 * np.mean(ups == downs, axis=(1, 2))


def balanced(labels: Array, right: Array) -> Array:
    return np.mean([right[:, labels == c].mean(axis=(1, 2)) for c in np.unique(labels)], axis=0)


def column(labels: Array) -> Array:
    return labels[None, :, None]


def right_class(labels: Array, scores: Array) -> Array:
    return np.argmax(scores, axis=3) == column(labels)


def of_truth(labels: Array, scores: Array) -> Array:
    return np.stack([scores[:, i, :, int(y)] for i, y in enumerate(labels)], axis=1)


def class_squares(labels: Array, scores: Array) -> Array:
    return np.mean(np.sum((scores - np.eye(3)[labels][None, :, None]) ** 2, axis=3), axis=(1, 2))


DEFINITIONS: Mapping[Metric, Of] = {
    "auroc": auroc,
    "accuracy": lambda y, s: np.mean((s >= 0.5) == (column(y) == 1), axis=(1, 2)),
    "balanced_accuracy": lambda y, s: balanced(y, (s >= 0.5) == (column(y) == 1)),
    "log_loss": lambda y, s: -np.mean(np.log(np.where(column(y) == 1, s, 1 - s)), axis=(1, 2)),
    "brier": lambda y, s: np.mean((s - column(y)) ** 2, axis=(1, 2)),
    "macro_auroc": lambda y, s: np.mean([auroc(y == c, s[..., c]) for c in range(3)], axis=0),
    "multiclass_accuracy": lambda y, s: np.mean(right_class(y, s), axis=(1, 2)),
    "multiclass_balanced_accuracy": lambda y, s: balanced(y, right_class(y, s)),
    "multiclass_log_loss": lambda y, s: -np.mean(np.log(of_truth(y, s)), axis=(1, 2)),
    "multiclass_brier": class_squares,
    "r2": lambda y, s: 1 - np.mean(np.sum((s - column(y)) ** 2, axis=1), axis=1) / np.sum((y - y.mean()) ** 2),
    "mean_absolute_error": lambda y, s: np.mean(np.abs(s - column(y)), axis=(1, 2)),
    "mean_squared_error": lambda y, s: np.mean((s - column(y)) ** 2, axis=(1, 2)),
}


def case(rng: np.random.Generator, task: str, n_rows: int, n_draws: int, n_values: int) -> tuple[Array, ...]:
    """Scores that rise with value and label, values and labels that go together; rounded, so that ties occur."""
    values = np.concatenate([np.arange(n_values), rng.integers(0, n_values, n_rows - n_values)])
    if task == "numbers":
        labels = values + rng.normal(size=n_rows)
        return rng.normal(size=(n_rows, n_draws, 1)) + np.arange(n_values), values, labels
    n_classes = 3 if task == "classes" else 2
    labels = (values + rng.integers(0, 2, n_rows)) % n_classes
    labels[:n_classes] = np.arange(n_classes)
    latent = rng.normal(size=(n_rows, n_draws, n_values, n_classes)) + 1.2 * np.eye(n_classes)[labels][:, None, None]
    latent[..., 1] += np.arange(n_values)
    lifted = np.exp(latent)
    scores = np.clip(np.round(lifted / lifted.sum(axis=3, keepdims=True), 2), 0.01, 0.99)
    return (scores if task == "classes" else scores[..., 1]), values, labels


def exact_against_sampled(permutations: int = 100_000, sizes: tuple[int, ...] = (7, 20, 50)) -> list[Figure]:
    """Every metric with a closed form, at few rows, two and three values, one and two draws."""
    rng, compared, equal, largest, worst = np.random.default_rng(0), 0, 0, 0.0, 0.0
    for n_rows in sizes:
        for n_values, n_draws in ((2, 1), (2, 2), (3, 2)):
            for task in ("binary", "classes", "numbers"):
                scores, values, labels = case(rng, task, n_rows, n_draws, n_values)
                still = np.repeat(scores[:, :, :1], n_values, axis=2)
                of_task = [metric for metric in DEFINITIONS if task_of(metric) == task]
                for given in (scores, still):
                    for metric, (mean, error) in sampled(rng, of_task, given, values, labels, permutations).items():
                        expected = exact_importance(given, values, labels, metric).expected
                        if error < 1e-13:
                            equal, worst = equal + 1, max(worst, abs(expected - mean))
                        else:
                            compared, largest = compared + 1, max(largest, abs(expected - mean) / error)
    return [
        Figure(
            f"exact against the mean of {permutations:,} sampled permutations, {len(DEFINITIONS)} metrics",
            f"largest abs(z) <= {LARGEST_Z}",
            f"{largest:.2f} over {compared} comparisons",
            largest <= LARGEST_Z,
            f"N in {sizes}, 2 and 3 values, 1 and 2 draws, ties; metrics from their definitions",
        ),
        Figure(
            "the same where the Monte-Carlo error is 0",
            "equal to 1e-12",
            f"{worst:.0e} over {equal} comparisons",
            worst <= 1e-12,
            "the same cases with scores that no value moves",
        ),
    ]


def sampled(
    rng: np.random.Generator, metrics: list[Metric], scores: Array, values: Array, labels: Array, permutations: int
) -> dict[Metric, tuple[float, float]]:
    """Mean and Monte-Carlo error of each metric; the same permutations for all of them."""
    found: dict[Metric, list[Array]] = {metric: [] for metric in metrics}
    # What moves nothing needs no more than a few permutations to be seen to move nothing.
    still = bool(np.all(scores == scores[:, :, :1]))
    wanted = min(permutations, 500) if still else permutations
    for start in range(0, wanted, 5_000):
        dealt = rng.permuted(np.tile(values, (min(5_000, wanted - start), 1)), axis=1)
        picked = scores[np.arange(values.size)[None], :, dealt]
        for metric, parts in found.items():
            parts.append(DEFINITIONS[metric](labels, picked))
    means = {}
    for metric, parts in found.items():
        every = np.concatenate(parts)
        means[metric] = float(every.mean()), float(every.std(ddof=1)) / every.size**0.5
    return means
