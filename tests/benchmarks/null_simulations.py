"""Rejections of every test under its null, of blind models on leaky generators, and power beside them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from auditor.statistics import (
    importance_swap_test,
    joint_p,
    rank_placements,
    renoised_scores,
    response,
    response_test,
    unmixed_response,
    value_basis,
)
from tests.benchmarks.figure import Figure

Array = np.ndarray[Any, Any]
Rejects = Callable[[np.random.Generator, int], float]
"""P-value of one simulated audit."""

SWAPS = 199
CLUSTERS = np.arange(100) // 2


def null_world(
    rng: np.random.Generator, draws: int = 2, n_values: int = 2, clusters: Array | None = None, effect: float = 0.0
) -> tuple[Array, Array, Array]:
    """100 rows of a blind model: content, noise that values share, side effects per value that favour none of them.

    Values go with labels. `effect`: what the concept adds to the score, in SDs of its content.
    """
    labels = (rng.random(100) < 0.5).astype(int)
    labels[:2] = (0, 1)
    values = (rng.random(100) < 0.3 * (0.6 + 0.8 * labels)).astype(int)
    values = np.where(values == 1, rng.integers(1, n_values, 100), 0)
    values[:n_values] = np.arange(n_values)
    units = np.arange(100) if clusters is None else clusters
    side = 0.4 * rng.normal(size=(100, 1, n_values))[units]
    noise = 0.3 * rng.normal(size=(100, draws, 1)) + 0.2 * rng.normal(size=(100, draws, n_values))
    content = rng.normal(size=(100, 1, 1)) + 1.5 * labels[:, None, None]
    return content + side + noise + effect * np.arange(n_values), values, labels


def of_response(n_values: int, clusters: Array | None = None, effect: float = 0.0) -> Rejects:
    def p_value(rng: np.random.Generator, seed: int) -> float:
        scores, values, _ = null_world(rng, 2, n_values, clusters, effect)
        found = response(rank_placements(scores, values), clusters, values)
        return response_test(found, SWAPS, seed, clusters).p_value

    return p_value


def of_importance(
    metric: Any,
    n_values: int = 2,
    clusters: Array | None = None,
    effect: float = 0.0,
    early_stop: int | None = None,
    renoised: bool = False,
) -> Rejects:
    def p_value(rng: np.random.Generator, seed: int) -> float:
        scores, values, labels = null_world(rng, 2, n_values, clusters, effect)
        if metric not in ("auroc", "average_precision"):
            scores = 1 / (1 + np.exp(0.75 - scores))
        if metric.startswith(("macro", "multiclass")):
            labels = labels + (labels == 1) * (rng.random(100) < 0.5)
            scores = np.stack([1 - scores, scores / 2 + 0.001 * rng.random(scores.shape), scores / 2], axis=3)
        if renoised:
            scores = renoised_scores(scores + 2.0 * np.arange(2), values)
        return importance_swap_test(scores, values, labels, SWAPS, seed, clusters, early_stop, metric).p_value

    return p_value


CONTINUOUS: Mapping[str, Rejects] = {
    "mean response": of_response(2),
    "mean response, 3 values": of_response(3),
    "mean response, clusters": of_response(2, CLUSTERS),
    "importance (AUROC)": of_importance("auroc"),
    "importance (AUROC), early stop": of_importance("auroc", early_stop=20),
    "importance (AUROC), 3 values": of_importance("auroc", 3),
    "importance (AUROC), clusters": of_importance("auroc", clusters=CLUSTERS),
    "importance (AUROC), re-noised": of_importance("auroc", renoised=True),
    "importance (average precision)": of_importance("average_precision"),
    "importance (log loss)": of_importance("log_loss"),
    "importance (Brier)": of_importance("brier"),
    "importance (R2)": of_importance("r2"),
    "importance (absolute error)": of_importance("mean_absolute_error"),
    "importance (macro AUROC)": of_importance("macro_auroc"),
    "importance (multiclass log loss)": of_importance("multiclass_log_loss"),
}
WITH_TIES: Mapping[str, Rejects] = {
    "importance (accuracy)": of_importance("accuracy"),
    "importance (balanced accuracy)": of_importance("balanced_accuracy"),
    "importance (multiclass accuracy)": of_importance("multiclass_accuracy"),
}


def band(simulations: int, alpha: float) -> tuple[float, float]:
    """Binomial 99 % band of a share of rejections."""
    from scipy.stats import binom

    low, high = binom.ppf([0.005, 0.995], simulations, alpha) / simulations
    return float(low), float(high)


def chance_outside(simulations: int, alpha: float, ties: bool) -> float:
    """The chance that a test that is right leaves its band; with ties at most the chance of the upper end."""
    from scipy.stats import binom

    low, high = (round(end * simulations) for end in band(simulations, alpha))
    above = float(binom.sf(high, simulations, alpha))
    return above if ties else above + float(binom.cdf(low - 1, simulations, alpha))


def nulls(simulations: int = 2_000, names: tuple[str, ...] | None = None, stream: int = 20) -> list[Figure]:
    """Share of rejections of each test at .05 and .01 where its null holds, and how many of them leave their bands.

    Args:
        simulations: of each test.
        names: the tests; None for all of them.
        stream: of the seeds; another one makes simulations that are independent of the first.
    """
    figures, outside, expected = [], 0, 0.0
    for number, (name, p_value) in enumerate({**CONTINUOUS, **WITH_TIES}.items()):
        if names is not None and name not in names:
            continue
        rng = np.random.default_rng([stream, number])
        found = np.array([p_value(rng, seed) for seed in range(simulations)])
        shares = {alpha: float(np.mean(found <= alpha * (1 + 1e-12))) for alpha in (0.05, 0.01)}
        bands = {alpha: band(simulations, alpha) for alpha in shares}
        fits = all(share <= bands[alpha][1] for alpha, share in shares.items())
        if name in CONTINUOUS:
            fits = fits and all(share >= bands[alpha][0] for alpha, share in shares.items())
        for alpha, share in shares.items():
            low, high = bands[alpha]
            outside += share > high or (name in CONTINUOUS and share < low)
            expected += chance_outside(simulations, alpha, name not in CONTINUOUS)
        inside = "inside" if name in CONTINUOUS else "at most the upper end of"
        figures.append(
            Figure(
                f"{simulations:,} null simulations: {name}",
                f"{inside} " + ", ".join(f"{low:.3f} to {high:.3f}" for low, high in bands.values()),
                ", ".join(f"{share:.3f} at {alpha}" for alpha, share in shares.items()),
                fits,
                f"100 rows, 2 draws, side effects without direction, m = {SWAPS}",
            )
        )
    if len(figures) > 1:
        figures.append(
            Figure(
                f"shares outside their 99 % bands, of {2 * len(figures)} that were looked at",
                "",
                f"{outside}; {expected:.2f} are to be expected of tests that are right, and at least one in "
                f"{1.0 - math.exp(-expected):.0%} of such tables",
                None,
                "the expectation by the binomial law; the chance of at least one as if shares were independent",
            )
        )
    return figures


def average_precision_again(simulations: int = 8_000) -> list[Figure]:
    """The null of average precision once more, in simulations that `nulls` has not seen."""
    return nulls(simulations, ("importance (average precision)",), stream=25)


def power_curve(simulations: int = 500, effects: tuple[float, ...] = (0.1, 0.2, 0.4, 0.8)) -> list[Figure]:
    """Share of rejections at .05 where the concept adds to the score."""
    figures = []
    for name, of in {
        "mean response": lambda effect: of_response(2, effect=effect),
        "importance (AUROC)": lambda effect: of_importance("auroc", effect=effect),
        "importance (R2)": lambda effect: of_importance("r2", effect=effect),
    }.items():
        shares = []
        for effect in effects:
            rng = np.random.default_rng([21, int(100 * effect)])
            shares.append(np.mean([of(effect)(rng, seed) <= 0.05 for seed in range(simulations)]))
        figures.append(
            Figure(
                f"power at .05, effects of {', '.join(str(effect) for effect in effects)} SD: {name}",
                "",
                ", ".join(f"{share:.2f}" for share in shares),
                None,
                f"{simulations:,} simulations each, as the nulls; prevalence about .3, the concept goes with the label",
            )
        )
    return figures


def leaky_generation(simulations: int = 1_000, spills: tuple[float, ...] = (0.0, 0.05, 0.1, 0.2)) -> list[Figure]:
    """A model blind to j on a generator that deletes k in some pictures where j is put in: raw and unmixed."""
    figures = []
    for spill in spills:
        rng, raw, unmixed = np.random.default_rng([22, int(100 * spill)]), 0, 0
        for seed in range(simulations):
            changes, seen = leaky_world(rng, spill)
            found = response(np.stack([np.zeros_like(changes[:, 0]), changes[:, 0]], axis=1)[:, None, :])
            raw += response_test(found, SWAPS, seed).p_value <= 0.05
            estimates = unmixed_response(changes, seen).estimates
            if estimates is not None:
                interval = estimates[0].interval(0.95)
                unmixed += not interval.low <= 0.0 <= interval.high
        figures.append(
            Figure(
                f"blind model, generator that spills {spill:.0%}: rejections at .05, raw / unmixed",
                "",
                f"{raw / simulations:.2f} / {unmixed / simulations:.2f}",
                None,
                f"{simulations:,} audits of 200 rows; the model reacts to k alone, k is deleted where j is put in",
            )
        )
    return figures


def leaky_categories(simulations: int = 1_000, spills: tuple[float, ...] = (0.0, 0.05, 0.1, 0.2)) -> list[Figure]:
    """Side effects from and on a category of three values: raw and unmixed, all changes of the concept together."""
    figures = []
    for blind_to, place in (("lamp", slice(0, 1)), ("colour", slice(1, 3))):
        for spill in spills:
            rng, rejected = np.random.default_rng([23, int(100 * spill), place.start]), np.zeros(2)
            for _ in range(simulations):
                changes, seen = category_world(rng, spill, blind_to)
                mean, unmixed = changes.mean(axis=0), unmixed_response(changes, seen)
                rejected[0] += joint_p(mean[place], (changes - mean)[:, place]) <= 0.05
                if unmixed.estimates is not None:
                    values = np.array([one.value for one in unmixed.estimates])
                    rejected[1] += joint_p(values[place], unmixed.influence[:, place]) <= 0.05
            figures.append(
                Figure(
                    f"model blind to the {blind_to}, spill of {spill:.0%}: rejections at .05, raw / unmixed",
                    "",
                    f"{rejected[0] / simulations:.2f} / {rejected[1] / simulations:.2f}",
                    None,
                    f"{simulations:,} audits of 200 rows; the lamp turns red walls blue, or a blue wall takes the lamp",
                )
            )
    return figures


def category_world(rng: np.random.Generator, spill: float, blind_to: str) -> tuple[Array, Array]:
    """Changes of the score (200, 3) and of what a detector sees (200, 3, 3): a lamp, and a wall of three colours.

    In a share of the rows either the lamp turns a red wall blue, and the model is blind to the lamp, or a blue wall
    takes the lamp away, and the model is blind to colours.
    """
    rows, basis = 200, value_basis(3)
    own = (rng.random(rows) < 0.5).astype(int), rng.integers(0, 3, rows)
    hit = rng.random(rows) < spill

    def drawn(lamp: Array, colour: Array) -> tuple[Array, Array]:
        if blind_to == "lamp":
            colour = np.where(hit & (lamp == 1) & (colour == 0), 2, colour)
            score = np.array([0.0, 0.3, 0.6])[colour]
        else:
            lamp = np.where(hit & (colour == 2), 0, lamp)
            score = 0.8 * lamp
        sight = np.column_stack([lamp, *(colour == value for value in range(3))]) + 0.05 * rng.normal(size=(rows, 4))
        return score + 0.1 * rng.normal(size=rows), np.column_stack([sight[:, 0], sight[:, 1:] @ basis])

    lamps = [drawn(np.full(rows, value), own[1]) for value in (0, 1)]
    walls = [drawn(own[0], np.full(rows, value)) for value in range(3)]
    scores, sights = [lamps[1][0] - lamps[0][0]], [lamps[1][1] - lamps[0][1]]
    for change in basis.T:
        scores.append(sum(weight * wall[0] for weight, wall in zip(change, walls, strict=True)))
        sights.append(sum(weight * wall[1] for weight, wall in zip(change, walls, strict=True)))
    return np.stack(scores, axis=1), np.stack(sights, axis=1)


def leaky_world(rng: np.random.Generator, spill: float) -> tuple[Array, Array]:
    """Changes of the score (200, 2) and of two detectors (200, 2, 2) when j or k is put in."""
    present = rng.random((200, 2)) < 0.5
    deleted = (rng.random(200) < spill) & present[:, 1]
    truth = np.zeros((200, 2, 2))
    truth[:, 0, 0] = truth[:, 1, 1] = 1.0
    truth[:, 0, 1] = -1.0 * deleted
    seen = truth + 0.05 * rng.normal(size=truth.shape)
    changes = 0.8 * truth[:, :, 1] + 0.1 * rng.normal(size=(200, 2))
    return changes, seen
