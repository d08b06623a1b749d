"""A deadline stops a run after the micro-batch at work; what was finished is kept, and the run can go on."""

from __future__ import annotations

import time

import pytest

from auditor.errors import Exit, TimeUp
from auditor.execute.stop import StopSignal
from auditor.execute.worker_processes import AT_WORK
from tests.execute.python_models import identify, score

LEVELS = list(range(10, 250)) * 4


@pytest.mark.parametrize("workers", [1, 2])
def test_when_the_time_is_up_the_run_stops_and_can_go_on(bench, tmp_path, workers):
    # So slow that there is something left when the first of two workers has stored something.
    levels = LEVELS if workers == 1 else LEVELS[:384]
    asked = score(tmp_path, [identify(tmp_path, "honest" if workers == 1 else "slow")], levels)
    run = bench("same", resources=asked.resources, workers=workers)
    run.executor._deadline = _after_the_first_block(run)
    with pytest.raises(TimeUp, match=r"^the time that was allowed is up; what was finished is kept$") as up:
        run.run(asked.plan)
    assert up.value.exit_status == Exit.INCOMPLETE
    assert 0 < run.ran() < len(levels)
    again = bench("same", resources=asked.resources)
    found = again.run(asked.plan)[asked.scores[0]]
    assert run.ran() + again.ran() == len(levels)
    assert found.tobytes() == bench("whole", resources=asked.resources).run(asked.plan)[asked.scores[0]].tobytes()


def test_workers_begin_nothing_that_they_have_read_ahead(bench, tmp_path):
    asked = score(tmp_path, [identify(tmp_path, "slow")], LEVELS)
    run = bench(resources=asked.resources, workers=2)
    run.executor._deadline = _after_the_first_block(run)
    with pytest.raises(TimeUp):
        run.run(asked.plan)
    batch = run.numerics.batch_of(asked.plan.tables[-1].op)
    # The first block, what was at work beside it, and what both began before anybody could look; never all.
    assert batch <= run.ran() <= AT_WORK * 2 * batch < len(LEVELS)


def _after_the_first_block(run):  # type: ignore[no-untyped-def]
    """A deadline that passes when the first block is stored."""

    class Passing(float):
        def __le__(self, now: object) -> bool:
            return any(each.arrivals for each in run.executor.watch.times)

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
