"""Caption policies: joined or in slots, counts kept or collapsed, all concepts or those that are permuted."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor import codes
from auditor.concepts import Concept
from auditor.interventions import Caption, TextToImage
from auditor.interventions.caption import pieces_of
from tests.valued import CONCEPTS, LEVELS, Valued

PATIENT = (
    Concept(name="age", column="age", phrase="1", absent="0"),
    Concept(name="bmi", column="bmi", phrase="1", absent="0"),
    Concept(name="findings", kind="text", column="findings"),
)


def test_a_template_holds_what_concepts_say_in_its_own_order():
    caption = Caption(template="BMI: {bmi}, Age: {age}, Findings: {findings} {{sic}}")
    assert caption.of((1, 0, "no {age} given, 50 % {"), PATIENT) == (
        "BMI: 0, Age: 1, Findings: no {age} given, 50 % { {sic}"
    ), "what a text holds is never read as a slot"


def test_a_template_that_says_nothing_is_the_empty_caption():
    lamp = (Concept(name="lamp", column="lamp", phrase="lamp"),)
    assert Caption(template=" {lamp} ").of((0,), lamp) == "nothing"
    assert Caption(template=" {lamp} ", empty="").of((0,), lamp) == ""


@pytest.mark.parametrize("slot", ["{age.real}", "{age!r}", "{age:>9999999}", "{age[0]}", "{0}", "{}", "{ age }"])
def test_nothing_but_a_name_is_a_slot(slot):
    """What `str.format` would evaluate is a slot of another name, which the document's rules refuse."""
    assert pieces_of(slot) == ((slot[1:-1], True),)
    assert slot[1:-1] not in {concept.name for concept in PATIENT}


def test_only_permuted_concepts_stand_in_the_caption_where_the_document_says_so():
    world = Valued(rows=12, caption=Caption(include="permuted"))
    pictures = world.view().counterfactuals("captions", ("lamp", "person"))
    for i in range(12):
        person, lamp = LEVELS[0][world.values[i, 0]], LEVELS[3][world.values[i, 3]]
        said = [f"{person} person"] * bool(person) + ["lamp"] * bool(lamp)
        assert pictures.factual_captions[i] == (", ".join(said) or "nothing"), "in declared order, no colour, no notes"


def test_collapsed_counts_are_permuted_as_presences():
    world = Valued(rows=40, caption=Caption(counts="collapsed"))
    view = world.view()
    pictures = view.counterfactuals("captions", ("person", "colour"))
    assert pictures.levels_of(0) == (0, 1) and pictures.levels_of(1) == LEVELS[1]
    assert np.array_equal(pictures.values[:, 0], np.array(LEVELS[0])[world.values[:, 0]] > 0)
    assert all(("1 person" in caption) == (count > 0) for caption, count in
               zip(pictures.factual_captions, world.values[:, 0], strict=True))  # fmt: skip
    assert not any(word in caption for caption in pictures.captions.ravel() for word in ("2 person", "5 person"))
    (table,) = view.ask.builder.plan().tables
    assert len(table) == 40 * 2 * (1 + 1 + 2)


def rows_of(world: Valued, **fields):  # type: ignore[no-untyped-def]
    return dataclasses.replace(world.view().rows, **fields)


def node(**caption) -> TextToImage:  # type: ignore[no-untyped-def]
    return TextToImage(name="captions", kind="text_to_image", source="pipeline", caption=Caption(**caption))


LOC = ("interventions", 0)


def test_counts_that_collapse_to_one_value_leave_nothing_to_permute(materials):
    world = Valued(rows=20)
    levels = ((1, 2, 3, 5), *LEVELS[1:])
    check = node(counts="collapsed", join=" ", template="{person}").check
    (found,) = check(rows_of(world, levels=levels), CONCEPTS, materials.pipelines["captions"], LOC, [["person"]])
    assert found.code == codes.CONCEPT_WITHOUT_VARIATION and found.loc == (*LOC, "caption", "counts")
    assert not check(rows_of(world), CONCEPTS, materials.pipelines["captions"], LOC, [["person"]])


@pytest.mark.parametrize(
    ("caption", "permuted", "refused"),
    [
        ({"template": "{notes}"}, ["person"], True),
        ({"template": "{person}"}, ["person"], False),
        ({"include": "permuted", "join": "."}, ["lamp"], False),
        ({"include": "permuted", "join": "."}, ["lamp", "notes"], True),
        ({"join": "."}, ["lamp"], True),
    ],
)
def test_only_captions_that_are_made_must_fit_the_text_encoder(materials, caption, permuted, refused):
    """A long text counts where captions hold it; the tiny encoder reads 46 letters."""
    levels = (*LEVELS[:2], ("calm", "a" * 47), LEVELS[3])
    found = node(**caption).check(
        rows_of(Valued(rows=20), levels=levels), CONCEPTS, materials.pipelines["captions"], LOC, [permuted]
    )
    assert [error.code for error in found] == [codes.CAPTION_TOO_LONG] * refused


@given(st.text(max_size=30))
def test_doubled_braces_are_text_whatever_stands_around_them(text):
    pieces = pieces_of(text.replace("{", "{{").replace("}", "}}"))
    assert "".join(piece for piece, _ in pieces) == text and not any(slot for _, slot in pieces)
