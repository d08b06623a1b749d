"""Edits through a real InstructPix2Pix pipeline of random weights: a sweep in batches is what single calls are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auditor.execute import Executor, Journal, Resources, Silent, Store, default_numerics
from auditor.execute.kernels import KERNELS, UnitRows
from auditor.execute.torch_setup import quiet_libraries
from auditor.models.pipeline import EDITORS, PipelineIdentity, identify_pipeline
from auditor.plan import Ask, PlanBuilder, edit
from tests.tiny import SIZE, save_pipeline

GUIDANCE = np.linspace(1.0, 6.0, 11)
INSTRUCTION = "make it red"


@pytest.fixture(scope="module")
def editor(tmp_path_factory) -> PipelineIdentity:
    folder = tmp_path_factory.mktemp("editor")
    save_pipeline(folder / "edit", 5, EDITORS[0])
    return identify_pipeline("edit", "edit", folder, (), EDITORS, "image_edit")


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3), np.uint8)


def kernel_of(editor: PipelineIdentity):
    quiet_libraries()
    op = edit(editor.digest, steps=3, height=SIZE, width=SIZE)
    return KERNELS["edit"]((op,), Resources({}, {editor.digest: editor}), default_numerics(), "cpu")


def sweep(picture, seed: int = 7) -> UnitRows:
    n = len(GUIDANCE)
    return UnitRows(
        {"instruction": (INSTRUCTION,) * n}, np.full(n, seed, np.uint64), (picture,) * n, n,
        {"guidance": GUIDANCE.copy(), "image_guidance": np.full(n, 1.5)},
    )  # fmt: skip


def test_a_sweep_in_one_batch_is_the_single_calls_of_the_pipeline(editor, picture):
    """The authors' way, one call for each point, with the same noise; above 1, where the pipeline guides by itself."""
    import torch
    from diffusers import StableDiffusionInstructPix2PixPipeline

    kernel = kernel_of(editor)
    (found,) = kernel.run(kernel.prepare(sweep(picture)))
    pipeline = StableDiffusionInstructPix2PixPipeline.from_pretrained(editor.folder, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    pixels = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1
    singles = []
    for scale in GUIDANCE[1:]:
        noise = torch.randn((1, 4, SIZE // 2, SIZE // 2), generator=torch.Generator("cpu").manual_seed(7))
        (made,) = pipeline(
            INSTRUCTION, image=(pixels + 1) / 2, num_inference_steps=3, guidance_scale=float(scale),
            image_guidance_scale=1.5, latents=noise, output_type="np",
        ).images  # fmt: skip
        singles.append(np.rint(made * 255))
    assert np.abs(np.stack(found[1:]).astype(int) - np.stack(singles)).max() <= 2
    assert np.abs(found[1].astype(int) - found[-1].astype(int)).mean() > 1, "guidance moves the picture"


def test_guidance_is_one_formula_along_the_sweep(editor, picture):
    """At 1 the pipeline alone would leave guidance out; here the picture at 1 lies next to that at 1.0001."""
    kernel = kernel_of(editor)
    near = sweep(picture)
    near.numbers["guidance"][:2] = 1.0, 1.0001
    (found,) = kernel.run(kernel.prepare(near))
    assert np.abs(found[0].astype(int) - found[1].astype(int)).max() <= 1


def test_a_picture_is_encoded_once_for_its_sweep(editor, picture, monkeypatch):
    kernel = kernel_of(editor)
    calls = []
    encode = kernel._pipeline.vae.encode
    monkeypatch.setattr(kernel._pipeline.vae, "encode", lambda pixels: calls.append(len(pixels)) or encode(pixels))
    for seed in (1, 2):
        kernel.run(kernel.prepare(sweep(picture, seed)))
    assert calls == [1]


def test_a_picture_of_another_size_is_brought_to_the_ops(editor):
    kernel = kernel_of(editor)
    wide = np.random.default_rng(1).integers(0, 256, (20, 30, 3), np.uint8)
    (found,) = kernel.run(kernel.prepare(sweep(wide)))
    assert found[0].shape == (SIZE, SIZE, 3)


def test_a_missing_picture_is_answered_by_its_reason(editor, picture):
    kernel = kernel_of(editor)
    units = sweep(picture)
    broken = UnitRows(units.texts, units.seeds, ("is damaged", *units.images[1:]), units.size, units.numbers)
    (found,) = kernel.run(kernel.prepare(broken))
    (whole,) = kernel.run(kernel.prepare(units))
    assert found[0] == "is damaged"
    assert all((a == b).all() for a, b in zip(found[1:], whole[1:], strict=True)), "neighbours change no bit"


@pytest.mark.parametrize("workers", [1, 2])
def test_edits_are_planned_probed_computed_and_stored(editor, picture, tmp_path: Path, workers):
    from PIL import Image

    from auditor.digest import digest_file

    file = tmp_path / "picture.png"
    Image.fromarray(picture).save(file)
    ask = Ask(PlanBuilder())
    loaded = ask.load([str(file)], [digest_file(file)])
    shape = (2, len(GUIDANCE))
    op = edit(editor.digest, steps=2, height=SIZE, width=SIZE)
    edits = ask.edit(
        op, loaded[np.zeros(shape, int)], np.full(shape, INSTRUCTION, dtype=object), np.tile(GUIDANCE, (2, 1)), 1.5,
        np.repeat(np.arange(2, dtype=np.uint64)[:, None], len(GUIDANCE), 1),
    )  # fmt: skip
    differences = ask.compare(edits, edits[:, np.zeros(len(GUIDANCE), int)])
    plan = ask.builder.plan()
    store = Store(tmp_path / "store")
    resources = Resources({}, {editor.digest: editor})
    with Journal(tmp_path / "journal.jsonl") as journal:
        executor = Executor(store, journal, resources, default_numerics(), workers, Silent(), share=4)
        try:
            found = executor.run(plan)[differences]
            assert executor.verdicts[op.digest].holds
            again = Executor(store, journal, resources, default_numerics(), 1, Silent())
            assert (again.run(plan)[differences] == found).all() and not again.ran
        finally:
            executor.close()
            store.close()
    assert found.shape == (2, len(GUIDANCE), 2)
    assert (found[:, 0] == [0.0, 1.0]).all(), "a frame is no distance from itself"
    assert (found[:, 1:, 0] > 0).all() and (found[:, -1, 0] > found[:, 1, 0]).all()
