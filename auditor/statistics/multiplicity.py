"""P-values adjusted for the size of their family."""

from __future__ import annotations

import numpy as np

from auditor.statistics.arrays import Array, Floats


def holm(p: Array) -> Floats:
    """Holm's step-down adjustment (Holm 1979): the chance of any false rejection stays below alpha, whatever depends.

    Args:
        p: (n_tests,), the family; (0,) gives (0,).

    Returns:
        (n_tests,), adjusted p-values in the given order, at most 1.

    Raises:
        ValueError: if a p-value is missing or does not lie in 0 .. 1.
    """
    found = checked_p(p)
    order = np.argsort(found, kind="stable")
    stepped = found[order] * np.arange(found.size, 0, -1)
    adjusted = np.empty_like(found)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1.0) if found.size else stepped
    return adjusted


def benjamini_hochberg(p: Array) -> Floats:
    """Benjamini and Hochberg's step-up adjustment (1995): the expected share of false rejections stays below alpha.

    Holds for independent or positively dependent tests.

    Args:
        p: (n_tests,), the family; (0,) gives (0,).

    Returns:
        (n_tests,), adjusted p-values in the given order, at most 1.

    Raises:
        ValueError: if a p-value is missing or does not lie in 0 .. 1.
    """
    found = checked_p(p)
    order = np.argsort(found, kind="stable")[::-1]
    stepped = found[order] * found.size / np.arange(found.size, 0, -1)
    adjusted = np.empty_like(found)
    adjusted[order] = np.minimum(np.minimum.accumulate(stepped), 1.0) if found.size else stepped
    return adjusted


def checked_p(p: Array) -> Floats:
    """P-values as floats.

    Raises:
        ValueError: if they are not a list of numbers in 0 .. 1; a missing one would shrink the family in silence.
    """
    found = np.asarray(p, dtype=np.float64)
    if found.ndim != 1:
        raise ValueError(f"p-values must be one list, not the shape {found.shape}")
    if not ((found >= 0.0) & (found <= 1.0)).all():
        raise ValueError("every p-value of the family must be a number in 0 .. 1; a missing one is not a p-value")
    return found
