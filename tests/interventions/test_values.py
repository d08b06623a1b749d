"""Concepts of several values in captions and pictures: counts, categories, texts."""

from __future__ import annotations

import itertools

import numpy as np

from auditor.interventions import Caption
from tests.valued import CONCEPTS, LEVELS, Valued

PERMUTABLE = ("person", "colour", "lamp")


def test_captions_say_counts_categories_and_texts_in_declared_order():
    said = Caption().of((2, "green", "seen at night", 1), CONCEPTS)
    assert said == "2 person, green wall, seen at night, lamp"
    assert Caption().of((0, "red", "", 0), CONCEPTS) == "red wall"
    without = (CONCEPTS[0].model_copy(update={"absent": "no person"}), *CONCEPTS[1:])
    assert Caption().of((0, "red", "", 0), without) == "no person, red wall"


def test_each_picture_has_its_concept_at_its_value_and_all_else_as_it_is():
    world = Valued(rows=15, draws=2)
    view = world.view()
    pictures = view.counterfactuals("captions", PERMUTABLE)
    assert pictures.by_value.shape == (15, 3, 2, 4)
    assert [pictures.levels_of(j) for j in range(3)] == [LEVELS[0], LEVELS[1], LEVELS[3]]
    assert np.array_equal(pictures.values, world.values[:, [0, 1, 3]])
    for i, (j, column) in itertools.product(range(15), enumerate((0, 1, 3))):
        for v in range(4):
            values = world.values[i].copy()
            if v < len(LEVELS[column]):
                values[column] = v
            caption = Caption().of([LEVELS[c][values[c]] for c in range(4)], CONCEPTS)
            assert pictures.captions[i, j, v] == caption
            factual = np.array_equal(pictures.by_value.index[i, j, :, v], pictures.factual.index[i])
            assert factual == (values[column] == world.values[i, column]), "own and padded values cost nothing"


def test_every_value_is_made_once_and_padding_makes_nothing():
    world = Valued(rows=20, draws=2)
    view = world.view()
    view.counterfactuals("captions", PERMUTABLE)
    (table,) = view.ask.builder.plan().tables
    assert len(table) == 20 * 2 * (1 + 3 + 2 + 1)
