"""Noise of a systematic response: how far a mean of products of different draws moves with other noise."""

from __future__ import annotations

import numpy as np

from auditor.statistics.arrays import Floats


def square_noise_sd(per_draw: Floats) -> float | None:
    """SD, over other noise for the same rows, of the mean over rows of products of different draws.

    For a row of mean mu and noise variance sigma^2 the product has the variance
    `4 mu^2 sigma^2 / D + 2 sigma^4 / (D (D - 1))` (Hoeffding 1948, of the U-statistic of order 2), in which
    `sigma^4` is estimated by `s^4 (D - 1) / (D + 1)` and `mu^2 sigma^2` by `product s^2 + 2 sigma^4 / (D (D - 1))`,
    both unbiased for normal noise. The sum over rows is cut at 0.

    Args:
        per_draw: (n_rows, n_draws), change of the score in each draw.

    Returns:
        In the square of the score's unit; None with one draw: noise was not measured.
    """
    n_rows, draws = per_draw.shape
    if draws < 2:
        return None
    variance = per_draw.var(axis=1, ddof=1)
    pairs = draws * (draws - 1)
    product = (per_draw.sum(axis=1) ** 2 - np.sum(per_draw**2, axis=1)) / pairs
    fourth = variance**2 * (draws - 1) / (draws + 1)
    mixed = product * variance + 2.0 * fourth / pairs
    return float(np.sqrt(max(0.0, float(np.sum(4.0 * mixed / draws + 2.0 * fourth / pairs)))) / n_rows)
