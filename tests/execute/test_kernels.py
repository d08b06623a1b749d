"""Kernels with the settings of a GPU, on a CPU: the same code, in bfloat16, channels last, compiled."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from auditor.audit import resources_of
from auditor.execute import Numerics
from auditor.execute.kernels import KERNELS, UnitRows
from auditor.execute.kernels.text_embeddings import TextEmbeddings
from auditor.execute.torch_setup import quiet_libraries
from auditor.plan import Op, generate, predict

PROMPTS = ("red circle", "green circle", "blue square", "nothing", "red circle")


@pytest.fixture(scope="module")
def made(materials, numerics):
    """A generator under a numerics class, and its pictures of five units: (5, 16, 16, 3) uint8."""
    quiet_libraries()

    def make(op: Op | None = None, **changes):  # type: ignore[no-untyped-def]
        op = op or picture_op(materials)
        changed = dataclasses.replace(numerics, **changes)
        return KERNELS["generate"]((op,), resources_of(materials), changed, "cpu")

    return make


def picture_op(materials) -> Op:
    pipeline = materials.pipelines["captions"]
    return generate(pipeline.digest, steps=4, guidance=2.0, height=pipeline.size, width=pipeline.size)


def units() -> UnitRows:
    return UnitRows({"prompt": PROMPTS}, np.arange(5, dtype=np.uint64), (), 5)


def pictures(kernel) -> np.ndarray:
    (found,) = kernel.run(kernel.prepare(units()))
    return np.stack(found).astype(int)


def test_bfloat16_and_channels_last_make_nearly_the_same_pictures(made):
    plain = pictures(made())
    for changes in ({"dtype": "bfloat16"}, {"memory_format": "channels_last"},
                    {"dtype": "bfloat16", "memory_format": "channels_last"}):  # fmt: skip
        kernel = made(**changes)
        found = pictures(kernel)
        assert np.abs(found - plain).mean() < 8 < plain.std(), changes
        assert (found == pictures(kernel)).all(), "a batch computed twice has other bits"
    assert (found != plain).any(), "the settings changed nothing"


def test_the_settings_reach_the_weights(made):
    import torch

    kernel = made(dtype="bfloat16", memory_format="channels_last")
    pipeline = kernel._pipeline
    assert {p.dtype for p in pipeline.unet.parameters()} == {torch.bfloat16}
    assert {p.dtype for p in pipeline.vae.parameters()} == {torch.float32}
    assert pipeline.unet.conv_in.weight.is_contiguous(memory_format=torch.channels_last)
    assert pipeline.text_encoder.config._attn_implementation == "sdpa"


def test_noise_is_float32_of_each_unit_alone_whatever_computes(made):
    plain, other = made().prepare(units()), made(dtype="bfloat16").prepare(units())
    assert plain.noise.dtype == other.noise.dtype and plain.noise.equal(other.noise)
    alone = made().prepare(units().only([3]))
    assert alone.noise[0].equal(plain.noise[3]) and len(alone.noise) == len(plain.noise)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's, about its own parts
def test_a_compiled_generator_makes_nearly_the_same_pictures(made, materials):
    op = picture_op(materials)
    kernel = made(op, compiled=((op.digest, True),))
    found = pictures(kernel)
    blocks = [part for part in kernel._pipeline.unet.modules() if type(part).__name__ == "BasicTransformerBlock"]
    assert blocks and all(block._compiled_call_impl is not None for block in blocks)
    assert np.abs(found - pictures(made(op))).mean() < 2
    assert (found == pictures(kernel)).all()


def test_a_probe_sees_the_bits_before_they_are_rounded(made):
    """The least change of the noise: the pictures are the same, the numbers they are made from are not."""
    import torch

    kernel = made()
    batch = kernel.prepare(units())
    moved = dataclasses.replace(batch, noise=torch.nextafter(batch.noise, batch.noise + 1))
    assert kernel.probe(batch) == kernel.probe(batch)
    assert all(one != other for one, other in zip(kernel.probe(batch), kernel.probe(moved), strict=True))


def test_text_embeddings_are_bounded_and_come_again_with_the_same_bits(made):
    import torch

    kernel = made()
    asked: list[str] = []

    def encode(prompt: str) -> torch.Tensor:
        asked.append(prompt)
        with torch.inference_mode():
            return kernel._encode(prompt)

    size = encode("x").nbytes
    asked.clear()
    held = TextEmbeddings(encode, kept_bytes=2 * size)
    first = held.of("red circle").clone()
    assert held.of("red circle") is held.of("red circle") and asked == ["red circle"]
    for prompt in ("green circle", "blue square", "nothing"):
        held.of(prompt)
        assert sum(found.nbytes for found in held._kept.values()) <= 2 * size
    assert held.of("red circle").equal(first) and asked.count("red circle") == 2


def test_one_pass_scores_with_every_model_of_a_trunk(tmp_path, numerics):
    from auditor.execute import Resources
    from tests.models.test_trunk import save

    models = save(tmp_path, "ResNet", {"a": 3, "b": 2})
    resources = Resources({model.digest: model for model in models}, {})
    ops = [predict(model.digest) for model in models]
    images = tuple(np.random.default_rng(i).integers(0, 256, (32, 32, 3), np.uint8) for i in range(3))
    given = UnitRows({}, np.empty(0, np.uint64), (images[0], "is damaged", *images[1:]), 4)
    kernel = KERNELS["predict"](ops, resources, numerics, "cpu")
    together = kernel.run(kernel.prepare(given))
    for op, outputs in zip(ops, together, strict=True):
        alone = KERNELS["predict"]((op,), resources, numerics, "cpu")
        (expected,) = alone.run(alone.prepare(given))
        assert outputs[1] == expected[1] == "is damaged"
        assert [outputs[i].tobytes() for i in (0, 2, 3)] == [expected[i].tobytes() for i in (0, 2, 3)]
    assert [len(found) for found in kernel.probe(kernel.prepare(given))] == [20, 0, 20, 20]


GPU_SETUP = """
import dataclasses, os, sys
from auditor.execute import default_numerics
from auditor.execute.torch_setup import prepare_process
prepare_process(dataclasses.replace(default_numerics(), device="cuda"), "cpu")
import torch
print(
    os.environ["CUBLAS_WORKSPACE_CONFIG"], torch.are_deterministic_algorithms_enabled(),
    torch.backends.cudnn.benchmark, torch.backends.cudnn.conv.fp32_precision,
    torch.backends.cuda.matmul.fp32_precision, torch.get_num_threads(),
)
"""


def test_a_gpu_process_is_deterministic_and_rounds_nothing_to_tf32():
    root = Path(__file__).parents[2]
    out = subprocess.run(
        [sys.executable, "-W", "error", "-c", GPU_SETUP], cwd=root, capture_output=True, text=True, check=True
    )
    assert out.stdout.split() == [":4096:8", "True", "False", "ieee", "ieee", "1"]


def test_a_cpu_process_is_left_alone_but_for_its_threads(numerics: Numerics):
    import torch

    from auditor.execute.torch_setup import prepare_process

    prepare_process(numerics, "cpu")
    assert torch.get_num_threads() == 1 and not torch.are_deterministic_algorithms_enabled()


def test_a_probe_takes_one_step_of_the_schedule_and_decodes_it(made, monkeypatch):
    kernel = made()
    called: list[str] = []
    for part in ("unet", "vae"):
        getattr(kernel._pipeline, part).register_forward_hook(lambda *_, part=part: called.append(part))
    real = kernel._pipeline.vae.decode
    monkeypatch.setattr(kernel._pipeline.vae, "decode", lambda *a, **k: called.append("decode") or real(*a, **k))
    batch = kernel.prepare(units())
    kernel.probe(batch)
    assert called == ["unet", "decode"]
    called.clear()
    kernel.run(batch)
    assert called == ["unet"] * 4 + ["decode"], "a probe before it leaves nothing behind"
