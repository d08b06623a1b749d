"""Passes change what a plan costs, never what it answers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from auditor.compile import PASSES, compile_plan, drop_unused, group_by_weights
from auditor.compile import passes as passes_module
from auditor.errors import InternalError
from auditor.plan import Ask, Plan, PlanBuilder, broken_invariant, generate, plan_text

OP = generate("b" * 64, 10, 2.0, 64, 64)


def pictures(ask: Ask, *prompts: str):  # type: ignore[no-untyped-def]
    return ask.generate(OP, np.array(prompts, dtype=object), np.zeros(len(prompts), np.uint64))


def mixed_plan() -> Plan:
    """Two models, asked in turns, and a picture that nobody scores."""
    ask = Ask(PlanBuilder())
    made = pictures(ask, "unused", "a", "b")
    ask.predict("1" * 64, made[1:])
    ask.predict("2" * 64, made[2:])
    ask.predict("1" * 64, ask.load(["real.png", "spare.png"], ["c" * 64, "d" * 64])[:1])
    return ask.builder.plan()


BEFORE = """\
generate(guidance=2.0, height=64, noise="cpu-float32-per-unit", pipeline=bbbbbbbb, steps=10, width=64): 3 units, 3 asked
  %0 = generate(prompt='unused', seed=0)
  %1 = generate(prompt='a', seed=0)
  %2 = generate(prompt='b', seed=0)
predict(model=11111111): 3 units, 3 asked
  %3 = predict(%1) *
  %4 = predict(%2) *
  %5 = predict(?{real}) *
predict(model=22222222): 1 units, 1 asked
  %6 = predict(%2) *
load(): 2 units, 2 asked
  %7 = load(file='real.png')
  %8 = load(file='spare.png')"""

AFTER = """\
load(): 1 units, 2 asked
  %0 = load(file='real.png')
generate(guidance=2.0, height=64, noise="cpu-float32-per-unit", pipeline=bbbbbbbb, steps=10, width=64): 2 units, 3 asked
  %1 = generate(prompt='a', seed=0)
  %2 = generate(prompt='b', seed=0)
predict(model=11111111): 3 units, 3 asked
  %3 = predict(%1) *
  %4 = predict(%2) *
  %5 = predict(%0) *
predict(model=22222222): 1 units, 1 asked
  %6 = predict(%2) *"""


def test_operands_come_first_and_what_nobody_needs_goes():
    plan = mixed_plan()
    real = plan.tables[-1].keys[0].tobytes().hex()[:8]
    assert plan_text(plan) == BEFORE.format(real=real)
    compiled = compile_plan(plan)
    assert plan_text(compiled) == AFTER
    assert sorted(compiled.payloads.values()) == ["a", "b", "real.png"]


def test_compiling_twice_changes_nothing():
    once = compile_plan(mixed_plan())
    assert plan_text(compile_plan(once)) == plan_text(once)


def test_the_order_of_passes_is_the_declared_one():
    assert [one.__name__ for one in PASSES] == ["group_by_weights", "drop_unused"]


def test_an_empty_plan_stays_empty():
    assert compile_plan(Plan(())).tables == ()


def test_a_pass_that_breaks_a_plan_is_named(monkeypatch):
    def lose_the_pictures(plan: Plan) -> Plan:
        return dataclasses.replace(plan, tables=plan.tables[2:])

    monkeypatch.setattr(passes_module, "PASSES", (group_by_weights, lose_the_pictures))
    with pytest.raises(
        InternalError, match=r"the pass `lose_the_pictures` left a broken plan: table 0 \(predict\) needs"
    ):
        compile_plan(mixed_plan())


def test_answers_are_the_same_as_asked_and_as_compiled(bench, materials):
    """One plan is run as asked and as compiled, in fresh stores: scores, reasons and pictures bit for bit."""
    ask = Ask(PlanBuilder())
    model, detector = materials.models[0].digest, materials.detectors[0].digest
    op = generate(materials.pipelines["captions"].digest, 2, 2.0, 16, 16)
    prompts = np.array([f"{word} circle" for word in ("red", "green", "blue", "no")], dtype=object)
    made = ask.generate(op, np.repeat(prompts[:, None], 6, 1), np.tile(np.arange(6, dtype=np.uint64), (4, 1)))
    spare = ask.generate(op, np.array(["never scored"], dtype=object), np.array([3], np.uint64))
    by_model = ask.predict(model, made[1:])
    by_detector = ask.predict(detector, made[:3])
    real = ask.load([str(path) for path in materials.rows.paths], materials.rows.image_digests)
    of_real = ask.predict(detector, real[::2])
    plan = ask.builder.plan()
    in_order = group_by_weights(plan)  # As asked, but runnable: operands must stand before what needs them.
    compiled = compile_plan(plan)
    assert compiled.size < in_order.size and spare.shape == (1,)
    as_asked, as_compiled = bench("asked").run(in_order), bench("compiled").run(compiled)
    for units in (by_model, by_detector, of_real):
        assert np.ptp(as_asked[units]) > 0.1, "the plan is too easy to tell answers apart"
        assert as_asked[units].tobytes() == as_compiled[units].tobytes()
        assert as_asked.reasons(units).tolist() == as_compiled.reasons(units).tolist()
    for place in np.ndindex(3, 6):
        picture = made[1:][place]
        assert as_asked.png(picture) == as_compiled.png(picture)


def test_random_plans_keep_what_is_wanted():
    """Over random plans: the passes drop nothing wanted, keep nothing unneeded, and leave no break."""
    rng = np.random.default_rng(0)
    for _ in range(40):
        ask = Ask(PlanBuilder())
        made = pictures(ask, *(str(number) for number in range(12)))
        loaded = ask.load([f"{i}.png" for i in range(4)], [f"{i}" * 64 for i in range(4)])
        needed = set()
        for model in rng.permutation(3):
            picked = rng.integers(0, 12, rng.integers(1, 6))
            ask.predict(f"{model}" * 64, made[picked])
            needed |= set(picked.tolist())
            if rng.random() < 0.5:
                ask.predict(f"{model}" * 64, loaded[rng.integers(0, 4, 2)])
        before = ask.builder.plan()
        after = compile_plan(before)
        assert broken_invariant(after) is None
        assert {int(table.wanted.sum()) for table in after.tables if table.op.kind == "predict"} == {
            int(table.wanted.sum()) for table in before.tables if table.op.kind == "predict"
        }
        assert set(after.table(OP.digest).places.tolist()) == needed


def test_dropping_from_a_plan_that_is_out_of_order_is_why_grouping_comes_first():
    """Without operands first, the pictures that were loaded last would be dropped."""
    assert broken_invariant(drop_unused(mixed_plan())) is not None
    assert broken_invariant(drop_unused(group_by_weights(mixed_plan()))) is None
