"""Doses of a property and its controls in many pictures, and models without any preference, whose truth is known."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from auditor.statistics.sweeps import apparent_ratio, control_ratio, dose_ratios, log_ratios
from tests.statistics.sweeps.conftest import Array

LEAST: Final = 0.8
TIMES: Final = 2.0
"""What the gate asks for, and what the claim does."""

World = Callable[[np.random.Generator, tuple[int, ...]], tuple[Array, Array]]


def lognormal(spread: float, differ: float, hardly: float = 0.0, left: float = 0.01, together: bool = True) -> World:
    """Doses of property and control.

    Args:
        spread: SD of the log dose of the property over pictures.
        differ: SD of the log dose of the control, given that of the property where they go together.
        hardly: share of pictures that the property hardly changes.
        left: what is left of its dose there.
        together: whether the control changes those pictures much that the property does.
    """

    def draw(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[Array, Array]:
        ours, theirs = rng.lognormal(0, spread, shape), rng.lognormal(0, differ, shape)
        return np.where(rng.random(shape) < hardly, left * ours, ours), theirs * ours if together else theirs

    return draw


WORLDS: Final[dict[str, World]] = {
    "alike": lognormal(0.5, 0.2),
    "differing": lognormal(0.5, 0.7),
    "hardly in 30 %": lognormal(0.5, 0.5, 0.3),
    "unrelated": lognormal(0.7, 0.7, together=False),
    "unrelated, hardly in 30 %": lognormal(0.7, 0.7, 0.3, together=False),
}
"""Pictures in which the gate must be as rarely wrong as it says."""

EXTREMES: Final[dict[str, World]] = {
    "hardly in 40 %": lognormal(0.3, 0.3, 0.4, 0.002),
    "far apart": lognormal(0.5, 1.5),
}
"""Pictures in which other means of dose ratios let models be accused."""

RESPONSES: Final[dict[str, Callable[[Array], Array]]] = {
    "in proportion": lambda dose: dose,
    "its root": np.sqrt,
    "with a floor": lambda dose: dose + 0.05,
    "saturating": lambda dose: dose / (1.0 + dose),
}
"""E|grad| of models without any preference, as a function of the dose."""


def at_dose(world: World) -> float:
    """What a control's doses must be multiplied with so that the true ratio of the mean doses is the threshold."""
    ours, theirs = world(np.random.default_rng(99), (400_000,))
    return LEAST * float(ours.mean() / theirs.mean())


def at_apparent(world: World) -> float:
    """The same where what a model without preference seems to follow is what is claimed."""
    ours, theirs = world(np.random.default_rng(99), (400_000,))
    low, high = 1e-6, 1e6
    for _ in range(50):
        middle = math.sqrt(low * high)
        apparent = -np.log(np.minimum(middle * theirs / ours, 1.0)).mean()
        low, high = (middle, high) if apparent > math.log(TIMES) else (low, middle)
    return middle


def at_threshold(world: World) -> float:
    """The weakest controls that are truly fair."""
    return max(at_dose(world), at_apparent(world))


def passed_at_threshold(world: World, images: int, audits: int, per_cluster: int = 1) -> tuple[float, float]:
    """Share of audits that pass each part of the gate where its true value is the threshold; .05 is stated."""
    dose, apparent = at_dose(world), at_apparent(world)
    ours, theirs = world(np.random.default_rng([7, images]), (audits, images))
    names = np.repeat(np.arange(images), per_cluster) if per_cluster > 1 else None
    passed = np.zeros(2)
    for a, b in zip(np.repeat(ours, per_cluster, axis=1), np.repeat(theirs, per_cluster, axis=1), strict=True):
        (found,) = dose_ratios(a, dose * b[:, None], names)
        passed += found.lower(0.95) >= LEAST, apparent_ratio(a, apparent * b[:, None], names).upper(0.95) <= TIMES
    return float(passed[0]) / audits, float(passed[1]) / audits


def accused(world: World, factor: float, audits: int, images: int = 30) -> dict[str, float]:
    """Share of audits of unbiased models whose lower limit lies above twice three controls, were there no gate.

    Args:
        world: doses of property and controls; the three controls are nearly alike.
        factor: what the controls' doses are multiplied with.
        audits: how many, of each response.
        images: of each audit.
    """
    rng = np.random.default_rng(11)
    shares = dict.fromkeys(RESPONSES, 0.0)
    for _ in range(audits):
        ours, theirs = world(rng, (images,))
        three = factor * theirs[:, None] * rng.lognormal(0, 0.1, (images, 3))
        sensitivity = rng.lognormal(0, 0.5, images)
        for name, of_dose in RESPONSES.items():
            mine = sensitivity * of_dose(ours) * rng.lognormal(0, 0.3, images)
            others = sensitivity[:, None] * of_dose(three) * rng.lognormal(0, 0.3, (images, 3))
            claim = control_ratio(log_ratios(mine, others, flat=1e-12))
            shares[name] += claim.mean_log.interval(0.95).low > math.log(TIMES)
    return {name: share / audits for name, share in shares.items()}
