"""Units that another class made answer where the user allows it, and are never taken for what they are not."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from auditor.execute import Numerics, OpClass, Store, schedule
from auditor.execute.schedule import exact_keys
from auditor.execute.storage.block import make_block
from auditor.plan import Ask, Plan, PlanBuilder, generate
from tests.execute.classes import batches

OP = generate("b" * 64, 10, 2.0, 64, 64)


def test_without_reuse_another_class_is_made_anew_and_with_it_nothing_is(bench, small_plan, pairs, numerics):
    small = small_plan(pairs[:6])
    other = batches(numerics, generate=4, predict=4)
    found = small.outputs(bench("same").run(small.plan))
    reusing = bench("same", numerics=other, reuse="semantic")
    assert small.outputs(reusing.run(small.plan)) == found
    assert reusing.ran() == 0
    assert reusing.executor.reused == {table.op.digest: 6 for table in small.plan.tables}
    exact = bench("same", numerics=other)
    exact.run(small.plan)
    assert exact.ran() == 12 and exact.executor.reused == {}


def test_what_is_stored_exactly_comes_first(bench, small_plan, pairs, numerics):
    small, part = small_plan(pairs[:6]), small_plan(pairs[:2])
    other = batches(numerics, generate=4)
    bench("same").run(small.plan)
    own = bench("same", numerics=other)
    expected = part.outputs(own.run(part.plan))
    reusing = bench("same", numerics=other, reuse="semantic")
    assert small.outputs(reusing.run(small.plan))[:2] == expected
    assert reusing.ran() == 0
    generated, _ = (table.op.digest for table in small.plan.tables)
    # Pictures were scored under one class, whatever made them: a score of a reused picture is stored exactly.
    assert reusing.executor.reused == {generated: 4}


def test_only_what_has_no_equal_in_meaning_is_computed(bench, small_plan, pairs, numerics):
    bench("same").run(small_plan(pairs[:4]).plan)
    small = small_plan(pairs[:6])
    reusing = bench("same", numerics=batches(numerics, generate=4, predict=4), reuse="semantic")
    first = small.outputs(reusing.run(small.plan))
    assert reusing.ran() == 4
    again = bench("same", numerics=batches(numerics, generate=4, predict=4), reuse="semantic")
    assert small.outputs(again.run(small.plan)) == first, "a second run answers as the first"
    assert again.ran() == 0 and again.executor.reused == reusing.executor.reused


def test_a_score_of_a_reused_picture_never_gets_the_key_of_another_picture(
    bench, small_plan, pairs, numerics, tmp_path
):
    """Pictures of one class are scored by a run of another: under neither class's own keys may those scores stand."""
    small = small_plan(pairs[:5])
    pictures_only = Plan(small.plan.tables[:1], small.plan.payloads)
    theirs, mine = batches(numerics, generate=4), numerics
    bench("same", numerics=theirs).run(pictures_only)
    reusing = bench("same", numerics=mine, reuse="semantic")
    answers = reusing.run(small.plan)
    assert reusing.ran() == 5, "scores alone"
    store: Store = reusing.store
    own_pictures, own_scores = schedule(small.plan, store, mine)
    assert own_pictures.stored == 0 and own_scores.stored == 0, "no picture of this class was made, and none was scored"
    their_pictures, their_scores = schedule(small.plan, store, theirs)
    assert their_pictures.stored == 5
    assert their_scores.stored == 5, "the scores are of their pictures: only `generate` differs between the classes"
    fresh = bench("fresh", numerics=theirs)
    assert answers[small.scores].tobytes() == fresh.run(small.plan)[small.scores].tobytes()


def test_runs_of_every_class_after_reuse_are_what_they_are_in_a_fresh_store(bench, small_plan, pairs, numerics):
    small = small_plan(pairs[:5])
    classes = [batches(numerics, generate=g, predict=p) for g, p in ((16, 32), (4, 32), (16, 4), (1, 1))]
    for number, one in enumerate(classes):
        bench("same", numerics=one, reuse="semantic" if number % 2 else "exact").run(small.plan)
    for number, one in enumerate(classes):
        found = small.outputs(bench("same", numerics=one).run(small.plan))
        assert found == small.outputs(bench(f"fresh {number}", numerics=one).run(small.plan)), one.batch


