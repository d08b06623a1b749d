"""A function of an author's that ends or crashes its process: the driver is left to say so, also with one worker."""

from __future__ import annotations

import pytest

from auditor.errors import Exit
from auditor.models import ModelFault
from tests.execute.python_models import identify, score

LEVELS = list(range(10, 250)) * 2


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("function", "how"),
    [
        ("leaves", "ended with status 3, which code of a model or of a library told it to"),
        ("crashes", r"crashed \(SIGSEGV\), in code of a model or of a library"),
    ],
)
def test_a_model_that_takes_its_process_along_is_named_and_finished_work_is_kept(
    bench, tmp_path, workers, function, how
):
    asked = score(tmp_path, [identify(tmp_path, function)], LEVELS)
    run = bench("same", resources=asked.resources, workers=workers)
    said = f"^a worker {how}; it was scoring with {function}; what was finished is kept$"
    with pytest.raises(ModelFault, match=said) as died:
        run.run(asked.plan)
    assert died.value.exit_status == Exit.INCOMPLETE
    assert 0 < run.ran() < len(LEVELS)
    (tmp_path / "go").touch()  # From now on it does as it should.
    again = bench("same", resources=asked.resources)
    found = again.run(asked.plan)[asked.scores[0]]
    assert run.ran() + again.ran() == len(LEVELS)
    assert found.tobytes() == bench("whole", resources=asked.resources).run(asked.plan)[asked.scores[0]].tobytes()


@pytest.mark.parametrize(
    ("function", "said"),
    [("leaves_at_once", "ended its process with status 3"), ("crashes_at_once", r"crashed its process \(SIGSEGV\)")],
)
def test_one_that_does_so_at_once_is_a_fault_of_the_document(bench, tmp_path, function, said):
    asked = score(tmp_path, [identify(tmp_path, function)], LEVELS[:40])
    run = bench(resources=asked.resources)
    with pytest.raises(ModelFault, match=f"^model `{function}` {said} when it was called$") as died:
        run.executor.open(asked.plan)
    assert died.value.permanent
    assert run.objects() == []


def test_a_function_without_torch_is_called_without_torch(bench, tmp_path):
    """Importing it would take longer than most functions do."""
    asked = score(tmp_path, [identify(tmp_path, "sees_torch")], LEVELS[:40])
    found = bench(resources=asked.resources).run(asked.plan)[asked.scores[0]]
    assert (found[:, 0] == 0).all()


def test_a_function_that_imports_torch_has_one_thread(bench, tmp_path):
    asked = score(tmp_path, [identify(tmp_path, "threads")], LEVELS[:40])
    found = bench(resources=asked.resources).run(asked.plan)[asked.scores[0]]
    assert (found == 1).all()
