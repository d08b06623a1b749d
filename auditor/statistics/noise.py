"""Noise of generation: how far a number would move if the same rows were generated again, and the null made of it."""

from __future__ import annotations

import math

import numpy as np

from auditor.statistics.arrays import Array, Floats, checked_values


def noise_sd(per_draw: Floats) -> float | None:
    """`sqrt(sum_i W_i / n_draws) / n_rows`, W_i the variance over draws of the row's influence (divisor n_draws - 1).

    The squared standard error over rows holds this variance already; SE^2 minus its square is what rows contribute.

    Args:
        per_draw: (n_rows, n_draws), influence of each draw, or the change of score for a mean response.

    Returns:
        None with one draw: noise was not measured.
    """
    n_rows, n_draws = per_draw.shape
    if n_draws < 2:
        return None
    return float(np.sqrt(per_draw.var(axis=1, ddof=1).sum() / n_draws) / n_rows)


def noise_floor(sd: float) -> float:
    """Half-width in which 95 of 100 repeats with other noise would fall, 1.96 noise SD."""
    return 1.96 * sd


def stability(bound: float, margin: float, sd: float) -> float:
    """Distance of a bound from its margin in noise SDs; below 2 another seed may change the verdict.

    Returns:
        Infinity where noise moves nothing and the bound is off the margin, 0 where it lies on it.
    """
    distance = abs(bound - margin)
    if sd == 0.0:
        return math.inf if distance > 0.0 else 0.0
    return distance / sd


def renoised_scores(scores: Array, values: Array) -> Floats:
    """Scores of a concept that does nothing: every value's place holds a fresh draw at the row's own value.

    The swap test on these must reject at alpha whatever the model, as the draws of a row are exchangeable: a self-test
    of pipeline and statistic, and a yardstick. It says nothing about the concept.

    Args:
        scores: (n_rows, n_draws, n_values), n_draws at least n_values; further axes (classes) are kept.
        values: (n_rows,), own values; use the same with the result.

    Returns:
        (n_rows, n_draws // n_values, n_values); left-over draws are not used.

    Raises:
        ValueError: if there are fewer draws than values, so that no null can be made.
    """
    found = np.asarray(scores, dtype=np.float64)
    n_rows, n_draws, n_values = found.shape[:3]
    if n_draws < n_values:
        raise ValueError(f"the re-noising null needs as many draws as values: {n_draws} draws, {n_values} values")
    own = found[np.arange(n_rows), :, checked_values(values, n_values)]
    sets = n_draws // n_values
    return own[:, : sets * n_values].reshape(n_rows, sets, n_values, *found.shape[3:])
