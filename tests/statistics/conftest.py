"""Slow twins that several files hold against the fast estimators, written from the definitions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

Array = np.ndarray[Any, Any]


def slow_metric(metric: str, labels: Array, scores: Array, threshold: float = 0.5) -> float:
    """A metric of (n_rows, n_draws) scores, by loops over rows, draws and pairs; classes are a third axis."""
    if metric == "macro_auroc":
        classes = sorted(set(labels.tolist()))
        return sum(slow_metric("auroc", labels == c, scores[:, :, int(c)]) for c in classes) / len(classes)
    if metric.startswith("multiclass_"):
        return slow_metric_of_classes(metric, labels, scores)
    points = [(float(y), float(s)) for y, row in zip(labels, scores, strict=True) for s in row]
    losses: dict[str, Callable[[float, float], float]] = {
        "accuracy": lambda y, s: float((s >= threshold) == (y == 1)),
        "log_loss": lambda y, s: -math.log(clipped(s) if y == 1 else 1 - clipped(s)),
        "brier": lambda y, s: (y - s) ** 2,
        "mean_absolute_error": lambda y, s: abs(y - s),
        "mean_squared_error": lambda y, s: (y - s) ** 2,
    }
    if metric in losses:
        return sum(losses[metric](y, s) for y, s in points) / len(points)
    if metric == "balanced_accuracy":
        recalls = []
        for c in (0.0, 1.0):
            of_class = [losses["accuracy"](y, s) for y, s in points if y == c]
            recalls.append(sum(of_class) / len(of_class))
        return sum(recalls) / 2
    if metric == "r2":
        mean = sum(y for y, _ in points) / len(points)
        return 1 - sum((y - s) ** 2 for y, s in points) / sum((y - mean) ** 2 for y, _ in points)
    positives, negatives = [s for y, s in points if y == 1], [s for y, s in points if y == 0]
    if metric == "auroc":
        wins = sum((a > b) + 0.5 * (a == b) for a in positives for b in negatives)
        return wins / (len(positives) * len(negatives))
    precisions = [sum(b >= a for b in positives) / sum(b >= a for _, b in points) for a in positives]
    return sum(precisions) / len(precisions)


def slow_metric_of_classes(metric: str, labels: Array, scores: Array) -> float:
    """The multiclass metrics, by loops over rows and draws."""

    def term(y: int, row: Array) -> float:
        if metric in ("multiclass_accuracy", "multiclass_balanced_accuracy"):
            return float(max(range(len(row)), key=lambda c: row[c]) == y)
        if metric == "multiclass_log_loss":
            return -math.log(clipped(row[y]))
        return float(sum((row[c] - (c == y)) ** 2 for c in range(len(row))))

    of_row = [sum(term(int(y), row) for row in draws) / len(draws) for y, draws in zip(labels, scores, strict=True)]
    if metric != "multiclass_balanced_accuracy":
        return sum(of_row) / len(of_row)
    recalls = []
    for c in sorted(set(labels.tolist())):
        of_class = [found for y, found in zip(labels, of_row, strict=True) if y == c]
        recalls.append(sum(of_class) / len(of_class))
    return sum(recalls) / len(recalls)


def clipped(p: float) -> float:
    return min(max(p, 1e-7), 1 - 1e-7)


def every_deal(values: Array, within: Array | None, blocks: Array | None) -> Iterator[Array]:
    """Every permutation of the values, each equally often: of rows, inside strata, or of blocks."""
    if blocks is not None:
        names = sorted(set(blocks.tolist()))
        held = [int(values[blocks == name][0]) for name in names]
        for dealt in itertools.permutations(held):
            of_block = dict(zip(names, dealt, strict=True))
            yield np.array([of_block[name] for name in blocks.tolist()])
        return
    strata = np.zeros(len(values), dtype=int) if within is None else within
    members = [np.flatnonzero(strata == name) for name in np.unique(strata)]
    for dealt in itertools.product(*(itertools.permutations(values[rows].tolist()) for rows in members)):
        found = np.empty(len(values), dtype=int)
        for rows, part in zip(members, dealt, strict=True):
            found[rows] = part
        yield found


def slow_expected_metric(
    metric: str,
    scores: Array,
    values: Array,
    labels: Array,
    threshold: float = 0.5,
    within: Array | None = None,
    blocks: Array | None = None,
) -> float:
    """Mean of the metric over all permutations, one after the other."""
    seen: dict[tuple[int, ...], float] = {}
    found = []
    for dealt in every_deal(values, within, blocks):
        key = tuple(dealt.tolist())
        if key not in seen:
            picked = np.array([scores[i, :, v] for i, v in enumerate(key)])
            seen[key] = slow_metric(metric, labels, picked, threshold)
        found.append(seen[key])
    return sum(found) / len(found)


@pytest.fixture
def slow_metric_of() -> Callable[..., float]:
    return slow_metric


@pytest.fixture
def slow_expected() -> Callable[..., float]:
    return slow_expected_metric


@pytest.fixture
def upper_band() -> Callable[[int, float], float]:
    """Largest rejection rate that a test of the given size may show, binomial 99 %."""

    def band(simulations: int, size: float) -> float:
        from scipy.stats import binom

        return float(binom.ppf(0.99, simulations, size)) / simulations

    return band
