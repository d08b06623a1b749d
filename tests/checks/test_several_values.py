"""Gates on concepts with several values, and on concepts that no detector sees."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import TypeAdapter

from auditor.checks import AnyCheck
from auditor.results.gating import gate_over
from auditor.statistics import off_target
from tests.valued import CONCEPTS, Valued
from tests.world import reliance


def check(kind: str, world: Valued, **fields):  # type: ignore[no-untyped-def]
    node = TypeAdapter(AnyCheck).validate_python({"kind": kind, "of": "reliance", **fields})
    return world.check(node, reliance()).result


def test_a_category_is_judged_value_by_value_and_a_count_by_whether_there_is_any():
    result = check("effective_generation", Valued(rows=300))
    assert [part.subject for part in result.parts] == [
        "outcome", "person", "colour: red", "colour: green", "colour: blue", "lamp"
    ]  # fmt: skip
    assert {part.state for part in result.parts[1:]} == {"pass"}
    person = result.parts[1]
    assert person.sentence.endswith("; the detector tells whether there is any, not how many")
    assert {part.concept for part in result.parts} == {None, "person", "colour", "lamp"}


def test_one_colour_that_is_not_drawn_fails_its_category_alone():
    world = Valued(rows=300, blind=("blue",))
    for kind in ("effective_generation", "independent_permutation"):
        result = check(kind, world)
        failing = {part.subject for part in result.parts if part.state == "fail"}
        assert failing == {"colour: blue"}
        assert gate_over([result], "reliance", "outcome", "colour").state == "fail"
        assert gate_over([result], "reliance", "outcome", "lamp").state == "pass"


def test_values_of_one_category_are_no_side_effects_of_each_other():
    result = check("independent_permutation", Valued(rows=300))
    effects = {part.subject for part in result.parts if part.quantity.startswith("share")}
    assert "colour -> person" in effects and not any(name.startswith("colour -> colour") for name in effects)
    shares = result.matrices[0]
    assert shares.rows == ("person", "colour", "lamp")
    assert shares.columns == ("person", "colour: red", "colour: green", "colour: blue", "lamp")
    told = [part for part in result.parts if part.subject == "any concept -> notes"]
    assert [part.state for part in told] == [None] and "nobody knows whether changing other concepts" in told[
        0
    ].sentence


def test_a_side_effect_between_values_is_their_weighted_share():
    world = Valued(rows=400, leaks=0.5)
    result = check("independent_permutation", world)
    found = next(part for part in result.parts if part.subject == "person -> lamp")
    own = world.values[:, 0]
    shares = np.bincount(own, minlength=4) / len(own)
    pairs = {(v, w): shares[v] * shares[w] for v in range(4) for w in range(v + 1, 4)}
    with_person = sum(weight for (v, _), weight in pairs.items() if v == 0) / sum(pairs.values())
    hit = np.mean(world.leaking & (world.values[:, 3] == 1))
    assert found.state == "fail" and found.measured == pytest.approx(hit * with_person, abs=1e-12)


def test_the_mean_change_of_several_values_is_that_of_their_pairs():
    rng = np.random.default_rng(0)
    scores, values = rng.random((30, 2, 3)), rng.integers(0, 3, 30)
    total = weights = 0.0
    for v, w in ((0, 1), (0, 2), (1, 2)):
        weight = np.sum(values == v) * np.sum(values == w)
        total += weight * np.mean([scores[i, d, w] - scores[i, d, v] for i in range(30) for d in range(2)])
        weights += weight
    assert off_target(scores, values).mean_change.value == pytest.approx(total / weights, abs=1e-12)


@pytest.mark.parametrize(("unseen", "state"), [("undecided", "inconclusive"), ("accepted", "pass")])
def test_what_no_detector_sees_is_undecided_unless_the_document_accepts_it(unseen, state):
    blind = CONCEPTS[0].model_copy(update={"unseen": unseen})
    world = Valued(rows=300, concepts=(blind, *CONCEPTS[1:]))
    for kind in ("effective_generation", "independent_permutation"):
        result = check(kind, world)
        assert result.state == state
        told = [part for part in result.parts if part.subject == "person"]
        assert len(told) == 1 and told[0].sentence.startswith("no detector sees person, so nobody knows whether")
        assert ("which the document accepts" in told[0].sentence) == (unseen == "accepted")
        assert gate_over([result], "reliance", "outcome", "person").state == state
        assert gate_over([result], "reliance", "outcome", "lamp").state == "pass"
