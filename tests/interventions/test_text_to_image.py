"""Interventions by caption: what is asked for, and what would only show while generating."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor import codes
from auditor.concepts import Concept
from auditor.interventions import Caption, Noise, TextToImage
from auditor.interventions.caption import captions_of
from auditor.plan import Ask, PlanBuilder, noise_seeds
from tests.models.conftest import Fault
from tests.tiny import CONCEPTS
from tests.world import NAMES, World

NODES = tuple(Concept(name=name, column=name, phrase=name) for name in CONCEPTS)
LOC = ("interventions", 0)


def captions(**fields) -> TextToImage:
    return TextToImage(**{"name": "captions", "kind": "text_to_image", "source": "pipeline", **fields})


def test_captions_join_the_phrases_of_the_concepts_present():
    caption = Caption()
    assert caption.of([True, False, True], NODES) == "red circle, blue square"
    assert caption.of([False, False, False], NODES) == "nothing"
    assert Caption(join=" and ", empty="").of([True, True, False], NODES) == "red circle and green circle"


@given(st.lists(st.lists(st.integers(0, 1), min_size=3, max_size=3), min_size=1, max_size=20))
def test_captions_of_many_rows_equal_those_of_each(values):
    write = Caption().writer(NODES, CONCEPTS)
    found = captions_of(np.array(values), [["", node.phrase or ""] for node in NODES], write)
    assert found.tolist() == [Caption().of([bool(v) for v in row], NODES) for row in values]


def test_pictures_differ_by_the_changed_concept_alone():
    """Same noise, same caption but for one phrase; at its own value a row's picture is the factual one."""
    world = World(rows=12, draws=3)
    view = world.view()
    pictures = view.counterfactuals("captions", NAMES)
    assert pictures.by_value.shape == (12, 3, 3, 2) and pictures.factual.shape == (12, 3) and pictures.draws == 3
    seeds = noise_seeds(0, view.rows.names, 3)
    assert np.array_equal(pictures.seeds, seeds)
    for i, j, v in itertools.product(range(12), range(3), (0, 1)):
        present = world.values[i].astype(bool).copy()
        present[j] = bool(v)
        assert pictures.captions[i, j, v] == Caption().of(present.tolist(), world.concepts)
        if v == world.values[i, j]:
            assert np.array_equal(pictures.by_value.index[i, j, :, v], pictures.factual.index[i])
            assert pictures.captions[i, j, v] == pictures.factual_captions[i]
        else:
            assert not np.isin(pictures.by_value.index[i, j, :, v], pictures.factual.index[i]).any()


def test_at_most_rows_times_draws_times_one_and_each_concept_are_made():
    world = World(rows=20, draws=2)
    view = world.view()
    view.counterfactuals("captions", NAMES)
    (table,) = view.ask.builder.plan().tables
    assert len(table) == 20 * 2 * (1 + 3) and table.asked == 20 * 2 * (1 + 3 * 2)
    assert table.wanted.all(), "pictures are evidence: the store is to have them"


def test_some_concepts_are_changed_in_the_order_given():
    view = World(rows=5).view()
    pictures = view.counterfactuals("captions", ("blue square", "red circle"))
    assert pictures.concepts == ("blue square", "red circle") and pictures.concept_index(["red circle"]) == [1]
    assert np.array_equal(pictures.values, view.rows.values[:, [2, 0]])


def test_the_op_has_every_default_written_out(materials):
    pipeline = materials.pipelines["captions"]
    assert captions(steps=5).op(pipeline) == captions(steps=5, height=16, width=16).op(pipeline)
    assert captions(noise=Noise(seed=3)).op(pipeline) == captions().op(pipeline), "noise is of the unit, not of the op"
    assert captions(height=24).op(pipeline) != captions().op(pipeline)


def faults(materials, node: TextToImage, concepts=NODES):  # type: ignore[no-untyped-def]
    return node.check(materials.rows, concepts, materials.pipelines["captions"], LOC)


@pytest.mark.parametrize(("side", "size", "wanted"), [("height", 20, 16), ("width", 31, 24), ("height", 9, 8)])
def test_sizes_that_the_pipeline_cannot_make(materials, side, size, wanted):
    (found,) = faults(materials, captions(**{side: size}))
    assert found.code == codes.PICTURE_SIZE and found.loc == (*LOC, side)
    assert f"multiples of 8 pixels, and `{side}` is {size}" in str(found)
    assert found.way_out == f"write {wanted}, or leave it out for the pipeline's own 16"
    assert faults(materials, captions(**{side: wanted})) == []


def test_captions_longer_than_the_text_encoder_reads(materials):
    """Also the captions that no row has as it is: with the concept put in, it is two tokens too long."""
    long = (NODES[0].model_copy(update={"phrase": "a" * 40}), *NODES[1:])
    (found,) = faults(materials, captions(), long)
    assert found.code == codes.CAPTION_TOO_LONG and "than the 48 tokens that the text encoder of `captions`" in str(
        found
    )
    assert "what is cut off would never be drawn" in found.way_out
    rows = dataclasses.replace(materials.rows, values=np.zeros((24, 1), np.int64))
    for length, refused in ((46, False), (47, True)):
        concepts = (NODES[0].model_copy(update={"phrase": "a" * length}),)
        assert bool(captions().check(rows, concepts, materials.pipelines["captions"], LOC)) == refused


def test_a_declared_digest_is_held_against_the_pipeline(tiny, materials):
    digest = materials.pipelines["captions"].digest
    assert captions(digest=digest).identify(tiny, LOC).digest == digest
    found = Fault(lambda: captions(digest="0" * 64).identify(tiny, LOC))
    assert found.code == codes.DIGEST_MISMATCH and found.loc == (*LOC, "digest")


def test_a_longer_data_set_keeps_the_pictures_of_its_first_rows():
    few, many = World(rows=6), World(rows=9)
    many.values[:6] = few.values
    keys = []
    for world in (few, many):
        ask = Ask(PlanBuilder())
        view = dataclasses.replace(world.view(), ask=ask)
        pictures = view.counterfactuals("captions", NAMES)
        keys.append(ask.builder.keys(pictures.by_value[:6]).tobytes())
    assert keys[0] == keys[1]
