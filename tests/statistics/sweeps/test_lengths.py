"""Sweeps of unequal length in one table are, sweep by sweep, what each is alone."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.statistics.sweeps import by_length, decision_path, points_of, shuffle_test, sweep_numbers

POINTS = np.array([7, 4, 7, 3, 5])


def padded() -> tuple[np.ndarray, np.ndarray]:
    """Curves whose padding would change every number, and positions that say where it begins."""
    rng = np.random.default_rng(0)
    curves = rng.random((len(POINTS), 7))
    positions = np.cumsum(rng.uniform(0.5, 3, curves.shape), axis=1)
    positions[np.arange(7) >= POINTS[:, None]] = np.nan
    return curves, positions


def test_numbers_are_those_of_each_sweep_alone() -> None:
    curves, positions = padded()
    found = sweep_numbers(curves, positions)
    for i, points in enumerate(POINTS):
        alone = sweep_numbers(curves[i : i + 1, :points], positions[i : i + 1, :points])
        for name in ("per_step", "per_unit", "net_change", "span", "total_variation"):
            assert getattr(found, name)[i] == getattr(alone, name)[0], name
        assert found.per_unit[i] == pytest.approx(
            np.mean(np.abs(np.gradient(curves[i, :points], positions[i, :points])))
        )


def test_decisions_and_shuffles_end_where_the_sweep_does() -> None:
    curves, positions = padded()
    decisions = (curves > 0.5).astype(int)
    path, shuffled = decision_path(decisions, positions), shuffle_test(curves, 200, 3, POINTS)
    for i, points in enumerate(POINTS):
        own = decision_path(decisions[i : i + 1, :points], positions[i : i + 1, :points])
        assert path.changes[i] == own.changes[0] and path.ends_otherwise[i] == own.ends_otherwise[0]
        assert path.first[i] == own.first[0] or np.isnan([path.first[i], own.first[0]]).all()
        test = shuffle_test(curves[i : i + 1, :points], 200, 3)
        assert shuffled.p_two_sided[i] == test.p_two_sided[0] and shuffled.observed[i] == test.observed[0]


def test_a_table_whose_last_column_is_empty_is_that_without_it() -> None:
    curves, positions = padded()
    positions[:, -1] = np.nan
    assert sweep_numbers(curves, positions).span[0] == pytest.approx(np.ptp(curves[0, :6]))


def test_lengths() -> None:
    _, positions = padded()
    assert points_of(positions).tolist() == POINTS.tolist()
    assert [(places.tolist(), length) for places, length in by_length(POINTS)] == [
        ([3], 3),
        ([1], 4),
        ([4], 5),
        ([0, 2], 7),
    ]
    positions[0, 2] = np.nan
    with pytest.raises(ValueError, match="in the middle of a sweep"):
        points_of(positions)
    with pytest.raises(ValueError, match="at least 3 points"):
        sweep_numbers(np.zeros((2, 4)), np.array([[0, 1, 2, 3], [0, 1, np.nan, np.nan]]))
