"""A deadline stops a run after the micro-batch at work; what was finished is kept, and the run can go on."""

from __future__ import annotations

import time

import pytest

from auditor.errors import Exit, TimeUp
from auditor.execute.probe import CHECKS
from auditor.execute.stop import StopSignal
from auditor.execute.verdicts import Verdict, Verdicts
from auditor.execute.worker_processes import AT_WORK
from tests.execute.python_models import identify, score

LEVELS = list(range(10, 250)) * 4


@pytest.mark.parametrize("workers", [1, 2])
def test_when_the_time_is_up_the_run_stops_and_can_go_on(bench, tmp_path, workers):
    asked = score(tmp_path, [identify(tmp_path, "honest")], LEVELS)
    run = bench("same", resources=asked.resources, workers=workers)
    run.executor._deadline = _after_the_first_block(run)
    with pytest.raises(TimeUp, match=r"^the time that was allowed is up; what was finished is kept$") as up:
        run.run(asked.plan)
    assert up.value.exit_status == Exit.INCOMPLETE
    assert 0 < run.ran() < len(LEVELS)
    again = bench("same", resources=asked.resources)
    found = again.run(asked.plan)[asked.scores[0]]
    assert run.ran() + again.ran() == len(LEVELS)
    assert found.tobytes() == bench("whole", resources=asked.resources).run(asked.plan)[asked.scores[0]].tobytes()


def test_workers_begin_nothing_that_they_have_read_ahead(bench, tmp_path):
    asked = score(tmp_path, [identify(tmp_path, "goes_ahead")], LEVELS)
    run = bench(resources=asked.resources, workers=2)
    op = asked.plan.tables[-1].op
    op_class = run.numerics.class_of(op)
    Verdicts(run.store.root).keep(Verdict(op.digest, op_class.digest, dict.fromkeys(CHECKS, True)))  # No probe.
    looked = 0

    def look() -> None:
        nonlocal looked
        looked += 1
        if looked == 2:  # Since it looked first, workers know that they are to stop.
            (tmp_path / "go").touch()

    run.executor._deadline = _after_the_first_block(run, look)
    with pytest.raises(TimeUp):
        run.run(asked.plan)
    # The first block, and what each worker was at when it waited; six were given out.
    assert 2 <= run.ran() / run.numerics.batch_of(op) <= 3 < AT_WORK * 2


def test_a_worker_that_waits_for_the_probe_of_another_does_not_go_through_the_whole_plan(bench, tmp_path):
    """Nothing is stored before the probe has held: where that takes long, all would be computed, and at risk."""
    asked = score(tmp_path, [identify(tmp_path, "probed_late")], LEVELS)
    run = bench(resources=asked.resources, workers=2)
    run.executor._deadline = _after_the_first_block(run)
    with pytest.raises(TimeUp):
        run.run(asked.plan)
    # All that was given out beside the probe.
    assert run.ran() == (AT_WORK * 2 - 1) * run.numerics.batch_of(asked.plan.tables[-1].op) < len(LEVELS)


def _after_the_first_block(run, passed=lambda: None):  # type: ignore[no-untyped-def]
    """A deadline that passes when the first block is stored; `passed` is called whenever it is then looked at."""

    class Passing(float):
        def __le__(self, now: object) -> bool:
            if not any(each.arrivals for each in run.executor.watch.times):
                return False
            passed()
            return True

    return Passing()


def test_a_deadline_that_has_passed_begins_nothing(bench, tmp_path):
    asked = score(tmp_path, [identify(tmp_path, "honest")], LEVELS[:50])
    run = bench(resources=asked.resources, deadline=time.monotonic() - 1)
    with pytest.raises(TimeUp, match="the time that was allowed is up"):
        run.run(asked.plan)
    assert run.executor.ran == {} and run.executor.watch.times == []


def test_what_is_finished_when_the_time_is_up_is_answered(bench, tmp_path):
    """Nothing is left to do: a deadline is no fault then."""
    asked = score(tmp_path, [identify(tmp_path, "honest")], LEVELS[:50])
    bench("same", resources=asked.resources).run(asked.plan)
    again = bench("same", resources=asked.resources, deadline=time.monotonic() - 1)
    assert again.run(asked.plan)[asked.scores[0]].shape == (50, 2)


def test_a_signal_and_a_deadline_say_different_things():
    from auditor.errors import Interrupted

    never, passed = StopSignal(), StopSignal(time.monotonic() - 1)
    never.raise_if_asked(unfinished=True)
    passed.raise_if_asked(unfinished=False)
    assert passed() and not never()
    passed.asked = True
    with pytest.raises(Interrupted):
        passed.raise_if_asked(unfinished=False)
