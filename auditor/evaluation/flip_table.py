"""Which score tells whether an intervention changes the prediction: the paper's table 2, in three readings.

E|grad| has seen the outputs that define the answer. So the change from the first frame to the last stands beside it
as a row, which has seen them too, and the third reading keeps apart what predicts and what is predicted: scores from
the even points of the sweep, flips on the odd ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from auditor.evaluation.flip_prediction import (
    Accuracy,
    Prediction,
    accuracy,
    as_scores,
    flipped,
    halves,
    predict_as_published,
    predict_held_out,
    resampled_sd,
    undefined,
)
from auditor.evaluation.flip_results import (
    CHANGE,
    CONFIDENCE,
    GRADIENT,
    MAJORITY,
    Flipped,
    FlipRow,
    FlipRule,
    FlipTable,
    Number,
    Reading,
)
from auditor.statistics import mean_estimate, metric_estimate
from auditor.statistics.arrays import Array, Flags, Floats, cluster_index
from auditor.statistics.intervals import Interval
from auditor.statistics.sweeps import sweep_numbers
from auditor.statistics.sweeps.curves import checked_curves

FEWEST_POINTS = 5
"""Fewer have no three even points, of which E|grad| could be taken, beside two odd ones."""


def flip_table(
    curves: Array,
    decisions: Array,
    map_differences: Mapping[str, Array],
    *,
    clusters: Array | None = None,
    rule: FlipRule = "ends",
    seed: int = 0,
    about_maps: str = "",
) -> FlipTable:
    """Predict flips from every score, in three readings.

    Args:
        curves: (n_images, n_points), the model's output along each sweep.
        decisions: (n_images, n_points), the decided output, any whole number.
        map_differences: of each method, the mean squared difference of its maps before and after, (n_images,). The
            last frame should be an even point (counted from 0), so that the maps have seen no odd one.
        clusters: (n_images,) names of independent units, which no split parts; None where images are independent.
        rule: what counts as a flip.
        seed: of the halves and resamples.
        about_maps: how maps were made, in words.

    Raises:
        ValueError: shapes disagree, a number is not finite, there are fewer than three points, or fewer than two
            independent images.
    """
    scores, _ = checked_curves(curves, np.arange(np.shape(curves)[-1]))
    decided = np.asarray(decisions)
    if decided.shape != scores.shape:
        raise ValueError(f"decisions have the shape {decided.shape}, which is not that of the curves, {scores.shape}")
    n, points = scores.shape
    second = halves(n, clusters, seed)
    maps = {name: as_scores(values, n, name) for name, values in map_differences.items()}
    flips = flipped(decided, rule)
    every = _readings({**_of_curves(scores), **maps}, flips, clusters, second, seed)
    if points < FEWEST_POINTS:
        odd = Flipped(0, n, f"not defined: a sweep of {points} points has no three even and two odd ones")
        apart: dict[str, _Row] = {}
    else:
        odd_flips = flipped(decided[:, 1::2], rule)
        odd = Flipped(int(odd_flips.sum()), n, undefined(odd_flips))
        apart = _readings({**_of_curves(scores[:, ::2]), **maps}, odd_flips, clusters, second, seed)
    rows = tuple(
        FlipRow(
            name,
            every[name].published if name in every else None,
            every[name].held_out if name in every else None,
            apart[name].held_out if name in apart else None,
            every[name].auroc if name in every else None,
            apart[name].auroc if name in apart else None,
        )
        for name in (MAJORITY, GRADIENT, CHANGE, *maps)
    )
    units = n if clusters is None else len(np.unique(clusters))
    all_points = Flipped(int(flips.sum()), n, undefined(flips))
    return FlipTable(rows, all_points, odd, n, units, points, rule, seed, CONFIDENCE, about_maps)


@dataclass(frozen=True)
class _Row:
    published: Reading
    held_out: Reading
    auroc: Number | None


def _of_curves(curves: Floats) -> dict[str, Floats]:
    """Scores that need no maps; the majority's tells nothing, so that its threshold is above or below all."""
    numbers = sweep_numbers(curves, np.arange(curves.shape[1]))
    return {MAJORITY: np.zeros(len(curves)), GRADIENT: numbers.per_step, CHANGE: np.abs(numbers.net_change)}


def _readings(
    scores: Mapping[str, Floats], flips: Flags, clusters: Array | None, second: Flags, seed: int
) -> dict[str, _Row]:
    """Every method's readings; nothing where flips are not defined."""
    if undefined(flips) is not None:
        return {}
    published = {name: predict_as_published(values, flips) for name, values in scores.items()}
    held_out = {name: predict_held_out(values, flips, second) for name, values in scores.items()}
    spread = {
        name: None if name == MAJORITY else resampled_sd(values, flips, clusters, seed)
        for name, values in scores.items()
    }
    return {
        name: _Row(
            _reading(name, published, clusters, second, spread[name]),
            _reading(name, held_out, clusters, second, None),
            None if name == MAJORITY else _auroc(values, flips, clusters),
        )
        for name, values in scores.items()
    }


def _reading(
    name: str, found: Mapping[str, Prediction], clusters: Array | None, second: Flags, sd: float | None
) -> Reading:
    prediction = found[name]
    parts: tuple[Accuracy, ...] = ()
    if len(prediction.thresholds) == 2:
        parts = tuple(
            accuracy(prediction.correct[part], None if clusters is None else np.asarray(clusters)[part], CONFIDENCE)
            for part in (second, ~second)
        )
    above = None
    if name != CHANGE:
        above = _mean(prediction.correct.astype(np.float64) - found[CHANGE].correct, clusters)
    return Reading(accuracy(prediction.correct, clusters, CONFIDENCE), prediction.thresholds, parts, sd, above)


def _mean(per_image: Floats, clusters: Array | None) -> Number:
    """The mean over units, each the mean of its images, as the accuracy's."""
    unit_of = cluster_index(clusters, len(per_image))
    estimate = mean_estimate(np.bincount(unit_of, weights=per_image) / np.bincount(unit_of), span=1.0)
    return Number(estimate.value, estimate.interval(CONFIDENCE), len(per_image), estimate.units)


def _auroc(scores: Floats, flips: Flags, clusters: Array | None) -> Number:
    estimate = metric_estimate("auroc", flips.astype(np.float64), scores[:, None], clusters).estimate
    found = estimate.interval(CONFIDENCE)
    within = Interval(max(0.0, found.low), min(1.0, found.high), found.confidence, found.method)
    return Number(estimate.value, within, estimate.n, estimate.units)
