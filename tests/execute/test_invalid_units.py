"""fail_on_invalid: too many invalid units stop a run, wherever they come from, and as early as they are too many."""

from __future__ import annotations

import pytest

from auditor.errors import ExecutionError
from tests.execute.python_models import identify, score

DARK, LIGHT = 20, 120


@pytest.fixture
def mixed(tmp_path):
    """So many dark pictures, which have no score, after so many that have one."""

    def make(dark: int, light: int, functions=("half_invalid",)):  # type: ignore[no-untyped-def]
        models = [identify(tmp_path, function) for function in functions]
        return score(tmp_path, models, [LIGHT] * light + [DARK] * dark)

    return make


@pytest.mark.parametrize(("limit", "dark", "stops"), [
    (0.1, 10, False), (0.1, 11, True), (10, 10, True), (11, 10, False), (1, 1, True), (0.999, 100, True),
    (None, 100, False),
])  # fmt: skip
def test_a_share_is_exceeded_and_a_count_is_reached(bench, mixed, limit, dark, stops):
    asked = mixed(dark, 100 - dark)
    run = bench(resources=asked.resources, fail_on_invalid=limit)
    if not stops:
        answers = run.run(asked.plan)
        assert (answers.reasons(asked.scores[0]) != "").sum() == dark
        return
    with pytest.raises(ExecutionError, match=rf"half_invalid: {dark} of 100 units are invalid") as stopped:
        run.run(asked.plan)
    said = str(stopped.value)
    assert f"{dark} times: the model returned numbers that are not finite" in said
    assert "allow more with `fail_on_invalid` in the document" in said and stopped.value.exit_status == 3


def test_it_stops_when_it_is_clear_and_keeps_what_was_computed(bench, tmp_path):
    """The dark ones come first: of 500 units the first micro-batches are computed."""
    asked = score(tmp_path, [identify(tmp_path, "half_invalid")], [DARK] * 60 + [LIGHT] * 440)
    run = bench(resources=asked.resources, fail_on_invalid=0.1)
    with pytest.raises(ExecutionError, match="of 500 units are invalid, and fail_on_invalid allows 10 %"):
        run.run(asked.plan)
    assert 64 <= run.ran() < 250
    more = bench(resources=asked.resources)
    more.run(asked.plan)
    assert run.ran() + more.ran() == 500, "something that was computed was not kept"


def test_a_resumed_run_counts_what_is_stored_and_stops_at_once(bench, mixed):
    asked = mixed(20, 80)
    bench("same", resources=asked.resources).run(asked.plan)
    again = bench("same", resources=asked.resources, fail_on_invalid=0.1)
    with pytest.raises(ExecutionError, match="20 of 100 units are invalid"):
        again.run(asked.plan)
    assert again.executor.ran == {}
    assert bench("same", resources=asked.resources, fail_on_invalid=0.2).run(asked.plan)


def test_each_op_is_counted_by_itself(bench, mixed):
    asked = mixed(20, 80, functions=("half_invalid", "honest"))
    run = bench(resources=asked.resources, fail_on_invalid=30)
    assert run.run(asked.plan)
    with pytest.raises(ExecutionError, match="half_invalid: 20 of 100"):
        bench(resources=asked.resources, fail_on_invalid=20).run(asked.plan)


def test_several_workers_stop_alike(bench, tmp_path):
    asked = score(tmp_path, [identify(tmp_path, "half_invalid")], [DARK, LIGHT] * 100)
    run = bench(resources=asked.resources, workers=2, fail_on_invalid=0.4)
    with pytest.raises(ExecutionError, match="fail_on_invalid allows 40 %"):
        run.run(asked.plan)
    assert run.executor._staff.ready is None
    assert sum(record["units"] for record in run.journal.events("block")) == run.ran()
