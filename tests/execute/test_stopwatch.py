"""The executor says what each op took, by micro-batch."""

from __future__ import annotations


def test_every_micro_batch_is_on_the_record(bench, small_plan, pairs):
    small = small_plan(pairs)
    place = bench()
    place.run(small.plan)
    by_kind = {table.op.kind: place.executor.watch.of(table.op.digest) for table in small.plan.tables}
    assert [len(times) for times in by_kind.values()] == [1, 1]
    (generated,), (scored,) = by_kind["generate"], by_kind["predict"]
    assert generated.cold and not scored.cold, "the first op starts the worker, the second finds it ready"
    stored = sum(-(-path.stat().st_size // 4096) * 4096 for path in place.objects())
    assert generated.bytes + scored.bytes == stored
    for times, size in ((generated, 16), (scored, 32)):
        assert (times.units, times.workers) == (len(pairs), 1)
        assert [units for _, units, _ in times.arrivals[:-1]] == [size] * (len(times.arrivals) - 1)
        moments = [moment for moment, _, _ in times.arrivals]
        assert moments == sorted(moments) and 0 < moments[0] <= moments[-1] <= times.seconds
    place.run(small.plan)
    assert len(place.executor.watch.times) == 2, "nothing was computed, so nothing was timed"
