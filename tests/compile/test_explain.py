"""What `plan` says of a plan's cost, with and without a store."""

from __future__ import annotations

from auditor.audit import explain_plan, plan_audit, run_audit
from auditor.compile import OpRow


def by_op(rows: tuple[OpRow, ...]) -> dict[str, OpRow]:
    return {row.op: row for row in rows}


def test_every_op_has_a_line(loaded, materials, bench):
    view, plan = plan_audit(loaded.spec, materials)
    place = bench()
    fresh = by_op(explain_plan(loaded.spec, view, plan, place.store, place.numerics))
    assert list(fresh) == ["load pictures", "generate captions", "predict outcome", "predict shapes"]
    generate = fresh["generate captions"]
    assert (generate.as_published, generate.distinct, generate.stored) == (24 * 2 * 1501, 192, 0)
    assert generate.to_run == 192
    assert fresh["load pictures"].to_run == 0 and fresh["load pictures"].as_published is None
    assert fresh["predict outcome"].as_published == generate.as_published
    assert fresh["predict shapes"].as_published is None, "the paper's count is of what it audits"
    run_audit(loaded.spec, materials, place.executor)
    done = by_op(explain_plan(loaded.spec, view, plan, place.store, place.numerics))
    assert {row.to_run for row in done.values()} == {0}
    assert done["generate captions"].stored == 192
    assert {op: place.executor.ran.get(row.op_digest, 0) for op, row in done.items()} == {
        op: row.to_run for op, row in fresh.items()
    }


def test_two_analyses_share_pictures_and_count_what_each_would_publish(loaded, materials):
    analysis = loaded.spec.analyses[0]
    second = analysis.model_copy(update={"name": "second", "concepts": ("red circle",), "permutations": 25})
    spec = loaded.spec.model_copy(update={"analyses": (analysis, second)})
    view, plan = plan_audit(spec, materials)
    rows = by_op(explain_plan(spec, view, plan, None, materials_numerics()))
    assert rows["generate captions"].distinct == 192
    assert rows["generate captions"].as_published == 24 * 2 * 1501 + 24 * 2 * 26


def materials_numerics():  # type: ignore[no-untyped-def]
    from auditor.execute import default_numerics

    return default_numerics()
