"""Curves of gradual interventions: how far a score moves along a sweep of one property.

E|grad| is the expected property gradient magnitude (property gradients, equation 2; released code:
`np.mean(np.abs(np.gradient(p)))`). Departures: the score is given per step, as published, and per unit of the
property on the real spacing; and since it falls with the number of points for a trend and does not fall for
noise, span and net change stand beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auditor.statistics.arrays import Array, Floats, Ints
from auditor.statistics.sweeps.lengths import by_length, points_of
from auditor.sweep_length import MIN_POINTS


@dataclass(frozen=True)
class SweepNumbers:
    """What each image's curve comes to; every array is (n_images,).

    Attributes:
        per_step: E|grad|, points taken as one step apart (as published); in the score's unit.
        per_unit: E|grad| on the real spacing, in the score's unit per unit of the property.
        net_change: last score minus first, signed.
        span: largest score minus smallest.
        total_variation: sum of the absolute changes from point to point.
    """

    per_step: Floats
    per_unit: Floats
    net_change: Floats
    span: Floats
    total_variation: Floats


def sweep_numbers(scores: Array, positions: Array) -> SweepNumbers:
    """The numbers of each curve.

    Args:
        scores: (n_images, n_points), one score at each point of each image's sweep.
        positions: where the points lie, in the unit of the property, strictly rising along a sweep;
            (n_points,) for all images alike, or (n_images, n_points), NaN behind the last point of a shorter sweep,
            whose numbers are those of its own points: `per_step` of sweeps of unequal length is not comparable.

    Raises:
        ValueError: fewer than three points, a score or position that is not finite, or positions that do not rise.
    """
    groups = _unequal(positions)
    if groups:
        found = {name: np.zeros(len(positions)) for name in SweepNumbers.__dataclass_fields__}
        for places, length in groups:
            part = sweep_numbers(np.asarray(scores)[places, :length], np.asarray(positions)[places, :length])
            for name, values in found.items():
                values[places] = getattr(part, name)
        return SweepNumbers(**found)
    curves, where = checked_curves(scores, positions)
    steps = np.diff(curves, axis=1)
    return SweepNumbers(
        per_step=np.abs(gradients(curves, None)).mean(axis=1),
        per_unit=np.abs(gradients(curves, where)).mean(axis=1),
        net_change=curves[:, -1] - curves[:, 0],
        span=np.ptp(curves, axis=1),
        total_variation=np.abs(steps).sum(axis=1),
    )


def gradients(curves: Floats, positions: Floats | None) -> Floats:
    """The slope of each curve at each of its points, as `numpy.gradient` has it, (n_images, n_points).

    Second order inside, where neighbours may lie at unequal distances, and one-sided at both ends.

    Args:
        curves: (n_images, n_points).
        positions: (n_images, n_points), rising; None for points one step apart.
    """
    rises = np.diff(curves, axis=1)
    gaps = np.ones_like(rises) if positions is None else np.diff(positions, axis=1)
    slopes = rises / gaps
    before, after = gaps[:, :-1], gaps[:, 1:]
    inside = (slopes[:, :-1] * after + slopes[:, 1:] * before) / (before + after)
    found: Floats = np.concatenate([slopes[:, :1], inside, slopes[:, -1:]], axis=1)
    return found


@dataclass(frozen=True)
class DecisionPath:
    """Where the decision changes along each sweep.

    Attributes:
        changes: how often it changes from one point to the next, (n_images,).
        first: position of the first point that is decided otherwise than the point before it, (n_images,); NaN where
            there is none.
        ends_otherwise: whether the last point is decided otherwise than the first, (n_images,) bool.
    """

    changes: Ints
    first: Floats
    ends_otherwise: Array


def decision_path(decisions: Array, positions: Array) -> DecisionPath:
    """Changes of the arg max along each sweep.

    Args:
        decisions: (n_images, n_points), the decided output at each point, any whole number.
        positions: as for `sweep_numbers`.

    Raises:
        ValueError: as `sweep_numbers`.
    """
    groups = _unequal(positions)
    if groups:
        changes, ends = np.zeros(len(positions), np.int64), np.zeros(len(positions), bool)
        places_of_first = np.full(len(positions), np.nan)
        for places, length in groups:
            path = decision_path(np.asarray(decisions)[places, :length], np.asarray(positions)[places, :length])
            changes[places], places_of_first[places], ends[places] = path.changes, path.first, path.ends_otherwise
        return DecisionPath(changes, places_of_first, ends)
    decided, where = checked_curves(decisions, positions)
    turns = decided[:, 1:] != decided[:, :-1]
    first = np.argmax(turns, axis=1)
    at = where[np.arange(len(where)), first + 1]
    return DecisionPath(
        changes=turns.sum(axis=1).astype(np.int64),
        first=np.where(turns.any(axis=1), at, np.nan),
        ends_otherwise=decided[:, -1] != decided[:, 0],
    )


def checked_curves(scores: Array, positions: Array) -> tuple[Floats, Floats]:
    """Curves and positions of one shape, (n_images, n_points) float64.

    Raises:
        ValueError: as `sweep_numbers`.
    """
    curves = np.asarray(scores, dtype=np.float64)
    if curves.ndim != 2 or curves.shape[0] == 0:
        raise ValueError(f"curves must have the shape (n_images, n_points) with at least one image, not {curves.shape}")
    if curves.shape[1] < MIN_POINTS:
        raise ValueError(f"a sweep needs at least {MIN_POINTS} points, and these have {curves.shape[1]}")
    where = np.asarray(positions, dtype=np.float64)
    if where.shape not in (curves.shape, curves.shape[1:]):
        raise ValueError(
            f"positions have the shape {where.shape}, which does not fit curves of the shape {curves.shape}"
        )
    where = np.broadcast_to(where, curves.shape)
    if not np.isfinite(curves).all() or not np.isfinite(where).all():
        raise ValueError("scores and positions must be finite: leave out images with a frame that failed")
    if not (np.diff(where, axis=1) > 0).all():
        raise ValueError("positions must rise from point to point: sort the sweep, and leave out what is repeated")
    return curves, where


def _unequal(positions: Array) -> list[tuple[Ints, int]]:
    """Places of the sweeps of each length; empty where all have the same."""
    where = np.asarray(positions, dtype=np.float64)
    if where.ndim != 2 or not np.isnan(where).any():
        return []
    groups = by_length(points_of(where))
    return groups if groups[0][1] < where.shape[1] else []
