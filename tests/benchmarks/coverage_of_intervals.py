"""How often 95 % intervals hold the truth, where the truth is known."""

from __future__ import annotations

from typing import Any

import numpy as np

from auditor.statistics import Metric, exact_importance
from tests.benchmarks.figure import Figure

Array = np.ndarray[Any, Any]

LEAST = 0.93
ENOUGH = 20.0
"""Expected rows in the smallest label x value cell from which on the bar holds."""

DESIGNS: tuple[tuple[str, float, float, float], ...] = (
    ("0", 0.3, 0.0, 0.0),
    ("0.02", 0.3, 0.38, 0.24),
    ("0.2", 0.3, 2.7, 0.52),
    ("0, prevalence .1", 0.1, 0.0, 0.0),
)
"""Importance in AUROC that the design has, prevalence, effect of the concept in SDs, its tie to the label."""


def sample(rng: np.random.Generator, n_rows: int, prevalence: float, effect: float, tie: float) -> tuple[Array, ...]:
    """A latent-normal score of probability scale; the concept is more common among positives by `tie`."""
    labels = (rng.random(n_rows) < 0.5).astype(int)
    values = (rng.random(n_rows) < np.clip(prevalence + tie * (labels - 0.5), 0, 1)).astype(int)
    latent = rng.normal(size=(n_rows, 1, 1)) + labels[:, None, None] + 0.3 * rng.normal(size=(n_rows, 1, 2))
    return 1 / (1 + np.exp(0.5 - latent - effect * np.arange(2))), values, labels


def coverage(
    simulations: int = 2_000,
    sizes: tuple[int, ...] = (50, 200, 1_000),
    metrics: tuple[Metric, ...] = ("auroc", "balanced_accuracy", "log_loss", "r2"),
    of_truth: int = 1_000_000,
) -> list[Figure]:
    """Coverage of the influence interval of each metric, by size and importance."""
    figures = []
    for number, (name, prevalence, effect, tie) in enumerate(DESIGNS):
        given = prevalence, effect, tie
        large = sample(np.random.default_rng([30, number]), of_truth, *given)
        truth = {metric: exact_importance(*large, metric).importance for metric in metrics}
        for n_rows in sizes:
            rng = np.random.default_rng([31, number, n_rows])
            held = dict.fromkeys(metrics, 0)
            for _ in range(simulations):
                rows = sample(rng, n_rows, *given)
                for metric in metrics:
                    interval = exact_importance(*rows, metric).estimate.interval(0.95)
                    held[metric] += interval.low <= truth[metric] <= interval.high
            least_cell = 0.5 * n_rows * prevalence
            shares = {metric: count / simulations for metric, count in held.items()}
            judged = least_cell >= ENOUGH
            figures.append(
                Figure(
                    f"coverage of 95 % intervals, N = {n_rows:,}, importance {name}",
                    f"at least {LEAST:.2f}" if judged else "",
                    ", ".join(f"{metric} {share:.3f}" for metric, share in shares.items()),
                    all(share >= LEAST for share in shares.values()) if judged else None,
                    f"{simulations:,} samples; expected smallest cell {least_cell:.0f}; true importance in AUROC "
                    f"{truth[metrics[0]]:.4f}, from {of_truth:,} rows",
                )
            )
    return figures
