"""Deciding tests of gradual interventions without reliance and with a planted one, beside the published test."""

from __future__ import annotations

import math
import time

import numpy as np
from scipy.stats import binom

from auditor.statistics.sweeps import (
    control_ratio,
    log_ratios,
    rank_among_controls,
    shuffle_test,
    sign_flip_test,
    sweep_numbers,
    t_among_controls,
)
from tests.benchmarks.figure import Figure
from tests.statistics.sweeps.conftest import Array, autoregressive, drifting

CONTROLS, ALL_CONTROLS, IMAGES = 3, 19, 20
LEVEL = 0.05
KINDS = ("AR(1) .3", "AR(1) .6", "AR(1) .9", "drift")
RAN = "python -m tests.benchmarks.statistics sweep-nulls"


def trend_free(kind: str, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Curves that follow nothing."""
    if kind == "drift":
        return np.asarray(drifting(rng, shape) + 0.001 * rng.standard_normal(shape))
    return 0.01 * autoregressive(rng, shape, float(kind.split()[-1]))


def roughness(curves: Array) -> Array:
    """E|grad| per step of each curve along the last axis."""
    found = sweep_numbers(curves.reshape(-1, curves.shape[-1]), np.arange(float(curves.shape[-1]))).per_step
    return np.asarray(found.reshape(curves.shape[:-1]))


def sweep_nulls(simulations: int = 2_000, points: tuple[int, ...] = (10, 30, 100)) -> list[Figure]:
    """Share of audits without reliance in which each test rejects; property and controls are alike."""
    figures = []
    upper = float(binom.ppf(0.995, simulations, LEVEL)) / simulations
    for kind in KINDS:
        for count in points:
            rng = np.random.default_rng([20_260_201, KINDS.index(kind), count])
            names = ("sign flip", "rank of 19", "t over 3", "claim of twice")
            rejected = np.zeros(len(names))
            for _ in range(simulations):
                scale = rng.lognormal(0, 0.7, (IMAGES, 1, 1))
                scores = roughness(scale * trend_free(kind, rng, (IMAGES, 1 + ALL_CONTROLS, count)))
                logs = log_ratios(scores[:, 0], scores[:, 1 : 1 + CONTROLS], flat=1e-12)
                means = np.log(scores).mean(axis=0)
                far = logs.mean(axis=1) - math.log(2.0)
                rejected += (
                    sign_flip_test(logs.mean(axis=1), 199, 0).p_value <= LEVEL,
                    rank_among_controls(means[0], means[1:]) <= LEVEL,
                    t_among_controls(means[0], means[1 : 1 + CONTROLS]) <= LEVEL,
                    sign_flip_test(far, 199, 0).p_value <= LEVEL
                    and control_ratio(logs).mean_log.interval(0.95).low > math.log(2.0),
                )
            shares = rejected / simulations
            published = shuffle_test(trend_free(kind, rng, (500, count)), 1_000, 0)
            smooth, rough = (float((p <= 0.01).mean()) for p in (published.p_lower, published.p_upper))
            two = float((published.p_two_sided <= 0.01).mean())
            told = ", ".join(f"{name} {share:.4f}" for name, share in zip(names, shares, strict=True))
            figures.append(
                Figure(
                    what=f"{simulations:,} audits of {IMAGES} images without reliance, {kind}, {count} points, at .05",
                    bar=f"at most {upper:.4f}",
                    measured=f"{told}; published test at .01: {two:.3f} (smoother {smooth:.3f}, rougher {rough:.3f})",
                    reached=bool((shares <= upper).all()),
                    ran=RAN,
                )
            )
    return figures


def sweep_power(simulations: int = 500, points: tuple[int, ...] = (10, 30, 100)) -> list[Figure]:
    """Share of audits with a planted sigmoid of range .2 that are found, at .01 and twice the controls."""
    figures = []
    for count, noise in zip(points, (0.005, 0.002, 0.0005), strict=False):
        rng = np.random.default_rng([20_260_202, count])
        x, found = np.linspace(0, 1, count), 0
        for _ in range(simulations):
            controls = drifting(rng, (IMAGES, CONTROLS, count)) + noise * rng.standard_normal((IMAGES, CONTROLS, count))
            middle = rng.uniform(0.3, 0.7, (IMAGES, 1))
            planted = 0.2 / (1 + np.exp(-12 * (x - middle))) + noise * rng.standard_normal((IMAGES, count))
            logs = log_ratios(roughness(planted), roughness(controls))
            far = logs.mean(axis=1) - math.log(2.0)
            below = control_ratio(logs).mean_log.interval(0.95).low > math.log(2.0)
            found += sign_flip_test(far, 9_999, 0).p_value <= 0.01 and below
        power = found / simulations
        figures.append(
            Figure(
                what=f"sigmoids of range .2 in {IMAGES} images of {count} points, noise {noise:g}, drifting controls",
                bar="power at least 0.9",
                measured=f"{power:.3f} of {simulations} audits found at .01, further than twice the controls",
                reached=power >= 0.9,
                ran="python -m tests.benchmarks.statistics sweep-power",
            )
        )
    return figures


def shuffle_speed(images: int = 300, points: int = 100, permutations: int = 10_000, sliced: int = 300) -> list[Figure]:
    """The published test on many images, and a loop over `numpy.gradient` as the released code has it, on a slice."""
    curves = np.random.default_rng(20_260_203).random((images, points))
    began = time.process_time()
    found = shuffle_test(curves, permutations, 0)
    ours = time.process_time() - began
    orders = np.random.default_rng(1)
    began = time.process_time()
    for _ in range(sliced):
        np.mean(np.abs(np.gradient(curves[0, orders.permutation(points)])))
    loop = (time.process_time() - began) * images * permutations / sliced
    assert found.permutations == permutations
    return [
        Figure(
            what=f"shuffle test, {permutations:,} permutations of {points} points, {images} images",
            bar="under 10 s; 30 times faster than the loop",
            measured=f"{ours:.2f} s of processor time; {loop / ours:.0f} times faster (of {sliced} passes, scaled)",
            reached=ours < 10.0 and loop / ours >= 30.0,
            ran="python -m tests.benchmarks.statistics shuffle-speed",
        )
    ]
