"""The builder plans one unit once, however often, in whatever order and shape it is asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.plan import Ask, Plan, PlanBuilder, UnitTable, broken_invariant, generate, plan_text, positions_of
from auditor.plan.plan import as_scalars

OP = generate("b" * 64, 10, 2.0, 64, 64)
PAIRS = st.lists(st.tuples(st.sampled_from(["a", "b", "c", ""]), st.integers(0, 4)), min_size=1, max_size=30)


def ask_for(ask: Ask, pairs):  # type: ignore[no-untyped-def]
    prompts = np.array([prompt for prompt, _ in pairs], dtype=object)
    return ask.generate(OP, prompts, np.array([seed for _, seed in pairs], np.uint64))


@given(PAIRS)
def test_asking_twice_plans_nothing_new(pairs):
    ask = Ask(PlanBuilder())
    once = ask_for(ask, pairs)
    assert ask.builder.plan().size == len(set(pairs))
    twice = ask_for(ask, pairs)
    assert ask.builder.plan().size == len(set(pairs))
    assert np.array_equal(once.index, twice.index)
    assert ask.builder.plan().tables[0].asked == 2 * len(pairs)


@given(PAIRS, PAIRS)
def test_handles_stay_valid_while_the_plan_grows(first, second):
    ask = Ask(PlanBuilder())
    units = ask_for(ask, first)
    before = ask.builder.keys(units)
    more = ask_for(ask, second)
    assert np.array_equal(ask.builder.keys(units), before)
    by_pair = dict(zip(first, before.tolist(), strict=True))
    for pair, key in zip(second, ask.builder.keys(more).tolist(), strict=True):
        assert by_pair.get(pair, key) == key


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_asking_changes_no_key(pairs, random):
    one, other = Ask(PlanBuilder()), Ask(PlanBuilder())
    shuffled = random.sample(pairs, len(pairs))
    ask_for(one, pairs)
    ask_for(other, shuffled)
    keys = [set(map(bytes, ask.builder.plan().tables[0].keys)) for ask in (one, other)]
    assert keys[0] == keys[1] and len(keys[0]) == len(set(pairs))


def test_shapes_are_kept():
    ask = Ask(PlanBuilder())
    prompts = np.array([["a", "b", "c"], ["a", "a", "b"]], dtype=object)
    units = ask.generate(OP, prompts, np.zeros((2, 3), np.uint64))
    assert units.shape == (2, 3) and units.index.tolist() == [[0, 1, 2], [0, 0, 1]]
    scores = ask.predict("c" * 64, units)
    assert scores.shape == (2, 3) and scores.index.tolist() == units.index.tolist()
    assert units[1, 2].shape == () and units[:, 0].index.tolist() == [0, 0]


def test_only_scores_are_wanted():
    ask = Ask(PlanBuilder())
    pictures = ask_for(ask, [("a", 0), ("b", 0)])
    ask.predict("c" * 64, pictures[:1])
    assert [table.wanted.tolist() for table in ask.builder.plan().tables] == [[False, False], [True]]
    ask.builder.want(pictures[1:])
    assert ask.builder.plan().tables[0].wanted.tolist() == [False, True]


def test_a_plan_does_not_change_while_the_builder_grows():
    ask = Ask(PlanBuilder())
    ask_for(ask, [("a", 0)])
    plan = ask.builder.plan()
    ask.builder.want(ask_for(ask, [("a", 0), ("b", 0)]))
    assert plan.size == 1 and not plan.tables[0].wanted.any() and len(plan.payloads) == 1


def slow_positions(wanted: np.ndarray, among: np.ndarray) -> list[int]:
    keys = [bytes(key) for key in among]
    return [keys.index(bytes(key)) if bytes(key) in keys else -1 for key in wanted]


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 2**32 - 1), st.sampled_from([1, 3, 32]))
def test_positions_equal_those_of_a_slow_twin(n_wanted, n_among, seed, width):
    """Few distinct bytes, zeros at the ends too: keys are opaque, and not text that ends at a zero."""
    rng = np.random.default_rng(seed)
    among = np.unique(rng.choice(np.array([0, 1, 255], np.uint8), (n_among, width)), axis=0)
    rng.shuffle(among)
    wanted = rng.choice(np.array([0, 1, 255], np.uint8), (n_wanted, width))
    assert positions_of(wanted, among).tolist() == slow_positions(wanted, among)


def test_keys_sort_as_their_bytes_do():
    keys = np.array([[255, 0], [0, 255], [0, 0], [128, 1], [127, 255]], np.uint8)
    assert [bytes(key) for key in np.sort(as_scalars(keys))] == sorted(bytes(key) for key in keys)


def good_plan() -> Plan:
    ask = Ask(PlanBuilder())
    ask.predict("c" * 64, ask_for(ask, [("a", 0), ("b", 0)]))
    return ask.builder.plan()


def test_a_plan_from_the_builder_is_whole():
    assert broken_invariant(good_plan()) is None
    assert broken_invariant(Plan(())) is None


def without_marks(table: UnitTable) -> UnitTable:
    return UnitTable(table.op, table.rows, table.wanted[:1], table.asked, table.places)


def with_one_place(table: UnitTable) -> UnitTable:
    return UnitTable(table.op, table.rows, table.wanted, table.asked, np.zeros(2, int))


def twice(table: UnitTable) -> UnitTable:
    return UnitTable(table.op, np.repeat(table.rows[:1], 2, axis=0), table.wanted, table.asked, table.places)


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda p: Plan(p.tables[1:], p.payloads), "table 0 (predict) needs 2 units by its column 'image'"),
        (lambda p: Plan(p.tables[::-1], p.payloads), "table 0 (predict) needs 2 units by its column 'image'"),
        (lambda p: Plan(p.tables, {}), "table 0 (generate) has 2 digests in its column 'prompt' without a text"),
        (
            lambda p: Plan((without_marks(p.tables[0]),), p.payloads),
            "table 0 (generate) has 2 rows, 1 marks and 2 places",
        ),
        (lambda p: Plan((with_one_place(p.tables[0]),), p.payloads), "table 0 (generate) has two units in one place"),
        (lambda p: Plan((twice(p.tables[0]),), p.payloads), "two units have one key"),
        (lambda p: Plan((*p.tables[:1], *p.tables[:1]), p.payloads), "two units have one key"),
    ],
    ids=[
        "operands missing",
        "operands later",
        "texts missing",
        "marks missing",
        "places",
        "a unit twice",
        "a table twice",
    ],
)
def test_each_break_of_a_plan_is_named(spoil, found):
    assert (broken_invariant(spoil(good_plan())) or "").startswith(found)


def test_columns_and_tables_are_found_by_name():
    plan = good_plan()
    assert plan.table(OP.digest) is plan.tables[0]
    assert plan.tables[0].column("seed").shape == (2, 8)
    with pytest.raises(KeyError):
        plan.tables[0].column("mask")
    with pytest.raises(KeyError):
        plan.table("0" * 64)


def test_a_table_finds_units_by_their_handles_after_some_were_dropped():
    table = good_plan().tables[0]
    kept = table.only(np.array([False, True]))
    assert kept.positions(np.array([1, 0, 1])).tolist() == [0, -1, 0]
    assert kept.only(np.array([False])).positions(np.array(1)).tolist() == -1


def test_a_long_table_is_cut_in_text():
    ask = Ask(PlanBuilder())
    ask_for(ask, [("a", seed) for seed in range(50)])
    text = plan_text(ask.builder.plan(), units=3)
    assert text.splitlines()[-1] == "  .. and 47 more" and len(text.splitlines()) == 5


def test_an_operand_that_is_not_there_is_shown_as_such():
    plan = good_plan()
    assert "predict(?" in plan_text(Plan(plan.tables[1:], plan.payloads))
