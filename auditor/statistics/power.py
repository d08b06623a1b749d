"""What an audit can find and pass, before it is paid for.

Everything here is a forecast for a score without ties whose reaction to the concept is small: formulas hold to about a
fifth of their value. What is assumed is said at each function; a `tau` that was not measured is printed as assumed.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final, Literal

import numpy as np

from auditor.statistics.arrays import Array, Floats
from auditor.statistics.intervals import Estimate, normal_quantile

Tails = Literal["one", "absolute", "doubled"]

ASSUMED_TAU: Final = 0.1
"""Root mean square change of rank, 0 to 1, where neither stored scores nor a pilot exist; mark it as assumed."""


def smallest_p(replicates: int, units: int, family: int = 1, tails: Tails = "absolute") -> float:
    """Least p, adjusted for the family (Holm's first step), that a swap or sign-flip test can reach.

    Args:
        replicates: m.
        units: rows or clusters; 2^units patterns exist.
        family: tests that are adjusted together.
        tails: "one": `max(1 / (m + 1), 2^-n)`. "absolute", a two-sided test of |statistic|, as the mean response: a
            pattern and its opposite tie, so 2^(1-n). "doubled", the smaller tail doubled, as importance: twice "one".
    """
    drawn = 1.0 / (replicates + 1)
    patterns = 2.0 ** -min(units, 1000)
    if tails == "absolute":
        patterns *= 2.0
    factor = 2.0 if tails == "doubled" else 1.0
    return min(1.0, factor * family * max(drawn, patterns))


def swaps_needed(alpha: float, family: int = 1, tails: Tails = "absolute") -> int:
    """Least m whose smallest adjusted p reaches alpha: `family / alpha - 1`, doubled tail `2 family / alpha - 1`.

    Raises:
        ValueError: if alpha does not lie between 0 and 1, or the family is empty.
    """
    if not 0.0 < alpha < 1.0 or family < 1:
        raise ValueError(f"alpha must lie between 0 and 1 and a family hold a test, not {alpha} and {family}")
    # As written: 600 / 0.01 is 60,000 to a reader, and 60,000.0000001 to a float.
    wanted = Fraction(2 if tails == "doubled" else 1) * family / Fraction(repr(float(alpha)))
    return math.ceil(wanted) - 1


def smallest_expected_cell(n_positive: int, n_negative: int, shares: Array) -> float:
    """Least expected number of rows of one class with one value; below 5 no `pass`, below 20 flagged."""
    found = np.asarray(shares, dtype=np.float64)
    return float(min(n_positive, n_negative) * found[found > 0.0].min())


def mixing(shares: Array) -> float:
    """h, how much of the square of a swap reaches the importance; pi (1 - pi) for two values.

    `sum_v pi_v [(1 - pi_v)^2 + sum over w != v of pi_w^2] / 2`.
    """
    found = np.asarray(shares, dtype=np.float64)
    squares = np.sum(found**2)
    return float(np.sum(found * ((1.0 - found) ** 2 + squares - found**2)) / 2.0)


def rank_change(placements: Array) -> float:
    """tau: root mean square change of rank between two values of a row, draws averaged within the row.

    Args:
        placements: (n_rows, n_draws, n_values), as `rank_placements` makes them, of stored scores or a pilot (30 rows).
    """
    mean: Floats = np.asarray(placements, dtype=np.float64).mean(axis=1)
    n_values = mean.shape[1]
    squares = [np.mean((mean[:, v] - mean[:, w]) ** 2) for v in range(n_values) for w in range(v + 1, n_values)]
    return float(np.sqrt(np.mean(squares)))


def null_se(n_positive: int, n_negative: int, shares: Array, tau: float = ASSUMED_TAU) -> float:
    """Standard error of an AUROC importance under the null: `tau sqrt(h (1 / n+ + 1 / n-))`.

    Assumes values independent of labels, and changes of rank of size tau that have no direction.
    """
    return tau * math.sqrt(mixing(shares) * (1.0 / n_positive + 1.0 / n_negative))


def pilot_se(influence: Array, n_rows: int) -> float:
    """Standard error forecast for `n_rows` rows from a pilot's influence values: SD(IF) / sqrt(n), for `null_se`."""
    return float(np.std(np.asarray(influence, dtype=np.float64), ddof=1) / math.sqrt(n_rows))


def detectable_importance(
    standard_error: float, alpha: float, family: int = 1, power: float = 0.8, sides: Literal[1, 2] = 2
) -> float:
    """Importance found with the given power by a test at alpha over a family.

    `(z(1 - alpha / (sides family)) + z(power)) SE`.
    Assumes the standard error of the null at the alternative. `sides` 2 is the default test, 1 the upper tail.
    """
    return (normal_quantile(1.0 - alpha / (sides * family)) + normal_quantile(power)) * standard_error


def smallest_passing_margin(standard_error: float, confidence: float, power: float = 0.8) -> float:
    """Smallest margin that an importance of 0 stays below with the given power: `(z(confidence) + z(power)) SE`."""
    return (normal_quantile(confidence) + normal_quantile(power)) * standard_error


def detectable_response(sd_change: float, n_rows: int, alpha: float, family: int = 1, power: float = 0.8) -> float:
    """Mean response found with the given power: `(z(1 - alpha / (2 family)) + z(power)) SD / sqrt(n_rows)`.

    Args:
        sd_change: SD over rows of the mean change over draws, in the response's unit.
        n_rows: rows.
        alpha: of the two-sided test.
        family: tests that are adjusted together.
        power: chance to find it.
    """
    return (normal_quantile(1.0 - alpha / (2 * family)) + normal_quantile(power)) * sd_change / math.sqrt(n_rows)


def smallest_passing_response(
    sd_change: float,
    n_rows: int,
    draws: int,
    confidence: float,
    of: Literal["systematic", "mean"] = "systematic",
    power: float = 0.5,
) -> float:
    """Smallest margin that a model blind to the concept can stay below; it does so with the given power.

    Systematic: `SD sqrt((z(c) + z(power)) sqrt(2 / (D (D - 1) N)))`; one draw cannot remove noise, and its bound is
    `SD sqrt(1 + (z(c) + z(power)) sqrt(2 / N))`. Mean: `(z(c) + z(power)) SD / sqrt(N D)`. Assumes normal noise that is
    independent between draws, and no reaction at all. At power 0.5, z(power) is 0.

    Args:
        sd_change: SD of one draw's change of score, noise alone (of two draws of noise SD s: s sqrt 2).
        n_rows: rows.
        draws: draws of noise.
        confidence: of the one-sided bound.
        of: which response.
        power: chance to pass.
    """
    z = normal_quantile(confidence) + normal_quantile(power)
    if of == "mean":
        return z * sd_change / math.sqrt(n_rows * draws)
    if draws < 2:
        return sd_change * math.sqrt(1.0 + z * math.sqrt(2.0 / n_rows))
    return sd_change * math.sqrt(max(0.0, z) * math.sqrt(2.0 / (draws * (draws - 1) * n_rows)))


def rows_for_decision(estimate: Estimate, margin: float, confidence: float, power: float = 0.8) -> int | None:
    """Rows for the given chance that the bound falls on the estimate's side of the margin, were the estimate true.

    Returns:
        None where the estimate lies on the margin, or has no standard error to scale.
    """
    distance = abs(margin - estimate.value)
    if distance == 0.0 or not 0.0 < estimate.standard_error < math.inf:
        return None
    wanted = (normal_quantile(confidence) + normal_quantile(power)) * estimate.standard_error / distance
    return max(1, math.ceil(estimate.n * wanted**2))
