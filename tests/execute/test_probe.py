"""The probe: models whose answers depend on what is computed beside a picture are caught before anything is stored."""

from __future__ import annotations

import json

import pytest

from auditor.errors import ExecutionError
from auditor.execute import numerics_of
from auditor.execute.verdicts import Verdicts
from tests.execute.python_models import identify, score

LEVELS = range(10, 210, 5)


@pytest.fixture
def scored(tmp_path):
    """A plan in which one of the models scores forty pictures."""
    return lambda function: score(tmp_path, [identify(tmp_path, function)], LEVELS)


def events(run, event: str) -> list[dict[str, object]]:
    return run.journal.events(event)


@pytest.mark.parametrize(("function", "differs", "said"), [
    ("beside_others", {"neighbours", "padding"}, "beside other units"),
    ("by_slot", {"slot"}, "in another place of the batch"),
    ("by_copies", {"padding"}, "filled up with copies"),
    ("by_chance", {"repeat"}, "when the very same batch is computed again"),
    ("by_call", {"repeat"}, "when the very same batch is computed again"),
])  # fmt: skip
def test_a_model_whose_answers_depend_on_their_company_is_caught(bench, scored, function, differs, said):
    asked = scored(function)
    run = bench(resources=asked.resources)
    with pytest.raises(ExecutionError, match=said) as caught:
        run.run(asked.plan)
    assert f"`{function}`" in str(caught.value)
    assert ("numerics: reference" in str(caught.value)) == ("repeat" not in differs)
    assert run.objects() == [] and run.executor.ran == {}, "something was stored"
    (event,) = events(run, "probe")
    assert event["holds"] is False
    assert {check for check, equal in event["equal"].items() if not equal} == differs


def test_one_at_a_time_there_is_no_company(bench, scored):
    asked = scored("beside_others")
    run = bench(resources=asked.resources, numerics=numerics_of("reference"))
    answers = run.run(asked.plan)
    assert (answers[asked.scores[0]][:, 0] == 0).all()
    (event,) = events(run, "probe")
    assert event["equal"] == {"repeat": True}


def test_a_model_that_draws_is_caught_also_one_at_a_time(bench, scored):
    asked = scored("by_chance")
    with pytest.raises(ExecutionError, match="it draws random numbers"):
        bench(resources=asked.resources, numerics=numerics_of("reference")).run(asked.plan)


def test_generator_and_classifier_keep_what_their_class_promises(bench, small_plan, pairs):
    small = small_plan(pairs)
    run = bench()
    run.run(small.plan)
    found = [event["equal"] for event in events(run, "probe")]
    assert found == [dict.fromkeys(("repeat", "neighbours", "slot", "padding"), True)] * 2
    verdicts = run.executor.verdicts
    assert set(verdicts) == {table.op.digest for table in small.plan.tables}
    assert all(verdict.holds for verdict in verdicts.values())


@pytest.mark.parametrize("count", [1, 2, 3, 33])
def test_few_units_are_probed_too(bench, tmp_path, count):
    for function in ("honest", "beside_others"):
        asked = score(tmp_path, [identify(tmp_path, function)], [90] * count)
        run = bench(f"{function}{count}", resources=asked.resources)
        if function == "honest":
            assert run.run(asked.plan)[asked.scores[0]].shape == (count, 2)
        else:
            with pytest.raises(ExecutionError, match="numerics: reference"):
                run.run(asked.plan)


def test_a_verdict_is_kept_so_that_a_resumed_run_has_it_and_does_not_probe_again(bench, tmp_path):
    model = identify(tmp_path, "honest")
    first = score(tmp_path, [model], LEVELS[:5])
    before = bench("same", resources=first.resources)
    before.run(first.plan)
    rest = score(tmp_path, [model], LEVELS)
    again = bench("same", resources=rest.resources)
    again.run(rest.plan)
    assert again.ran() == 35 and len(events(again, "probe")) == 1
    assert again.executor.verdicts == before.executor.verdicts
    third = bench("same", resources=rest.resources)
    third.run(rest.plan)
    assert third.executor.ran == {} and third.executor.verdicts == before.executor.verdicts


@pytest.mark.parametrize("spoil", [b"", b"{}", b"[1]", b'{"auditor_verdict": 1}', b"\xff"])
def test_a_damaged_verdict_is_none(bench, scored, spoil):
    asked = scored("honest")
    run = bench("same", resources=asked.resources)
    run.run(asked.plan)
    (file,) = (run.folder / "store" / "verdicts").iterdir()
    held = json.loads(file.read_bytes())
    assert held["equal"] == dict.fromkeys(("repeat", "neighbours", "slot", "padding"), True)
    file.write_bytes(spoil)
    table = asked.plan.tables[-1]
    assert Verdicts(run.store.root).find(table.op, run.numerics.class_of(table.op)) is None
    (run.folder / "store" / "index.sqlite").unlink()
    for path in run.objects():
        path.unlink()
    again = bench("same", resources=asked.resources)
    again.run(asked.plan)
    assert json.loads(file.read_bytes()) == held


def test_a_failed_verdict_is_no_reason_not_to_look_again(bench, tmp_path, scored):
    """The fault may have been the machine's: the op is probed anew, and fails anew while the fault is there."""
    asked = scored("beside_others")
    for number in (1, 2):
        run = bench("same", resources=asked.resources)
        with pytest.raises(ExecutionError, match="numerics: reference"):
            run.run(asked.plan)
        assert len(events(run, "probe")) == number


def test_a_model_is_caught_by_several_workers_as_by_one(bench, tmp_path):
    asked = score(tmp_path, [identify(tmp_path, "beside_others")], [*LEVELS] * 4)
    run = bench(resources=asked.resources, workers=2)
    with pytest.raises(ExecutionError, match="numerics: reference"):
        run.run(asked.plan)
    assert run.objects() == []
