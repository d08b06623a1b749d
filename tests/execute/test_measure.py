"""Measuring: the real workers on a few units of the plan, of which nothing stays but what they took."""

from __future__ import annotations

import os

import numpy as np
import pytest

from auditor.audit import plan_audit, resources_of
from auditor.errors import ExecutionError
from auditor.execute import Resources, Store, measure, schedule
from auditor.execute.measure import PREFIX, STALE_SECONDS, staffing
from auditor.execute.trial import part_of
from auditor.plan import broken_invariant


@pytest.fixture
def plan(loaded, materials):
    return plan_audit(loaded.spec, materials)[1]


def measured(plan, materials, numerics, folder, store=None, unknown=None, told=None, workers=1):
    """What `measure` finds of a plan; by default of every op."""
    tables = schedule(plan, store, numerics)
    if unknown is None:
        unknown = [table.op.digest for table in plan.tables]
    told = [] if told is None else told
    return measure(plan, tables, unknown, store, resources_of(materials), numerics, workers, folder, told.append)


def test_every_op_that_is_to_run_is_timed_and_nothing_is_left(plan, materials, numerics, tmp_path):
    told: list[str] = []
    stale, fresh = tmp_path / f"{PREFIX}killed", tmp_path / f"{PREFIX}at-work"
    for left in (stale, fresh):
        left.mkdir()
    os.utime(stale, (os.stat(stale).st_atime, os.stat(stale).st_mtime - 2 * STALE_SECONDS))
    found = measured(plan, materials, numerics, tmp_path, told=told)
    by_kind = {table.op.kind: table.op.digest for table in plan.tables}
    assert list(found) == told == [table.op.digest for table in plan.tables if table.op.kind != "load"]
    assert list(tmp_path.iterdir()) == [fresh], "what a killed measurement left is cleared, and only that"
    for timing in found.values():
        assert timing.waves >= 2 and timing.wave > 0 and timing.workers == 1
        assert timing.wave_error < timing.wave
    generated = found[by_kind["generate"]]
    assert generated.cold is not None and generated.warm is None and generated.batch == 16
    assert 100 < generated.unit_bytes < 3 * 16 * 16 + 400, "a picture of 16 x 16 and its part of the header"
    scored = [found[table.op.digest] for table in plan.tables if table.op.kind == "predict"]
    assert all(timing.cold is None and timing.warm is not None for timing in scored)


def test_what_is_stored_is_not_computed_and_its_pictures_are_scored(plan, materials, numerics, bench, tmp_path):
    place = bench()
    generate = next(table for table in plan.tables if table.op.kind == "generate")
    place.run(part_of(plan, {generate.op.digest: np.arange(len(generate))}))
    before = [path.name for path in place.objects()]
    told: list[str] = []
    found = measured(plan, materials, numerics, tmp_path / "timings", store=place.store, told=told)
    assert generate.op.digest not in found and len(found) == 2
    assert found[told[0]].cold is not None, "the first op that runs starts the workers"
    assert [path.name for path in place.objects()] == before


def test_scores_of_pictures_that_nobody_made_are_timed_on_a_few(plan, materials, numerics, tmp_path):
    """The generator's timing is kept already, so its pictures are at hand nowhere."""
    predict = next(table.op.digest for table in plan.tables if table.op.kind == "predict")
    found = measured(plan, materials, numerics, tmp_path, unknown=[predict])
    assert list(found) == [predict] and found[predict].waves == 1


def test_two_workers_are_timed_together(plan, materials, numerics, tmp_path):
    generate = next(table.op.digest for table in plan.tables if table.op.kind == "generate")
    found = measured(plan, materials, numerics, tmp_path, unknown=[generate], workers=2)
    assert found[generate].workers == 2 and found[generate].waves >= 1


def test_staffing_is_that_of_a_run(plan, numerics):
    """192 pictures are worth three workers, and whoever stands ready helps with what is worth fewer."""
    tables = schedule(plan, None, numerics)
    found = [(table.table.op.kind, workers, cold) for table, workers, cold in staffing(tables, 8)]
    assert found == [("generate", 3, True), ("predict", 3, False), ("predict", 3, False)]
    assert [workers for _, workers, _ in staffing(tables, 2)] == [2, 2, 2]


def test_a_model_that_fails_says_so_and_leaves_nothing(plan, materials, numerics, tmp_path):
    resources = resources_of(materials)
    broken = {digest: model for digest, model in resources.models.items()}
    pipelines = {
        digest: type(pipeline)(**{**vars(pipeline), "folder": tmp_path / "gone"})
        for digest, pipeline in resources.pipelines.items()
    }
    tables = schedule(plan, None, numerics)
    unknown = [table.op.digest for table in plan.tables]
    with pytest.raises(ExecutionError, match="generate failed"):
        measure(plan, tables, unknown, None, Resources(broken, pipelines), numerics, 1, tmp_path / "t", lambda op: None)
    assert list((tmp_path / "t").iterdir()) == []


def test_a_part_of_a_plan_is_a_plan(plan):
    predict = plan.tables[-1]
    part = part_of(plan, {predict.op.digest: np.array([0, len(predict) - 1])})
    assert broken_invariant(part) is None
    assert [int(table.wanted.sum()) for table in part.tables][-1] == 2
    assert part.tables[-1].rows.tobytes() == predict.rows[[0, len(predict) - 1]].tobytes()
    assert sum(len(table) for table in part.tables) == 4, "two scores and the two pictures they are of"


def test_a_store_of_a_run_is_left_alone(plan, materials, numerics, tmp_path):
    store = Store(tmp_path / "store")
    measured(plan, materials, numerics, tmp_path / "store/timings", store=store)
    assert not list((tmp_path / "store/objects").glob("??/*"))
    store.close()
