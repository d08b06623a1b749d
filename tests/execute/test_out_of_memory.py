"""Running out of memory: the batch of the whole op is halved, its units are made again, and it is written down."""

from __future__ import annotations

import dataclasses

import pytest

from auditor.errors import ExecutionError
from auditor.execute import kernels
from auditor.execute.kernels.generate import GenerateKernel
from auditor.execute.kernels.predict import PredictKernel
from tests.execute.python_models import identify, score


def cuda_error() -> Exception:
    import torch

    return torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")


def cpu_error() -> Exception:
    """As torch itself says it: by asking for more than there is."""
    import torch

    try:
        torch.empty(2**55, dtype=torch.uint8)
    except RuntimeError as error:
        return error
    raise AssertionError("there was room for 32 petabytes")


@pytest.fixture
def refuses(monkeypatch):
    """Let an allocator refuse batches of `k` pictures or more, from the micro-batch number `after` on."""

    def refuse(k: int, kind: str = "generate", error=MemoryError, after: int = 0) -> list[int]:  # type: ignore[no-untyped-def]
        sizes: list[int] = []
        real = {"generate": GenerateKernel, "predict": PredictKernel}[kind]

        class Refusing(real):
            def run(self, batch):  # type: ignore[no-untyped-def]
                sizes.append(self._batch)
                if self._batch >= k and len(sizes) > after:
                    raise error()
                return super().run(batch)

        monkeypatch.setitem(kernels.KERNELS, kind, Refusing)
        return sizes

    return refuse


def declared(numerics, kind: str, size: int):
    """The class in which batches of a kind have this size from the start."""
    sizes = tuple((each, size if each == kind else count) for each, count in numerics.batch)
    return dataclasses.replace(numerics, batch=sizes)


@pytest.mark.parametrize(
    ("k", "error"), [(8, MemoryError), (4, MemoryError), (2, MemoryError), (8, cuda_error), (2, cpu_error)]
)
def test_the_whole_op_is_made_in_the_size_that_fits(bench, small_plan, pairs, refuses, numerics, k, error):
    small = small_plan(pairs[:20])
    expected = bench("declared", numerics=declared(numerics, "generate", k // 2))
    found = small.outputs(expected.run(small.plan))
    refuses(k, error=error)
    run = bench("lowered")
    assert small.outputs(run.run(small.plan)) == found
    assert [path.name for path in run.objects()] == [path.name for path in expected.objects()]
    halvings = [(each.name, each.batch_before, each.batch_after) for each in run.executor.backoffs]
    assert halvings == [("captions", size, size // 2) for size in (16, 8, 4, 2) if size >= k]
    assert [event["batch_after"] for event in run.journal.events("backoff")] == [after for _, _, after in halvings]
    made = small.plan.tables[0].op
    assert run.executor.numerics.batch_of(made) == k // 2


def test_what_was_made_before_memory_ran_out_is_made_again_in_one_size(bench, small_plan, pairs, refuses, numerics):
    """Else one op would have pictures of two classes."""
    small = small_plan(pairs)
    found = small.outputs(bench("declared", numerics=declared(numerics, "generate", 8)).run(small.plan))
    refuses(16, after=2)
    run = bench("lowered")
    assert small.outputs(run.run(small.plan)) == found
    assert run.ran() == 32 + 2 * len(pairs), "two batches of 16 came before"


def test_scores_are_halved_by_themselves(bench, small_plan, pairs, refuses, numerics):
    small = small_plan(pairs)
    refuses(32, kind="predict")
    run = bench("lowered")
    found = small.outputs(run.run(small.plan))
    pictures, scores = (table.op for table in small.plan.tables)
    assert (run.executor.numerics.batch_of(pictures), run.executor.numerics.batch_of(scores)) == (16, 16)
    expected = bench("declared", numerics=declared(numerics, "predict", 16))
    assert found == small.outputs(expected.run(small.plan))


def test_where_not_one_unit_fits_the_run_says_so_and_keeps_everything(bench, small_plan, pairs, refuses):
    small = small_plan(pairs)
    refuses(1, kind="predict")
    run = bench()
    with pytest.raises(ExecutionError, match="`outcome` runs out of memory even with one unit at a time"):
        run.run(small.plan)
    assert run.executor.ran == {small.plan.tables[0].op.digest: len(pairs)}


def test_a_resumed_run_begins_with_the_size_that_fitted(bench, small_plan, pairs, refuses):
    small = small_plan(pairs)
    refuses(8)
    first = bench("same")
    found = small.outputs(first.run(small.plan))
    sizes = refuses(8)
    again = bench("same")
    assert again.executor.backoffs == first.executor.backoffs and len(first.executor.backoffs) == 2
    assert small.outputs(again.run(small.plan)) == found
    assert again.executor.ran == {} and sizes == []


def test_a_journal_of_another_class_lowers_nothing(bench, small_plan, pairs, refuses, numerics):
    small = small_plan(pairs[:3])
    refuses(16)
    bench("same").run(small.plan)
    other = bench("same", numerics=declared(numerics, "generate", 4))
    assert other.executor.backoffs == () and other.executor.numerics == other.numerics


def test_a_probe_that_does_not_fit_is_halved_too(bench, small_plan, pairs, monkeypatch):
    class Refusing(GenerateKernel):
        def probe(self, batch):  # type: ignore[no-untyped-def]
            if self._batch > 4:
                raise MemoryError
            return super().probe(batch)

    monkeypatch.setitem(kernels.KERNELS, "generate", Refusing)
    run = bench()
    run.run(small_plan(pairs[:3]).plan)
    assert [each.batch_after for each in run.executor.backoffs] == [8, 4]


def test_weights_that_do_not_fit_are_no_matter_of_batches(bench, small_plan, pairs, monkeypatch):
    class Refusing(GenerateKernel):
        def __init__(self, *given):  # type: ignore[no-untyped-def]
            raise cuda_error()

    monkeypatch.setitem(kernels.KERNELS, "generate", Refusing)
    run = bench()
    with pytest.raises(ExecutionError, match="the weights that generate needs do not fit into memory"):
        run.run(small_plan(pairs[:3]).plan)
    assert run.executor.backoffs == ()


def test_workers_that_run_out_of_memory_are_halved_as_one(bench, tmp_path):
    """The model asks for too much at any size: every halving is gone through, in processes of their own."""
    asked = score(tmp_path, [identify(tmp_path, "hungry")], [*range(10, 250)])
    run = bench(resources=asked.resources, workers=2)
    with pytest.raises(ExecutionError, match="`hungry` runs out of memory even with one unit at a time"):
        run.run(asked.plan)
    assert [each.batch_after for each in run.executor.backoffs] == [16, 8, 4, 2, 1]
