"""The conveyor: what overlaps, in which order things are handed on, and what an error or a stop leaves behind."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from auditor.execute.conveyor import MOST_BEHIND, convey
from auditor.execute.picture_reader import PicturePlace
from auditor.execute.task import Task
from auditor.plan import predict

PATIENCE = 20


def tasks(count: int) -> list[Task]:
    """So many tasks, each with one input; `size` is its number."""
    return [Task((), {}, np.empty(0, np.uint64), (PicturePlace(file=str(i)),), i) for i in range(count)]


class Belt:
    """Stands in for a bench, so that every step can be made to wait or to fail; says what it did."""

    def __init__(self, fails: dict[str, int] | None = None) -> None:
        self.fails = fails or {}
        self.done: dict[str, list[int]] = {"prepare": [], "compute": [], "pack": [], "hand_on": []}
        self.stop = False

    def load(self, ops) -> None: ...

    def prepare(self, task: Task) -> int:
        return self._step("prepare", task.size)

    def compute(self, task: Task, batch: int) -> int:
        assert batch == task.size
        return self._step("compute", task.size)

    def pack(self, task: Task, outputs: int) -> tuple[bytes, ...]:
        self._step("pack", outputs)
        return (bytes([outputs]),)

    def hand_on(self, packed) -> int:
        return self._step("hand_on", packed[0][0])

    def _step(self, what: str, number: int) -> int:
        self.wait(what, number)
        if self.fails.get(what) == number:
            raise ValueError(f"{what} {number}")
        self.done[what].append(number)
        return number

    def wait(self, what: str, number: int) -> None: ...

    def run(self, count: int) -> list[int]:
        waiting = iter(tasks(count))
        return list(convey(self, lambda wait: next(waiting, None), lambda: self.stop, self.hand_on))


@pytest.fixture(autouse=True)
def one_op(monkeypatch):
    """All tasks are of one op, so that inputs may be read ahead."""
    op = predict("a" * 64)
    monkeypatch.setattr(Task, "ops", property(lambda task: (op,)))


def test_everything_is_handed_on_in_order():
    belt = Belt()
    assert belt.run(20) == list(range(20)) == belt.done["hand_on"]


def test_reading_and_packing_go_on_while_a_batch_is_computed():
    """Computing batch 3 waits until batch 4 is read and batch 2 handed on; without overlap it would wait in vain."""
    belt = Belt()
    read, packed = threading.Event(), threading.Event()

    def wait(what: str, number: int) -> None:
        if (what, number) == ("compute", 3):
            assert read.wait(PATIENCE) and packed.wait(PATIENCE)
        if (what, number) == ("prepare", 4):
            read.set()
        if (what, number) == ("hand_on", 2):
            packed.set()

    belt.wait = wait
    assert belt.run(6) == list(range(6))


def test_no_more_than_a_few_batches_wait_to_be_packed():
    belt = Belt()
    most = []

    def wait(what: str, number: int) -> None:
        if what == "pack":
            time.sleep(0.02)
        if what == "compute":
            most.append(number - len(belt.done["hand_on"]))

    belt.wait = wait
    belt.run(20)
    assert 0 < max(most) <= MOST_BEHIND + 1
    assert max(belt.done["prepare"]) == 19


@pytest.mark.parametrize("what", ["prepare", "compute"])
def test_what_was_computed_before_an_error_is_handed_on(what):
    belt = Belt({what: 5})
    belt.wait = lambda step, number: time.sleep(0.05 if step == "pack" else 0)
    with pytest.raises(ValueError, match=f"{what} 5"):
        belt.run(10)
    assert belt.done["hand_on"] == belt.done["compute"] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("what", ["pack", "hand_on"])
def test_what_was_computed_after_a_batch_that_could_not_be_kept_is_handed_on(what):
    belt = Belt({what: 5})
    with pytest.raises(ValueError, match=f"{what} 5"):
        belt.run(50)
    assert belt.done["hand_on"] == [number for number in belt.done["compute"] if number != 5]
    assert max(belt.done["compute"]) <= 5 + MOST_BEHIND + 2


def test_the_error_that_came_first_is_the_one_that_is_raised():
    belt = Belt({"compute": 5, "hand_on": 4})
    belt.wait = lambda step, number: time.sleep(0.2 if (step, number) == ("hand_on", 4) else 0)
    with pytest.raises(ValueError, match="compute 5"):
        belt.run(10)


def test_after_a_stop_nothing_is_begun_and_nothing_is_lost():
    belt = Belt()

    def wait(what: str, number: int) -> None:
        if (what, number) == ("compute", 7):
            belt.stop = True

    belt.wait = wait
    assert belt.run(20) == list(range(8)) == belt.done["compute"]


def test_whoever_leaves_early_loses_nothing_that_was_computed():
    belt = Belt()
    belt.wait = lambda step, number: time.sleep(0.02 if step == "pack" else 0)
    waiting = iter(tasks(20))
    running = convey(belt, lambda wait: next(waiting, None), lambda: False, belt.hand_on)
    next(running)
    running.close()
    assert belt.done["hand_on"] == belt.done["compute"] and len(belt.done["compute"]) < 8
