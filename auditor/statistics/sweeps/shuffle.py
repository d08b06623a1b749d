"""The shuffle test of property gradients: reported as published, and never a verdict.

It tests whether the points of a sweep are exchangeable. No smooth curve has exchangeable points, so that it finds
*smoothness*: of trend-free AR(1) curves (phi .7) its lower tail rejects nearly all, and its upper tail rejects no
smooth trend. Departures from the released code: +1 in count and number, so that no p is 0; seeded; the side of
the null on which the score lies is named; permutations are shared by all images.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from auditor.statistics.arrays import Array, Floats
from auditor.statistics.sweeps.curves import checked_curves, gradients
from auditor.statistics.sweeps.lengths import by_length

_AT_ONCE = 1 << 22
"""Differences between two points that are held at a time."""

_TIE = 1e-9


@dataclass(frozen=True)
class ShuffleTest:
    """Each image's E|grad| per step among those of its shuffled points; every array is (n_images,).

    Attributes:
        observed: E|grad| per step.
        null_mean: its mean over the permutations.
        p_two_sided: permutations at least as far from their mean as the curve is, the published rule.
        p_lower: permutations that are no rougher: small for a smooth curve.
        p_upper: permutations that are no smoother: small for a curve that jumps from point to point.
        permutations: how many.
        seed: of the permutations.
    """

    observed: Floats
    null_mean: Floats
    p_two_sided: Floats
    p_lower: Floats
    p_upper: Floats
    permutations: int
    seed: int

    @property
    def sides(self) -> tuple[str, ...]:
        """On which side of its null each curve lies, in words."""
        return tuple(
            "smoother than its shuffled points" if low <= high else "rougher than its shuffled points"
            for low, high in zip(self.observed, self.null_mean, strict=True)
        )


def shuffle_test(scores: Array, permutations: int = 10_000, seed: int = 0, points: Array | None = None) -> ShuffleTest:
    """The published test on each curve.

    Args:
        scores: (n_images, n_points).
        permutations: K; the released code's default is 1,000, the paper says 10,000.
        seed: of the permutations, which all images of one length share.
        points: (n_images,) how many of the points are those of each sweep, the first ones; None where all are.

    Raises:
        ValueError: no permutation, fewer than three points, or a score that is not finite.
    """
    if permutations < 1:
        raise ValueError("a shuffle test needs at least one permutation")
    if points is not None and (np.asarray(points) < np.asarray(scores).shape[-1]).any():
        return _of_each_length(np.asarray(scores), permutations, seed, np.asarray(points))
    curves, _ = checked_curves(scores, np.arange(np.asarray(scores).shape[-1]))
    n_images, n_points = curves.shape
    observed = np.abs(gradients(curves, None)).mean(axis=1)
    rng = np.random.default_rng([seed, zlib.crc32(b"shuffle-test")])
    orders = rng.permuted(np.broadcast_to(np.arange(n_points), (permutations, n_points)), axis=1)
    weights = _pair_weights(orders)
    together = max(1, _AT_ONCE // weights.shape[1])
    found = np.concatenate(
        [weights @ _pair_differences(curves[start : start + together]) for start in range(0, n_images, together)],
        axis=1,
    )
    null_mean = found.mean(axis=0)
    # A shuffle that leaves the order as it is gives the same sum in another order.
    tie = _TIE * np.maximum(observed, null_mean)
    distance = np.abs(observed - null_mean) - tie

    def share(exceed: Array) -> Floats:
        counts: Floats = (exceed.sum(axis=0) + 1.0) / (permutations + 1.0)
        return counts

    return ShuffleTest(
        observed=observed,
        null_mean=null_mean,
        p_two_sided=share(np.abs(found - null_mean) >= distance),
        p_lower=share(found <= observed + tie),
        p_upper=share(found >= observed - tie),
        permutations=permutations,
        seed=seed,
    )


def _of_each_length(scores: Array, permutations: int, seed: int, points: Array) -> ShuffleTest:
    names = ("observed", "null_mean", "p_two_sided", "p_lower", "p_upper")
    found = {name: np.zeros(len(scores)) for name in names}
    for places, length in by_length(points):
        part = shuffle_test(scores[places, :length], permutations, seed)
        for name in names:
            found[name][places] = getattr(part, name)
    return ShuffleTest(**found, permutations=permutations, seed=seed)


def _pair_weights(orders: Array) -> Any:
    """How much each pair of points counts in E|grad| of each shuffled curve: sparse, (n_permutations, n_pairs).

    Of a permutation only the pairs matter that come to stand two apart (half each), and at both ends one apart. So
    the score of every image under every permutation is one product with the differences of its pairs of points.
    """
    from scipy.sparse import csr_array

    permutations, n_points = orders.shape
    first = np.concatenate([orders[:, :1], orders[:, :-2], orders[:, -2:-1]], axis=1)
    second = np.concatenate([orders[:, 1:2], orders[:, 2:], orders[:, -1:]], axis=1)
    low, high = np.minimum(first, second), np.maximum(first, second)
    pairs = low * n_points - low * (low + 1) // 2 + high - low - 1
    weight = np.full(n_points, 0.5 / n_points)
    weight[[0, -1]] = 1.0 / n_points
    starts = np.arange(permutations + 1) * n_points
    shape = (permutations, n_points * (n_points - 1) // 2)
    return csr_array((np.tile(weight, permutations), pairs.reshape(-1), starts), shape=shape)


def _pair_differences(curves: Floats) -> Floats:
    """Absolute difference of every two points of each curve, (n_pairs, n_images)."""
    first, second = np.triu_indices(curves.shape[1], 1)
    by_point = np.ascontiguousarray(curves.T)
    found: Floats = np.abs(by_point[first] - by_point[second])
    return found
