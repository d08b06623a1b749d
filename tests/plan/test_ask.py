"""Asking: what an op that edits takes, and that every number is part of a unit's meaning."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.errors import InternalError
from auditor.plan import Ask, PlanBuilder, edit, image_to_image

SEEDS = np.zeros(3, np.uint64)


def asked(op, **numbers):
    ask = Ask(PlanBuilder())
    pictures = ask.load(["a.png"], ["a" * 64])[np.zeros(3, int)]
    return ask.edit(op, pictures, np.full(3, "make it red", dtype=object), seeds=SEEDS, **numbers).index.tolist()


@pytest.mark.parametrize("swept", ["guidance", "image_guidance"])
def test_any_number_of_an_edit_may_be_swept(swept):
    fixed = {"guidance": 3.0, "image_guidance": 1.5}
    assert asked(edit("b" * 64, 10, 64, 64), **{**fixed, swept: np.array([1.0, 2.0, 1.0])}) == [0, 1, 0]


@pytest.mark.parametrize("swept", ["guidance", "strength"])
def test_any_number_of_image_to_image_may_be_swept(swept):
    fixed = {"guidance": 3.0, "strength": 0.5}
    assert asked(image_to_image("b" * 64, 10, 64, 64), **{**fixed, swept: np.array([0.1, 0.2, 0.1])}) == [0, 1, 0]


def test_a_number_that_an_editor_does_not_take_is_a_bug():
    with pytest.raises(InternalError, match="an op `image_to_image` takes guidance, strength and seeds"):
        asked(image_to_image("b" * 64, 10, 64, 64), guidance=3.0, image_guidance=1.5)
    with pytest.raises(InternalError, match="an op `edit` takes guidance, image_guidance and seeds"):
        asked(edit("b" * 64, 10, 64, 64), guidance=3.0, image_guidance=1.5, strength=0.5)
