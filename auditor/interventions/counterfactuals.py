"""Counterfactual sets: the pictures of each row, as it is and with one concept changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from auditor.concepts import PRESENCE, Level
from auditor.plan import Units


@dataclass(frozen=True)
class CounterfactualSet:
    """Pictures of rows under interventions on concepts, with the noise of each row kept.

    Concepts may have different numbers of values; `n_values` below is the largest. Beyond a concept's own values
    its pictures and captions are the factual ones, so that they cost nothing and no number is missing; what is
    estimated of one concept uses its own values alone (`values_of`).

    Attributes:
        concepts: names of the concepts that were changed, in the order of the second axis.
        values: own value index of each concept in each row, (n_rows, n_concepts).
        factual: pictures as the row is, handles of shape (n_rows, n_draws).
        by_value: pictures with a concept set to a value, handles of shape
            (n_rows, n_concepts, n_draws, n_values); at a row's own value this is the factual picture.
        captions: what each picture was made from, (n_rows, n_concepts, n_values) of str.
        factual_captions: the rows' own captions, (n_rows,) of str.
        seeds: noise seeds, (n_rows, n_draws).
        levels: of each concept that was changed, what its value indices stand for; empty where all are presences.
        deals: of each concept that was changed, the value indices that rows are dealt in the permutations that were
            given from outside, (n_rows, n_permutations), or None; empty where no table is given.
    """

    concepts: tuple[str, ...]
    values: np.ndarray
    factual: Units
    by_value: Units
    captions: np.ndarray
    factual_captions: np.ndarray
    seeds: np.ndarray
    levels: tuple[tuple[Level, ...], ...] = ()
    deals: tuple[np.ndarray | None, ...] = ()

    @property
    def draws(self) -> int:
        return self.factual.shape[1]

    def levels_of(self, concept: int) -> tuple[Level, ...]:
        """What the value indices of a concept stand for, by its place on the second axis."""
        return self.levels[concept] if self.levels else PRESENCE

    def values_of(self, concept: int) -> slice:
        """The concept's own values on the last axis of `by_value`."""
        return slice(0, len(self.levels_of(concept)))

    def given_deals(self, concept: int) -> np.ndarray:
        """The permutations of a concept that were given from outside, (n_rows, n_permutations).

        Raises:
            KeyError: none were given.
        """
        found = self.deals[concept] if self.deals else None
        if found is None:
            raise KeyError(self.concepts[concept])
        return found

    def concept_index(self, concepts: Sequence[str]) -> list[int]:
        """Where these concepts stand on the second axis of `by_value`."""
        return [self.concepts.index(name) for name in concepts]