def test_the_picture_shown_is_the_one_that_was_scored(bench, small_plan, pairs, numerics):
    """Two classes hold all units; a third reuses. Pictures must not come from one and scores from the other."""
    small = small_plan(pairs[:5])
    near_picture = with_package(batches(numerics, generate=4, predict=1), "pillow")  # Only scores depend on it,
    near_score = with_package(batches(numerics, generate=2, predict=4), "diffusers")  # only pictures on this.
    asked = batches(numerics, generate=3, predict=5)
    for one in (near_picture, near_score):
        bench("same", numerics=one).run(small.plan)
    reusing = bench("same", numerics=asked, reuse="semantic")
    reusing.run(small.plan)
    assert reusing.ran() == 0
    found = schedule(small.plan, reusing.store, asked, "semantic")
    expected = schedule(small.plan, reusing.store, near_picture)
    assert [table.exact_keys.tobytes() for table in found] == [table.exact_keys.tobytes() for table in expected]


def with_package(numerics: Numerics, name: str) -> Numerics:
    """The class with another version of a package."""
    return dataclasses.replace(numerics, packages=tuple({**dict(numerics.packages), name: "0"}.items()))


def picture_plan(prompts: list[str]) -> Plan:
    ask = Ask(PlanBuilder())
    made = ask.generate(OP, np.array(prompts, dtype=object), np.arange(len(prompts), dtype=np.uint64))
    ask.builder.want(made)
    return ask.builder.plan()


def test_the_choice_does_not_depend_on_the_order_of_writing_nor_on_other_units(tmp_path, numerics):
    """The nearest class, then the smaller digest: for every order of writing, and in every plan."""
    plan = picture_plan(["a", "b", "c"])
    table = plan.tables[0]
    own = numerics.class_of(OP)
    near = [OpClass.of(**{**own.parts, "batch": size}) for size in (2, 3)]
    far = OpClass.of(**{**own.parts, "batch": 2, "device": "cuda"})
    held = {near[0]: [0], near[1]: [0, 1], far: [0, 1, 2]}
    nearest = min(near, key=lambda one: one.digest)
    expected = [nearest if nearest in near[:1] else near[1], near[1], far]
    for number, order in enumerate(itertools.permutations(held)):
        store = Store(tmp_path / str(number))
        for one in order:
            part = table.only(np.isin(np.arange(3), held[one]))
            keys = [key.tobytes().hex() for key in exact_keys(part, one, {})]
            rows = [row.tobytes().hex() for row in part.rows]
            store.put(make_block(OP, one, keys, rows, ["nothing"] * len(keys)))
        for prompts in (["a", "b", "c"], ["a"], ["a", "b"]):
            smaller = picture_plan(prompts)
            (found,) = schedule(smaller, store, numerics, "semantic")
            assert found.reused.all() and not found.run.any()
            for unit in range(len(prompts)):
                digest, slot = found.places[unit]
                block = store.block(digest)
                assert block.op_class == expected[unit], (prompts[unit], order)
                assert block.keys[slot] == found.exact_keys[unit].tobytes().hex()
        assert schedule(plan, store, numerics)[0].stored == 0
        store.close()


def test_a_reused_unit_that_is_damaged_is_replaced_by_the_next_or_made(bench, small_plan, pairs, numerics):
    small = small_plan(pairs[:3])
    bench("same", numerics=batches(numerics, generate=4, predict=4)).run(small.plan)
    objects = bench("same").objects()
    for path in objects:
        path.write_bytes(b"damaged")
    reusing = bench("same", reuse="semantic")
    found = small.outputs(reusing.run(small.plan))
    assert reusing.ran() == 6 and reusing.executor.reused == {}
    assert found == small.outputs(bench("fresh").run(small.plan))


@pytest.mark.parametrize("reuse", ["exact", "semantic"])
def test_without_a_store_nothing_is_stored(small_plan, pairs, numerics, reuse):
    tables = schedule(small_plan(pairs[:3]).plan, None, numerics, reuse)
    assert [int(table.run.sum()) for table in tables] == [3, 3]
    assert not any(table.reused.any() for table in tables)
