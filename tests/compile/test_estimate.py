"""What a plan costs follows from timings by arithmetic that can be done by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from auditor.compile import Cost, Range, estimate
from auditor.compile.estimate import LEAST_WIDTH, MOST_WIDTH, before, computing, size
from auditor.execute import ScheduledTable, Timing, default_numerics, schedule
from auditor.execute.storage.places import Places
from auditor.plan import Ask, Op, PlanBuilder, generate, ledits_pp, predict

TIMING = Timing(
    workers=2, batch=16, cold=9.0, warm=2.0, wave=1.5, wave_error=0.0, waves=8, unit_bytes=1000.0, unit_bytes_error=0.0
)  # fmt: skip
GENERATE, PREDICT = generate("a" * 64, 10, 2.0, 64, 64), predict("b" * 64)


def scheduled(op: Op, units: int, to_run: int) -> ScheduledTable:
    """An op with so many units, of which the last are to run."""
    builder = PlanBuilder()
    pictures = Ask(builder).generate(GENERATE, np.array(["x"] * units, object), np.arange(units, dtype=np.uint64))
    if op.kind == "predict":
        Ask(builder).predict("b" * 64, pictures)
    table = builder.plan().table(op.digest)
    run = np.arange(units) >= units - to_run
    places = Places(("c" * 64,), np.where(run, -1, 0), np.zeros(units, np.int64))
    return ScheduledTable(table, default_numerics().class_of(op), table.keys, places, run, np.zeros(units, bool))


def test_a_wave_that_is_not_full_takes_as_long_as_a_full_one():
    seconds = [computing(TIMING, units).estimate for units in (1, 32, 33, 2800)]
    assert seconds == [1.5, 1.5, 3.0, 88 * 1.5]


def test_workers_are_started_once_and_weights_for_each_op():
    tables = [scheduled(GENERATE, 200, 200), scheduled(PREDICT, 200, 200)]
    cost = estimate(tables, {GENERATE.digest: TIMING, PREDICT.digest: TIMING}, 2)
    assert [op.before.estimate for op in cost.ops if op.before] == [9.0, 2.0]
    assert cost.seconds is not None and cost.seconds.estimate == 9.0 + 2.0 + 2 * 7 * 1.5
    # An op worth more workers than those that stand ready starts them anew.
    tables = [scheduled(GENERATE, 20, 20), scheduled(PREDICT, 200, 200)]
    cost = estimate(tables, {GENERATE.digest: replace(TIMING, workers=1), PREDICT.digest: TIMING}, 2)
    assert [(op.workers, op.before.estimate) for op in cost.ops if op.before] == [(1, 9.0), (2, 9.0)]


def test_what_was_not_measured_as_it_will_begin_is_told_from_how_it_was_measured():
    assert before(replace(TIMING, cold=None), cold=True).estimate == 2.0
    assert before(replace(TIMING, warm=None), cold=False).estimate == 9.0


def test_what_is_stored_costs_nothing_and_needs_no_timing():
    cost = estimate([scheduled(GENERATE, 40, 0)], {}, 2)
    assert cost.seconds == cost.bytes == Range(0, 0, 0) and cost.workers == 0 and not cost.unmeasured
    part = estimate([scheduled(GENERATE, 40, 10)], {GENERATE.digest: replace(TIMING, workers=1)}, 2)
    assert part.seconds is not None and part.seconds.estimate == 9.0 + 1.5


def test_one_op_without_a_timing_leaves_the_whole_without_an_estimate():
    tables = [scheduled(GENERATE, 40, 40), scheduled(PREDICT, 40, 40)]
    cost = estimate(tables, {GENERATE.digest: TIMING}, 1, "the model cannot be loaded")
    assert cost.seconds is None and cost.bytes is None and cost.unmeasured == "the model cannot be loaded"
    known, unknown = cost.ops
    assert known.seconds is not None and unknown.seconds is None and unknown.to_run == 40
    assert cost.of(GENERATE.digest) is known and cost.of("d" * 64) is None


def test_objects_take_whole_pages_of_the_disk():
    assert size(TIMING, 16).estimate == 16_384
    assert size(TIMING, 17).estimate == 16_384 + 4096
    assert size(replace(TIMING, unit_bytes=1.0), 160).estimate == 10 * 4096


@pytest.mark.parametrize(
    ("error", "width"),
    [(0.0, LEAST_WIDTH), (0.1 * 1.5, math.hypot(LEAST_WIDTH, 0.2)), (math.inf, MOST_WIDTH)],
    ids=["equal waves", "waves that differ by a tenth", "one wave"],
)
def test_an_interval_is_as_wide_as_waves_differ_and_never_narrow(error, width):
    found = computing(replace(TIMING, wave_error=error), 320)
    assert found.estimate == 15.0
    assert (found.low, found.high) == pytest.approx((15 * (1 - width), 15 * (1 + width)))
    assert width <= 0.3, "an interval is no wider than 30 % either way"


def test_widths_add_up():
    """Other work on a machine makes all ops slow at once."""
    cost = estimate([scheduled(GENERATE, 40, 40)] * 2, {GENERATE.digest: replace(TIMING, workers=1)}, 1)
    assert isinstance(cost, Cost) and cost.seconds is not None
    first, second = (op.seconds for op in cost.ops)
    assert first is not None and second is not None
    assert cost.seconds.high == first.high + second.high


def test_an_op_that_another_ones_passes_answer_takes_room_and_no_time():
    """Scores of models on one trunk: the second is there when the first is."""
    first, second = scheduled(GENERATE, 320, 320), scheduled(PREDICT, 320, 320)
    beside = {PREDICT.digest: GENERATE.digest}
    alone = estimate([first], {GENERATE.digest: TIMING}, 2)
    both = estimate([first, second], {GENERATE.digest: TIMING}, 2, beside=beside)
    assert both.seconds == alone.seconds and not both.unmeasured
    assert both.bytes is not None and alone.bytes is not None
    assert both.bytes.estimate == 2 * alone.bytes.estimate, "its bytes are told from the other's, where it has none"


def test_units_that_may_not_be_computed_together_take_batches_of_their_own():
    """Two pictures, three points of each: two batches of LEDITS++, and not the one that six units would fill."""
    ask = Ask(PlanBuilder())
    pictures = ask.load(["a.png", "b.png"], ["a" * 64, "b" * 64])[np.array([[0] * 3, [1] * 3])]
    op = ledits_pp("c" * 64, 10, 64, 64)
    edits = ask.edit(
        op, pictures, np.full((2, 3), "red", dtype=object), np.tile([0.0, 1.0, 2.0], (2, 1)),
        seeds=np.zeros((2, 3), np.uint64),
    )  # fmt: skip
    ask.builder.want(edits)
    tables = schedule(ask.builder.plan(), None, default_numerics())
    timing = replace(TIMING, batch=8, workers=1)
    cost = estimate(tables, {op.digest: timing}, 1).of(op.digest)
    assert cost is not None and cost.computing is not None
    assert cost.computing.estimate == 2 * timing.wave
