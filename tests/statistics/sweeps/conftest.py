"""Curves whose truth is known: trend-free ones, smooth drifts, and planted sigmoids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Array = np.ndarray[Any, Any]


def autoregressive(rng: np.random.Generator, shape: tuple[int, ...], phi: float) -> Array:
    """Stationary AR(1) curves of variance 1 along the last axis."""
    from scipy.signal import lfilter

    noise = rng.standard_normal(shape)
    noise[..., 1:] *= np.sqrt(1 - phi**2)
    return np.asarray(lfilter([1.0], [1.0, -phi], noise, axis=-1))


def drifting(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Smooth curves of a random direction, steepness and place: what any sweep of an editor gives."""
    x = np.linspace(0, 1, shape[-1])
    steep = rng.uniform(2, 8, shape[:-1])[..., None]
    middle = rng.uniform(0.2, 0.8, shape[:-1])[..., None]
    height = rng.normal(0, 0.03, shape[:-1])[..., None]
    return height / (1 + np.exp(-steep * (x - middle)))


@pytest.fixture
def curves() -> dict[str, Callable[[np.random.Generator, tuple[int, ...]], Array]]:
    """Kinds of curves that follow nothing."""
    return {
        "AR(1) .3": lambda rng, shape: 0.01 * autoregressive(rng, shape, 0.3),
        "AR(1) .9": lambda rng, shape: 0.01 * autoregressive(rng, shape, 0.9),
        "drift": lambda rng, shape: drifting(rng, shape) + 0.001 * rng.standard_normal(shape),
    }
