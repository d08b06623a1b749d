"""Exact keys: a unit is what it means, the class it was computed under, and the bits it was made from."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from auditor.digest import digest_bytes, digest_value
from auditor.errors import InternalError
from auditor.execute import Numerics, schedule
from auditor.execute.op_class import OpClass
from auditor.execute.schedule import exact_keys
from auditor.plan import Ask, Plan, PlanBuilder, generate, load, predict
from tests.execute.classes import batches

GENERATE, PREDICT = generate("b" * 64, 10, 2.0, 64, 64), predict("c" * 64)


def mixed() -> Plan:
    """Two generated pictures and a picture file, each scored."""
    ask = Ask(PlanBuilder())
    made = ask.generate(GENERATE, np.array(["a", "b"], dtype=object), np.array([1, 2], np.uint64))
    real = ask.load(["a.png"], ["d" * 64])
    ask.predict("c" * 64, made)
    ask.predict("c" * 64, real)
    plan = ask.builder.plan()
    return Plan((plan.tables[1], plan.tables[0], plan.tables[2]), plan.payloads)


def keys_of(numerics: Numerics) -> dict[str, list[str]]:
    return {
        scheduled.table.op.kind: [key.tobytes().hex() for key in scheduled.exact_keys]
        for scheduled in schedule(mixed(), None, numerics)
    }


def test_the_recipe_is_pinned(numerics):
    """By hand: SHA-256 over (op and class, row), with the operands' exact keys in the row."""
    plan, found = mixed(), keys_of(numerics)

    def header(op):  # type: ignore[no-untyped-def]
        return bytes.fromhex(digest_value(["exact", op.digest, numerics.class_of(op).digest]))

    pictures, scores = plan.tables[1], plan.tables[2]
    assert found["load"] == [key.tobytes().hex() for key in plan.tables[0].keys]
    assert found["generate"] == [digest_bytes(header(GENERATE) + row.tobytes()) for row in pictures.rows]
    operands = [bytes.fromhex(key) for key in (*found["generate"], *found["load"])]
    assert found["predict"] == [digest_bytes(header(PREDICT) + operand) for operand in operands]
    assert len(scores.rows) == 3 and not set(found["predict"]) & {key.tobytes().hex() for key in scores.keys}


def test_exact_keys_never_move():
    # A new value here throws away every user's store.
    fixed = OpClass.of(device="cpu", batch=16, packages={"torch": "2.13.0"})
    _, pictures, scores = mixed().tables
    made = exact_keys(pictures, fixed, {})
    of_made = exact_keys(scores, fixed, {"image": np.concatenate([made, made[:1]])})
    assert digest_bytes(made.tobytes()) == "7eed3e0f3e8de3950379ed712f16fbc7eab3b0aee97b705490ca27a7b47954d4"
    assert digest_bytes(of_made.tobytes()) == "0a4564f5cbc2dd54e8f406bd0c7bc06f68aa4fcf306be4e84c969d7db3ab162b"


def test_pictures_in_other_batches_are_other_pictures_and_move_their_scores_alone(numerics):
    before, after = keys_of(numerics), keys_of(batches(numerics, generate=4))
    assert not set(before["generate"]) & set(after["generate"])
    assert not set(before["predict"][:2]) & set(after["predict"][:2])
    assert before["predict"][2] == after["predict"][2], "a picture file is not generated"


def test_scores_in_other_batches_move_no_picture(numerics):
    before, after = keys_of(numerics), keys_of(batches(numerics, predict=4))
    assert before["generate"] == after["generate"] and before["load"] == after["load"]
    assert not set(before["predict"]) & set(after["predict"])


def test_two_ops_of_one_class_share_no_key(numerics):
    """Two models in equal batches, asked about one picture."""
    ask = Ask(PlanBuilder())
    real = ask.load(["a.png"], ["d" * 64])
    ask.predict("c" * 64, real)
    ask.predict("e" * 64, real)
    found = schedule(ask.builder.plan(), None, numerics)
    assert found[1].op_class == found[2].op_class
    assert found[1].exact_keys.tobytes() != found[2].exact_keys.tobytes()


LOWERED = {"lowered": tuple((op.digest, 1) for op in (GENERATE, PREDICT)), "compiled": ((GENERATE.digest, True),)}
CHANGED = {"threads": 2, "batch": (("load", 1), ("generate", 1), ("predict", 1)), "packages": (("numpy", "0"),)}
NO_BITS = {
    "profile": {"generate", "predict"},
    "compile": {"generate", "predict"},  # What is compiled in the end stands in `compiled`.
    "dtype": {"predict"},
    "memory_format": {"predict"},
    "compiled": {"predict"},
}


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Numerics)])
@pytest.mark.parametrize("op", [GENERATE, PREDICT], ids=lambda op: op.kind)
def test_every_field_that_may_change_a_bit_moves_the_class(numerics, field, op):
    other = dataclasses.replace(numerics, **{field: (CHANGED | LOWERED).get(field, "other")})
    same = op.kind in NO_BITS.get(field, ())
    assert (other.class_of(op) == numerics.class_of(op)) == same
    assert (other.class_of(op).digest == numerics.class_of(op).digest) == same


def test_a_package_that_an_op_does_not_use_moves_no_key(numerics):
    packages = tuple((name, "0" if name == "diffusers" else found) for name, found in numerics.packages)
    other = dataclasses.replace(numerics, packages=packages)
    assert other.class_of(PREDICT) == numerics.class_of(PREDICT)
    assert other.class_of(GENERATE).differences(numerics.class_of(GENERATE)).keys() == {"packages.diffusers"}
    assert "packages" in numerics.class_of(load()).parts


def test_an_input_that_is_not_there_is_a_bug_and_no_key(numerics):
    plan = mixed()
    with pytest.raises(InternalError, match="predict has an input that no earlier op makes"):
        schedule(Plan(plan.tables[1:], plan.payloads), None, numerics)


def test_another_class_is_another_answer(bench, small_plan, pairs, numerics):
    """A class is part of the exact key, so that answers of two classes are never mixed."""
    small = small_plan(pairs[:3])
    bench("same").run(small.plan)
    second = bench("same", numerics=batches(numerics, generate=4))
    second.run(small.plan)
    assert second.ran() == 6
    third = bench("same", numerics=batches(numerics, predict=4))
    third.run(small.plan)
    assert third.ran() == 3, "pictures are not generated again because scores are computed in other batches"


def test_keys_of_a_block_are_those_of_its_plan(bench, small_plan, pairs):
    """What the store writes down is what the schedule looks up: keys, rows and class."""
    small = small_plan(pairs[:5])
    run = bench()
    run.run(small.plan)
    for scheduled in schedule(small.plan, run.store, run.numerics):
        assert not scheduled.run.any() and scheduled.stored == 5
        for number, key in enumerate(scheduled.exact_keys):
            digest, slot = scheduled.places[number]
            block = run.store.block(digest)
            assert block.keys[slot] == key.tobytes().hex()
            assert block.rows[slot] == scheduled.table.rows[number].tobytes().hex()
            assert (block.op, block.op_class) == (scheduled.table.op, scheduled.op_class)
            assert isinstance(block.op_class, OpClass)
