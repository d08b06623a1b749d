"""What noise of generation does to a finding, as results: shares of the variance, and a concept that does nothing."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from auditor.statistics.arrays import Array, checked_rows, cluster_index
from auditor.statistics.importance import PermutationImportance
from auditor.statistics.importance_tests import importance_swap_test
from auditor.statistics.intervals import Estimate
from auditor.statistics.metrics import Metric
from auditor.statistics.noise import noise_floor, renoised_scores, stability
from auditor.statistics.orders import uniform_orders
from auditor.statistics.swap_statistic import swap_statistic


@dataclass(frozen=True)
class VarianceParts:
    """The squared standard error of an importance, by where it comes from; the parts add up to `total`.

    Attributes:
        rows: other rows would have been drawn; 0 where the noise measured in these rows explains more than there is.
        permutation: other permutations would have been sampled; 0 where the expectation is exact.
        noise: the same rows would have been generated with other noise; None with one draw, and then within `rows`.
        total: the squared standard error.
    """

    rows: float
    permutation: float
    noise: float | None
    total: float


@dataclass(frozen=True)
class NoiseFloor:
    """What another seed of noise would do to an importance, and to a verdict on it.

    Attributes:
        noise_sd: how far the importance moves when the same rows are generated again.
        half_width: 95 of 100 such repeats fall within plus and minus this.
        stability: distance of the deciding bound from the margin in noise SDs; below 2 another seed may change the
            verdict. None without a margin.
    """

    noise_sd: float
    half_width: float
    stability: float | None

    @property
    def may_change(self) -> bool:
        """Whether another seed may change the verdict."""
        return self.stability is not None and self.stability < 2.0


@dataclass(frozen=True)
class RenoisingNull:
    """Importance of a concept that does nothing: other draws of the row's own picture stand in its place.

    Attributes:
        importance: of the re-noised scores.
        p_value: of the importance swap test; at most alpha in alpha of audits, whatever the model.
        quantile: 95 % quantile of |importance| over swaps of the re-noised scores, a yardstick in plots.
        swaps: replicates behind both.
        seed: of the swaps.
    """

    importance: float
    p_value: float
    quantile: float
    swaps: int
    seed: int


def variance_parts(found: PermutationImportance) -> VarianceParts:
    """Split the squared standard error of an importance into rows, permutation and noise."""
    total = found.estimate.standard_error**2
    permutation = found.monte_carlo_se**2
    noise = None if found.noise_sd is None else min(found.noise_sd**2, max(0.0, total - permutation))
    return VarianceParts(max(0.0, total - permutation - (noise or 0.0)), permutation, noise, total)


def noise_floor_of(
    estimate: Estimate, noise_sd: float | None, margin: float | None = None, confidence: float = 0.95
) -> NoiseFloor | None:
    """What another seed of noise would do; None with one draw: not measured.

    Args:
        estimate: of the importance or mean response.
        noise_sd: its noise SD.
        margin: the declared one; the bound on its side decides.
        confidence: of the one-sided bound.
    """
    if noise_sd is None:
        return None
    stable = None if margin is None else stability(estimate.upper(confidence), margin, noise_sd)
    return NoiseFloor(noise_sd, noise_floor(noise_sd), stable)


def renoising_null(
    scores: Array,
    values: Array,
    labels: Array,
    metric: Metric,
    swaps: int,
    seed: int,
    clusters: Array | None = None,
    threshold: float = 0.5,
) -> RenoisingNull | None:
    """The swap test on re-noised scores, and how large an importance noise alone makes.

    Args:
        scores: (n_rows, n_draws, n_values), with classes as one more axis where the metric needs them.
        values: (n_rows,), own values.
        labels: (n_rows,).
        metric: any.
        swaps: replicates, the same for test and quantile.
        seed: of the swaps.
        clusters: (n_rows,) names of independent units, or None.
        threshold: of decisions.

    Returns:
        None where there are fewer draws than values: not measured.

    Raises:
        ValueError: if the rows do not suit the metric.
    """
    found = np.asarray(scores, dtype=np.float64)
    if found.shape[1] < found.shape[2]:
        return None
    null = renoised_scores(found, values)
    test = importance_swap_test(null, values, labels, swaps, seed, clusters, None, metric, threshold=threshold)
    rows = checked_rows(null, values, labels)
    unit_of = cluster_index(clusters, rows.values.shape[0])
    rng = np.random.default_rng([seed, zlib.crc32(b"renoising-null")])
    statistic = swap_statistic(rows, metric, threshold)
    sizes = []
    for done in range(0, swaps, 1024):
        orders = uniform_orders(rng, min(1024, swaps - done), int(unit_of.max()) + 1, null.shape[2])
        sizes.append(np.abs(statistic.of(orders.of_rows(unit_of))))
    quantile = float(np.quantile(np.concatenate(sizes), 0.95))
    return RenoisingNull(test.statistic, test.p_value, quantile, swaps, seed)
