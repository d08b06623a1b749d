"""How long the statistics of many models take, and the same numbers by a loop over scikit-learn."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from auditor.statistics import Deals, exact_importance, importance_swap_tests, sampled_importance
from auditor.statistics.arrays import checked_rows
from auditor.statistics.orders import Orders, uniform_orders
from auditor.statistics.sampled_permutation import metric_of_deals, sampled_metrics
from auditor.statistics.swap_statistic import swap_statistic
from tests.benchmarks.figure import Figure

Array = np.ndarray[Any, Any]

RATIO = 50.0
SECONDS = 120.0


def world(n_models: int, n_concepts: int, n_rows: int, draws: int) -> tuple[Array, Array, Array]:
    """Models w ~ U[0, 1] over concepts, labels their own median split, scores with noise that a row's values share.

    Returns:
        Scores (n_concepts, n_models, n_rows, draws, 2), values (n_rows, n_concepts), labels (n_models, n_rows).
    """
    rng = np.random.default_rng(0)
    weights = rng.random((n_models, n_concepts))
    values = (rng.random((n_rows, n_concepts)) < 0.5).astype(int)
    clean = values @ weights.T
    labels = (clean > np.median(clean, axis=0)).astype(int).T
    noise = 0.1 * rng.normal(size=(n_models, n_rows, draws))
    changes = np.arange(2)[None] - values[:, :, None]
    scores = np.stack(
        [
            (clean.T[:, :, None] + noise)[..., None]
            + weights[:, k, None, None, None] * changes[None, :, k, None, :]
            + 0.02 * rng.normal(size=(n_models, n_rows, draws, 2))
            for k in range(n_concepts)
        ]
    )
    return scores, values, labels


def many_models(
    n_models: int = 100,
    n_concepts: int = 6,
    n_rows: int = 1_000,
    draws: int = 2,
    permutations: int = 500,
    swaps: int = 10_000,
) -> list[Figure]:
    """Exact estimates with influence intervals, sampled estimates and all swaps; then a slice by scikit-learn."""
    scores, values, labels = world(n_models, n_concepts, n_rows, draws)
    seconds, processor = time.perf_counter(), time.process_time()
    parts = np.zeros(3)
    for of_concept, own in zip(scores, values.T, strict=True):
        start = time.perf_counter()
        for of_model, truth in zip(of_concept, labels, strict=True):
            exact_importance(of_model, own, truth, "auroc").estimate.interval(0.95)
        parts[0] += time.perf_counter() - start
        start, deals = time.perf_counter(), Deals(own, 0)
        for of_model, truth in zip(of_concept, labels, strict=True):
            sampled_importance(of_model, own, truth, "auroc", permutations, 0, deals=deals)
        parts[1] += time.perf_counter() - start
        start = time.perf_counter()
        importance_swap_tests(list(of_concept), own, labels, swaps, 0, early_stop=None)
        parts[2] += time.perf_counter() - start
    seconds, processor = time.perf_counter() - seconds, time.process_time() - processor
    ratio, difference = against_scikit_learn(scores[0], values[:, 0], labels, min(200, swaps), min(500, permutations))
    size = f"{n_models} models x {n_concepts} concepts x {n_rows:,} rows, {draws} draws"
    split = ", ".join(f"{part:.1f} s {name}" for part, name in zip(parts, ("exact", "sampled", "swaps"), strict=True))
    return [
        Figure(
            f"statistics of {size}: exact with intervals, P = {permutations}, {swaps:,} swaps",
            f"under {SECONDS:.0f} s",
            f"{seconds:.1f} s ({processor:.1f} s of processor time)",
            seconds < SECONDS,
            f"one process, simulated scores, labels of each model its own; {split}",
        ),
        Figure(
            "the same against a loop over scikit-learn's roc_auc_score, on a slice",
            f"at least {RATIO:.0f} times faster",
            f"{ratio:.0f} times",
            ratio >= RATIO,
            f"one concept of {min(2, n_models)} models, the same permutations and swaps both ways in one process; "
            f"results differ by at most {difference:.0e}",
        ),
    ]


def against_scikit_learn(
    scores: Array, values: Array, labels: Array, swaps: int, permutations: int
) -> tuple[float, float]:
    """Time of a loop over time of ours, on the same swaps and permutations, and the largest difference of results."""
    ours: list[Array] = []
    theirs: list[Array] = []
    n_rows, models = values.size, range(min(2, len(scores)))
    start = time.perf_counter()
    deals, rng = Deals(values, 0), np.random.default_rng(1)
    orders = uniform_orders(rng, swaps, n_rows, 2)
    for i in models:
        rows = checked_rows(scores[i], values, labels[i])
        ours.append(np.array([exact_importance(scores[i], values, labels[i], "auroc").importance]))
        ours.append(sampled_metrics(metric_of_deals(rows, "auroc", 0.5), deals, permutations))
        ours.append(swap_statistic(rows, "auroc").of(orders))
    fast = time.perf_counter() - start
    start = time.perf_counter()
    for i in models:
        theirs.append(np.array([importance_by_sorting(scores[i], values, labels[i])]))
        theirs.append(np.array([auroc(scores[i], dealt, labels[i]) for dealt in deals.block(0).T[:permutations]]))
        swapped = (np.take_along_axis(scores[i], places[:, None, :], axis=2) for places in places_of(orders))
        theirs.append(np.array([importance_by_sorting(each, values, labels[i]) for each in swapped]))
    slow = time.perf_counter() - start
    return slow / fast, max(float(np.abs(a - b).max()) for a, b in zip(ours, theirs, strict=True))


def places_of(orders: Orders) -> Array:
    """Orders as (n_replicates, n_rows, n_values) indices."""
    return orders.places.transpose(2, 1, 0).astype(np.int64)


def auroc(scores: Array, values: Array, labels: Array) -> float:
    """AUROC of the scores at the values, every draw a point."""
    from sklearn.metrics import roc_auc_score

    picked = scores[np.arange(values.size), :, values]
    return float(roc_auc_score(np.repeat(labels, picked.shape[1]), picked.ravel()))


def importance_by_sorting(scores: Array, values: Array, labels: Array) -> float:
    """The closed form, each of its AUROCs by scikit-learn."""
    from sklearn.metrics import roc_auc_score

    n_rows, draws, n_values = scores.shape
    shares = np.bincount(values, minlength=n_values) / n_rows
    mixed = float(
        roc_auc_score(
            np.repeat(labels, draws * n_values), scores.ravel(), sample_weight=np.tile(shares, n_rows * draws)
        )
    )
    same = sum(
        share * float(roc_auc_score(np.repeat(labels, draws), scores[:, :, v].ravel()))
        for v, share in enumerate(shares)
    )
    return auroc(scores, values, labels) - (n_rows * mixed - same) / (n_rows - 1)
