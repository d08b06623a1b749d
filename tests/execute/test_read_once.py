"""A block is read once by each opening of a store, and one that nobody needs is not read at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from auditor.execute.storage import objects as objects_module
from auditor.execute.stored_inputs import all_there
from auditor.plan import Plan
from tests.execute.classes import batches


@pytest.fixture
def reads(monkeypatch) -> Counter[str]:
    """How often each object was read, from now on; reading works as it does."""
    counted: Counter[str] = Counter()
    read = objects_module.Objects.read

    def counting(self, digest):  # type: ignore[no-untyped-def]
        counted[digest] += 1
        return read(self, digest)

    monkeypatch.setattr(objects_module.Objects, "read", counting)
    return counted


def names(run, kind: str) -> set[str]:
    """The objects that hold units of this kind."""
    return {
        path.parent.name + path.name
        for path in run.objects()
        if f'"kind":"{kind}"'.encode() in path.read_bytes().partition(b"\n")[0]
    }


def test_a_fresh_run_reads_nothing_back_to_check_it(bench, small_plan, pairs, reads):
    small = small_plan(pairs)
    run = bench()
    answers = run.run(small.plan)
    assert not reads, "what was written in this process was hashed then"
    small.outputs(answers)
    assert set(reads) == names(run, "generate") and max(reads.values()) == 1


def test_a_second_run_reads_everything_it_relies_on_once(bench, small_plan, pairs, reads):
    small = small_plan(pairs)
    first = bench("same")
    first.run(small.plan)[small.scores]
    reads.clear()
    second = bench("same")
    for _ in range(4):  # Rounds of analyses and checks.
        second.run(small.plan)[small.scores]
    assert set(reads) == names(first, "predict") | names(first, "generate") and max(reads.values()) == 1


def test_pictures_that_nobody_wants_and_whose_scores_are_stored_are_not_read(bench, small_plan, pairs, reads):
    small = small_plan(pairs)
    pictures, scores = small.plan.tables
    plan = Plan((replace(pictures, wanted=np.zeros(len(pictures), bool)), scores), small.plan.payloads)
    first = bench("same")
    first.run(plan)
    reads.clear()
    bench("same").run(plan)[small.scores]
    assert set(reads) == names(first, "predict")


def test_inputs_of_what_runs_are_read_once_before_anything_is_computed(bench, small_plan, pairs, numerics, reads):
    small, part = small_plan(pairs), small_plan(pairs[:3])
    bench("same").run(small.plan)
    reads.clear()
    again = bench("same", numerics=batches(numerics, predict=4))
    again.run(part.plan)
    again.run(small.plan)
    assert again.ran() == len(pairs)
    assert set(reads) == names(again, "generate") and max(reads.values()) == 1


@pytest.mark.parametrize("spoil", ["gone", "shorter", "flipped"])
def test_a_picture_that_is_lost_is_made_again_although_its_score_is_stored(bench, small_plan, pairs, spoil):
    """A picture is evidence."""
    small = small_plan(pairs[:3])
    first = bench("same")
    found = small.outputs(first.run(small.plan))
    (name,) = names(first, "generate")
    path = first.folder / "store/objects" / name[:2] / name[2:]
    kept = path.read_bytes()
    if spoil == "gone":
        path.unlink()
    else:
        path.write_bytes(kept[:-1] if spoil == "shorter" else kept[:-1] + bytes([kept[-1] ^ 1]))
    again = bench("same")
    answers = again.run(small.plan)
    assert again.ran() == 3 and path.read_bytes() == kept
    assert small.outputs(answers) == found


def test_a_picture_that_turns_out_damaged_when_it_is_shown_is_made_again(bench, small_plan, pairs):
    """As where the disk fails between the plan's answer and the gallery."""
    small = small_plan(pairs[:3])
    first = bench("same")
    found = small.outputs(first.run(small.plan))
    again = bench("same")
    answers = again.run(small.plan)
    (name,) = names(first, "generate")
    path = first.folder / "store/objects" / name[:2] / name[2:]
    kept = path.read_bytes()
    path.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    assert small.outputs(answers) == found
    assert again.ran() == 3 and path.read_bytes() == kept
    assert (first.folder / "store/quarantine" / name).exists()


def test_scores_that_are_lost_after_a_plan_was_answered_are_no_missing_numbers(bench, small_plan, pairs):
    from auditor.errors import ExecutionError

    small = small_plan(pairs[:3])
    run = bench()
    answers = run.run(small.plan)
    (name,) = names(run, "predict")
    (run.folder / "store/objects" / name[:2] / name[2:]).unlink()
    run.store._blocks.clear()
    with pytest.raises(ExecutionError, match=r"outputs of predict were lost .* run the same command again"):
        answers[small.scores]
    assert len(run.run(small.plan)[small.scores]) == 3 and run.ran() == 9


def test_what_the_index_alone_knows_is_not_there(bench, small_plan, pairs, numerics):
    from auditor.execute import schedule

    small = small_plan(pairs[:3])
    run = bench()
    run.run(small.plan)
    tables = schedule(small.plan, run.store, numerics)
    assert all_there(tables, run.store)
    for path in run.objects():
        path.unlink()
    again = bench("bench")
    assert not all_there(tables, again.store)
    assert [table.stored for table in schedule(small.plan, again.store, numerics)] == [0, 0]
