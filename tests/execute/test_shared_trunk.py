"""Models on one trunk are scored together: a pass for each picture, the bits of separate runs, blocks of each op."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from auditor.digest import digest_file
from auditor.execute import Resources
from auditor.execute.kernels import predict as predict_kernel
from auditor.plan import Ask, Plan, PlanBuilder, Units
from tests.models.test_trunk import identify, save

HEADS = {"a": 3, "b": 2, "c": 4}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Three models on one trunk."""
    folder = tmp_path_factory.mktemp("heads")
    return save(folder, "ResNet", HEADS)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(70):
        pixels = np.random.default_rng(number).integers(0, 256, (32, 32, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return sorted(folder.iterdir(), key=lambda path: int(path.stem))


@pytest.fixture
def opened(monkeypatch):
    """How many models each load took together."""
    counts: list[int] = []
    real = predict_kernel.open_models

    def counting(identities, device):  # type: ignore[no-untyped-def]
        counts.append(len(identities))
        return real(identities, device)

    monkeypatch.setattr(predict_kernel, "open_models", counting)
    return counts


def plan_of(asked, files) -> tuple[Plan, list[Units]]:  # type: ignore[no-untyped-def]
    """A plan in which each model scores the files in its own slice."""
    ask = Ask(PlanBuilder())
    scores = []
    for model, part in asked:
        paths = files[part]
        pictures = ask.load([str(path) for path in paths], [digest_file(path) for path in paths])
        scores.append(ask.predict(model.digest, pictures))
    return ask.builder.plan(), scores


def resources(models) -> Resources:  # type: ignore[no-untyped-def]
    return Resources({model.digest: model for model in models}, {})


def alone(bench, model, files, part=slice(None)) -> np.ndarray:  # type: ignore[no-untyped-def]
    plan, (scores,) = plan_of([(model, part)], files)
    return bench(f"alone-{model.name}-{part}", resources=resources([model])).run(plan)[scores]


def test_together_they_have_the_bits_of_separate_runs_and_load_once(bench, models, files, opened):
    plan, scores = plan_of([(model, slice(None)) for model in models], files)
    run = bench("together", resources=resources(models))
    answers = run.run(plan)
    assert opened == [3]
    for model, handle in zip(models, scores, strict=True):
        assert answers[handle].tobytes() == alone(bench, model, files).tobytes(), model.name
    assert run.ran() == 3 * len(files) and len(run.objects()) == 3 * 3
    assert run.journal.events("probe")[-1]["holds"] and len(run.journal.events("probe")) == 3


def test_each_model_scores_what_it_was_asked_and_no_more(bench, models, files):
    """Pictures are gone through once, each op getting its own units out of every batch."""
    parts = [slice(0, 40), slice(30, 70), slice(10, 20)]
    plan, scores = plan_of(list(zip(models, parts, strict=True)), files)
    run = bench("together", resources=resources(models))
    answers = run.run(plan)
    assert run.executor.ran == {
        table.op.digest: len(table) for table in plan.tables if table.op.kind == "predict"
    } and sorted(run.executor.ran.values()) == [10, 40, 40]
    for model, part, handle in zip(models, parts, scores, strict=True):
        assert answers[handle].tobytes() == alone(bench, model, files, part).tobytes(), model.name


def test_what_one_of_them_has_stored_is_not_computed_again(bench, models, files):
    plan, (first,) = plan_of([(models[0], slice(0, 33))], files)
    before = bench("same", resources=resources(models)).run(plan)[first]
    plan, scores = plan_of([(model, slice(None)) for model in models], files)
    run = bench("same", resources=resources(models))
    answers = run.run(plan)
    assert run.ran() == 3 * 70 - 33
    assert answers[scores[0]][:33].tobytes() == before.tobytes()
    for model, handle in zip(models, scores, strict=True):
        assert answers[handle].tobytes() == alone(bench, model, files).tobytes()


def test_models_of_other_trunks_are_scored_by_themselves(bench, models, files, opened, tmp_path):
    (other,) = save(tmp_path, "ConvNext", {"d": 2})
    python = [*models, other]
    plan, _ = plan_of([(model, slice(0, 5)) for model in python], files)
    bench(resources=resources(python)).run(plan)
    assert sorted(opened) == [1, 3]


def test_one_model_is_not_looked_into(bench, models, files, monkeypatch):
    """Finding a trunk reads all weights: for one model that is for nothing."""
    from auditor.execute import groups

    monkeypatch.setattr(groups, "trunk_of", lambda model: pytest.fail("the weights were read"))
    plan, _ = plan_of([(models[0], slice(0, 5))], files)
    bench(resources=resources(models)).run(plan)


def test_two_workers_equal_one(bench, models, files):
    plan, scores = plan_of([(model, slice(None)) for model in models], files)
    one = bench("one", resources=resources(models)).run(plan)
    two = bench("two", workers=2, resources=resources(models), share=8)
    answers = two.run(plan)
    assert two.executor._staff.ready is not None and two.executor._staff.ready.count == 2
    for handle in scores:
        assert answers[handle].tobytes() == one[handle].tobytes()


def test_the_audited_models_of_the_zoo_are_scored_together(bench, files, opened):
    from auditor.zoo import builtin_folder

    zoo = builtin_folder("shapes/outcome").parent
    pair = [identify(zoo, name) for name in ("outcome", "outcome-biased")]
    plan, scores = plan_of([(model, slice(0, 40)) for model in pair], files)
    answers = bench("zoo", resources=resources(pair)).run(plan)
    assert opened == [2]
    for model, handle in zip(pair, scores, strict=True):
        assert answers[handle].tobytes() == alone(bench, model, files, slice(0, 40)).tobytes()


class Told:
    """Remembers what it is told of the time that is left."""

    def __init__(self) -> None:
        self.left: list[float | None] = []

    def begin(self, what: str, total: int) -> None:
        self.what, self.total = what, total

    def advance(self, units: int) -> None: ...

    def end(self) -> None: ...

    def expect(self, seconds: float | None) -> None:
        self.left.append(seconds)


def test_the_time_left_is_told_of_a_group_as_of_one_op(bench, models, files):
    from auditor.execute import Executor, answered_beside, schedule
    from auditor.run.cost import Work
    from auditor.run.forecast import Forecaster

    run = bench(resources=resources(models))
    plan, _ = plan_of([(model, slice(None)) for model in models], files)
    tables = schedule(plan, run.store, run.numerics)
    beside = answered_beside(tables, resources(models), run.numerics)
    ops = [table.table.op.digest for table in tables if table.run.any()]
    assert beside == {ops[1]: ops[0], ops[2]: ops[0]}
    told = Told()
    forecaster = Forecaster(told, Work(plan, tables, run.numerics, 1, run.folder / "store", beside))
    executor = Executor(run.store, run.journal, resources(models), run.numerics, 1, forecaster)
    forecaster.follow(executor.watch)
    executor.run(plan)
    assert told.what == "scoring with a, b and c" and told.total == 3 * len(files)
    assert told.left[0] is None and told.left[-1] == 0.0
    assert set(forecaster.forecasts) == {ops[0]}
    assert [each.beside for each in executor.watch.times] == [None, ops[0], ops[0]]
    assert [each.units for each in executor.watch.times] == [len(files)] * 3
