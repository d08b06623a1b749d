"""Profiles become classes: what each leaves to the device, and what it fixes."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from auditor.errors import UsageError
from auditor.execute import Numerics, devices, numerics_of, resolve_numerics
from auditor.numerics_profile import BatchSizes, NumericsProfile
from auditor.plan import Ask, Plan, PlanBuilder, generate, load, predict


def plan_of(pictures: int, steps: int = 10) -> Plan:
    """So many pictures of one generator."""
    ask = Ask(PlanBuilder())
    op = generate("a" * 64, steps, 2.0, 16, 16)
    handle = ask.generate(op, np.array(["x"] * pictures, dtype=object), np.arange(pictures, dtype=np.uint64))
    ask.builder.want(handle)
    return ask.builder.plan()


@pytest.fixture
def gpus(monkeypatch):
    """A machine whose GPUs have these names: the class is a value, and no GPU is used to make it."""
    return lambda *names: monkeypatch.setattr(resolve_numerics, "gpu_names", lambda: names)


def test_without_a_driver_torch_is_not_asked():
    """Finding the class takes milliseconds: `plan` and a run that is current need no torch."""
    program = (
        "import sys\nfrom auditor.execute import numerics_of, default_workers\n"
        "print(numerics_of('default').device, default_workers(numerics_of('default')) > 0, 'torch' in sys.modules)"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], env={"CUDA_VISIBLE_DEVICES": ""}, capture_output=True, text=True, check=True
    )
    assert out.stdout.split() == ["cpu", "True", "False"]


@pytest.mark.parametrize(("visible", "drivers", "torch", "possible"), [
    (None, True, "2.13.0", True), (None, True, "2.13.0+cu128", True), ("0,1", True, "2.13.0", True),
    (None, False, "2.13.0", False), (None, True, "2.13.0+cpu", False), ("", True, "2.13.0", False),
    ("-1", True, "2.13.0", False),
])  # fmt: skip
def test_where_a_gpu_can_be(monkeypatch, tmp_path, visible, drivers, torch, possible):
    monkeypatch.setattr(devices, "DRIVERS", (str(tmp_path if drivers else tmp_path / "none"),))
    monkeypatch.setattr(devices, "package_version", lambda name: torch)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert devices._gpu_is_possible() is possible


def test_the_default_on_a_cpu(gpus):
    gpus()
    found = numerics_of("default")
    assert (found.device, found.dtype, found.memory_format, found.compile) == ("cpu", "float32", "contiguous", "never")
    assert [found.batch_of(op) for op in (load(), *ops())] == [64, 16, 32] and found.threads == 1


def test_the_default_on_a_gpu(gpus):
    gpus("NVIDIA A", "NVIDIA A", "NVIDIA B")
    found = numerics_of("default")
    assert (found.device, found.dtype, found.memory_format, found.compile) == (
        "cuda", "bfloat16", "channels_last", "auto"
    )  # fmt: skip
    assert found.processor == "NVIDIA A" and [found.batch_of(op) for op in ops()] == [8, 8]
    assert resolve_numerics.default_workers(found) == 2, "a GPU of another kind is another class"


def test_the_reference_computes_one_at_a_time(gpus):
    for names in ((), ("NVIDIA A",)):
        gpus(*names)
        found = numerics_of("reference")
        assert [found.batch_of(op) for op in ops()] == [1, 1] and found.compile == "never"


def test_a_named_profile_overrides_what_it_names(gpus):
    gpus("NVIDIA A")
    profile = NumericsProfile(name="wide", dtype="float32", batch=BatchSizes(generate=4), compile="never")
    found = numerics_of(profile)
    assert (found.profile, found.device, found.dtype, found.compile) == ("wide", "cuda", "float32", "never")
    assert [found.batch_of(op) for op in ops()] == [4, 8]
    assert numerics_of(NumericsProfile(name="here", device="cpu")).device == "cpu"


def test_a_gpu_that_is_not_there_is_said(gpus):
    gpus()
    with pytest.raises(UsageError, match=r"`mine` wants a GPU .* declare `device: auto` or `device: cpu`"):
        numerics_of(NumericsProfile(name="mine", device="cuda"))


def test_a_lowered_batch_is_of_one_op_alone():
    made, scored = ops()
    found = numerics_of("default").lower(made.digest, 4)
    assert (found.batch_of(made), found.batch_of(scored)) == (4, 32)
    assert found.batch_of(generate("b" * 64, 10, 2.0, 16, 16)) == 16
    assert found.lower(made.digest, 2).batch_of(made) == 2


def on_gpu() -> Numerics:
    return dataclasses.replace(numerics_of("default"), device="cuda", compile="auto")


def test_long_groups_are_compiled_by_the_plan_alone():
    """50 batches of 16 with 10 steps are 500 calls; one batch fewer is not worth it."""
    for pictures, compiled in ((800, True), (785, True), (784, False)):
        plan = plan_of(pictures)
        assert on_gpu().for_plan(plan).compiles(plan.tables[0].op) is compiled, pictures
    assert not numerics_of("default").for_plan(plan_of(800)).compiles(plan_of(800).tables[0].op)


def test_what_was_decided_stays_when_later_rounds_ask_for_more():
    first, later = plan_of(700), plan_of(2_000)
    decided = on_gpu().for_plan(first)
    assert decided.for_plan(later) == decided
    assert on_gpu().for_plan(later) != decided


def ops():  # type: ignore[no-untyped-def]
    return generate("a" * 64, 10, 2.0, 16, 16), predict("b" * 64)
