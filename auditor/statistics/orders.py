"""Random reorderings that models share: orders of a row's values (swaps), permutations of values between rows."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from auditor.statistics.arrays import Array, Floats, Ints

AT_ONCE: Final = 512
"""How many permutations of values between rows are drawn at once."""


@dataclass(frozen=True)
class Orders:
    """Replicates of a swap test.

    Attributes:
        places: (n_values, n_rows, n_replicates); entry v names the value whose scores stand at v.
    """

    places: Array

    @cached_property
    def single(self) -> Array:
        """Of two values: 1 where a row is as it was, -1 where it is swapped, single precision."""
        signs: Array = (1 - 2 * self.places[0].astype(np.int8)).astype(np.float32)
        return signs

    @cached_property
    def signs(self) -> Floats:
        """`single` in double precision."""
        return self.single.astype(np.float64)

    def of_rows(self, unit_of: Ints) -> Orders:
        """From orders of units those of rows, (n_rows,) being the unit of each."""
        return Orders(self.places[:, unit_of])


def uniform_orders(rng: np.random.Generator, size: int, n_units: int, n_values: int) -> Orders:
    """Uniform orders of the values of each unit; the stream is the same however it is cut."""
    if n_values == 2:
        swapped = np.ascontiguousarray((rng.random((size, n_units)) < 0.5).T).view(np.int8)
        return Orders(np.stack([swapped, 1 - swapped]))
    places = np.argsort(rng.random((size, n_units, n_values)), axis=2)
    return Orders(np.ascontiguousarray(places.astype(np.int8).T))


class Deals:
    """Uniform permutations of the values between all rows, drawn when they are asked for and then kept.

    The first k stay the same for any larger number.
    """

    def __init__(self, values: Ints, seed: int) -> None:
        self._values = values.astype(np.min_scalar_type(int(values.max(initial=0))))
        self._rng = np.random.default_rng([seed, zlib.crc32(b"sampled-permutation")])
        self._blocks: list[Array] = []

    def block(self, number: int) -> Array:
        """Values as dealt in permutations 512 number .. 512 number + 511, (n_rows, 512)."""
        while len(self._blocks) <= number:
            self._blocks.append(np.stack([self._rng.permutation(self._values) for _ in range(AT_ONCE)], axis=1))
        return self._blocks[number]


class GivenDeals(Deals):
    """Permutations that are given: the first and only ones.

    Args:
        dealt: (n_rows, n_permutations), the value index that each row is dealt.
    """

    def __init__(self, dealt: Array) -> None:
        self.count = dealt.shape[1]
        self._blocks = [dealt[:, start : start + AT_ONCE] for start in range(0, self.count, AT_ONCE)]

    def block(self, number: int) -> Array:
        """Permutations 512 number .. 512 number + 511, or as many as are given, (n_rows, at most 512)."""
        return self._blocks[number]
