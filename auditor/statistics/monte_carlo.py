"""P-values from drawn replicates of a statistic: (b + 1) / (m + 1), one tail or both, with an early stop.

The observed statistic is one of the m + 1 equally likely ones, hence the 1 in numerator and denominator (Phipson and
Smyth 2010). Ties count as exceedances. With an early stop at h exceedances after l replicates, p = h / l, which is
valid too (Besag and Clifford 1991).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from auditor.statistics.arrays import Flags, Floats

Alternative = Literal["two-sided", "greater", "less"]

FIRST_CHUNK: Final = 128
LARGEST_CHUNK: Final = 1024


@dataclass(frozen=True)
class TestResult:
    """A Monte-Carlo test.

    Attributes:
        p_value: never 0.
        statistic: as observed.
        alternative: the side.
        null: the hypothesis that is tested, in words.
        replicates: drawn before the deciding tail was known.
        exceedances: replicates at least as extreme as the observed statistic, on the deciding side.
        seed: of the replicates.
    """

    __test__ = False  # pytest would collect a class of this name

    p_value: float
    statistic: float
    alternative: str
    null: str
    replicates: int
    exceedances: int
    seed: int


@dataclass(frozen=True)
class Tail:
    """Exceedances of one tail, up to its early stop or to the last replicate."""

    exceedances: int
    replicates: int
    stopped: bool

    @property
    def p_value(self) -> float:
        """h / l if stopped at the h-th exceedance, else (b + 1) / (m + 1)."""
        if self.stopped:
            return self.exceedances / self.replicates
        return (self.exceedances + 1) / (self.replicates + 1)


def check_replicates(replicates: int, early_stop: int | None) -> None:
    """Refuse counts that give no test.

    Raises:
        ValueError: if there is no replicate, or the early stop is below 1.
    """
    if replicates < 1:
        raise ValueError(f"at least one replicate is needed, not {replicates}")
    if early_stop is not None and early_stop < 1:
        raise ValueError(f"early_stop is a number of exceedances, at least 1, not {early_stop}")


def continued(tail: Tail, exceeds: Flags, early_stop: int | None) -> Tail:
    """The tail after more replicates; a tail that has stopped stays as it is."""
    if tail.stopped:
        return tail
    total = tail.exceedances + int(exceeds.sum())
    if early_stop is None or total < early_stop:
        return Tail(total, tail.replicates + exceeds.shape[0], False)
    last = int(np.flatnonzero(exceeds)[early_stop - tail.exceedances - 1])
    return Tail(early_stop, tail.replicates + last + 1, True)


def count_tails(
    observed: float,
    draw: Callable[[int], Floats],
    replicates: int,
    tolerance: float,
    sides: tuple[int, ...],
    early_stop: int | None,
) -> tuple[Tail, ...]:
    """Draw replicates in growing chunks until every tail has stopped or all are drawn.

    Args:
        observed: the statistic.
        draw: gives the next k replicates of it, (k,).
        replicates: m.
        tolerance: differences up to this are ties.
        sides: 1 for an upper tail, -1 for a lower one.
        early_stop: exceedances at which a tail stops, or None.

    Returns:
        One tail a side.
    """

    def draw_one(size: int, going: Sequence[int]) -> Sequence[Floats]:
        return [draw(size)] if going else []

    return count_many_tails([observed], draw_one, replicates, [tolerance], sides, early_stop)[0]


def count_many_tails(
    observed: Sequence[float],
    draw: Callable[[int, Sequence[int]], Sequence[Floats]],
    replicates: int,
    tolerances: Sequence[float],
    sides: tuple[int, ...],
    early_stop: int | None,
) -> list[tuple[Tail, ...]]:
    """`count_tails` of several statistics whose replicates are drawn together, such as those of several models.

    Each gets the replicates, and so the tails, that it would get alone.

    Args:
        observed: the statistics.
        draw: gives, for the statistics whose numbers it is told, the next k replicates of each, (k,).
        replicates: m.
        tolerances: of each statistic, differences up to which are ties.
        sides: 1 for an upper tail, -1 for a lower one.
        early_stop: exceedances at which a tail stops, or None.

    Returns:
        Of each statistic, one tail a side.
    """
    tails = [tuple(Tail(0, 0, False) for _ in sides) for _ in observed]
    done, chunk = 0, FIRST_CHUNK if early_stop is not None else LARGEST_CHUNK
    while done < replicates:
        going = [i for i, found in enumerate(tails) if not all(tail.stopped for tail in found)]
        if not going:
            break
        size = min(chunk, replicates - done)
        for i, found in zip(going, draw(size, going), strict=True):
            tails[i] = tuple(
                continued(tail, side * (found - observed[i]) >= -tolerances[i], early_stop)
                for tail, side in zip(tails[i], sides, strict=True)
            )
        done += size
        chunk = min(2 * chunk, LARGEST_CHUNK)
    return tails
