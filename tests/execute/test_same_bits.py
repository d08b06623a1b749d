"""One unit has one answer, bit for bit: whatever is computed beside it, in which order, and by how many workers."""

from __future__ import annotations

import numpy as np

from auditor.plan import Plan, UnitTable


def test_the_plan_is_not_trivial(bench, small_plan, pairs):
    """Pictures differ by prompt and by seed, and scores by picture; else equality below would say nothing."""
    small = small_plan(pairs)
    found = small.outputs(bench().run(small.plan))
    assert len({png for png, _ in found}) == len(pairs)
    assert len({scores for _, scores in found}) > len(pairs) // 2


def test_neighbours_slot_padding_and_order_change_no_bit(bench, small_plan, pairs):
    small = small_plan(pairs)
    together = dict(zip(pairs, small.outputs(bench("together").run(small.plan)), strict=True))
    order = np.random.default_rng(0).permutation(len(pairs))
    shuffled = [pairs[i] for i in order]
    groups = {"shuffled": shuffled, "alone": pairs[17:18], "few": pairs[30:37], "reversed": pairs[::-1][:20]}
    for name, group in groups.items():
        other = small_plan(group)
        found = other.outputs(bench(name).run(other.plan))
        assert found == [together[pair] for pair in group], name


def test_two_workers_equal_one(bench, small_plan, pairs):
    many = [(prompt, seed + 100 * block) for block in range(4) for prompt, seed in pairs]
    small = small_plan(many)
    one = bench("one", workers=1)
    two = bench("two", workers=2)
    found = small.outputs(one.run(small.plan))
    assert small.outputs(two.run(small.plan)) == found
    assert two.executor._staff.ready is not None and two.executor._staff.ready.count == 2, "no process was started"
    assert [path.name for path in two.objects()] == [path.name for path in one.objects()]


def test_a_second_run_computes_nothing(bench, small_plan, pairs):
    small = small_plan(pairs)
    first = bench("same")
    found = small.outputs(first.run(small.plan))
    assert first.ran() == 2 * len(pairs)
    second = bench("same")
    assert small.outputs(second.run(small.plan)) == found
    assert second.executor.ran == {}


def test_a_part_that_is_stored_is_not_computed_again(bench, small_plan, pairs):
    part, whole = small_plan(pairs[5:20]), small_plan(pairs)
    bench("same").run(part.plan)
    rest = bench("same")
    found = whole.outputs(rest.run(whole.plan))
    assert rest.ran() == 2 * (len(pairs) - 15)
    assert found == whole.outputs(bench("fresh").run(whole.plan))


def test_handles_find_their_units_after_a_pass_dropped_others(bench, small_plan, pairs):
    """A picture nobody scores may be dropped from the plan; the handles of the others must not shift."""
    from auditor.compile import drop_unused

    small = small_plan(pairs[:6])
    picked = small.scores[3:]
    tables = []
    for table in small.plan.tables:
        wanted = np.zeros(len(table), bool)
        if table.op.kind == "predict":
            wanted[picked.index] = True
        tables.append(UnitTable(table.op, table.rows, wanted, table.asked, table.places))
    dropped = drop_unused(Plan(tuple(tables), small.plan.payloads))
    assert [len(table) for table in dropped.tables] == [3, 3]
    some, every = bench("some").run(dropped), bench("every").run(small.plan)
    assert some[picked].tobytes() == every[picked].tobytes()
    assert some.png(small.pictures[4]) == every.png(small.pictures[4])
