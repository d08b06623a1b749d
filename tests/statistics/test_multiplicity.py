"""Adjusted p-values against loops, and against what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.statistics import benjamini_hochberg, holm


def slow_holm(p):
    order = sorted(range(len(p)), key=p.__getitem__)
    adjusted, worst = [0.0] * len(p), 0.0
    for rank, i in enumerate(order):
        worst = max(worst, min(1.0, (len(p) - rank) * p[i]))
        adjusted[i] = worst
    return adjusted


def slow_benjamini_hochberg(p):
    adjusted = []
    for x in p:
        larger = [y for y in p if y >= x]
        adjusted.append(min(1.0, min(len(p) * y / sum(z <= y for z in p) for y in larger)))
    return adjusted


@pytest.mark.parametrize("seed", range(5))
def test_adjusted_values_equal_their_loops(seed):
    p = np.round(np.random.default_rng(seed).random(7) ** 2, 2)
    assert holm(p) == pytest.approx(slow_holm(p.tolist()))
    assert benjamini_hochberg(p) == pytest.approx(slow_benjamini_hochberg(p.tolist()))


def test_an_example_by_hand():
    p = np.array([0.04, 0.01, 0.03])
    assert holm(p) == pytest.approx([0.06, 0.03, 0.06])
    assert benjamini_hochberg(p) == pytest.approx([0.04, 0.03, 0.04])


def test_no_tests_give_no_p_values():
    assert holm(np.empty(0)).shape == benjamini_hochberg(np.empty(0)).shape == (0,)


def test_holm_keeps_the_family_error(upper_band):
    rng = np.random.default_rng(1)
    wrong = sum(bool((holm(rng.random(6)) <= 0.05).any()) for _ in range(2000))
    assert wrong / 2000 <= upper_band(2000, 0.05)


@pytest.mark.parametrize("bad", [np.array([0.1, np.nan]), np.array([1.2]), np.array([-0.1])])
def test_a_missing_p_value_is_refused(bad):
    with pytest.raises(ValueError, match="number in 0"):
        holm(bad)
    with pytest.raises(ValueError, match="number in 0"):
        benjamini_hochberg(bad)


def test_a_table_of_p_values_is_refused():
    with pytest.raises(ValueError, match="one list"):
        holm(np.zeros((2, 2)))
