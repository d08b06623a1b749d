"""Image to image through a real pipeline of random weights: strengths are batches of their own, noise stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auditor.errors import InternalError
from auditor.execute import Executor, Journal, Resources, Silent, Store, default_numerics
from auditor.execute.kernels import KERNELS, UnitRows
from auditor.execute.torch_setup import quiet_libraries
from auditor.models.editor import identify_editor
from auditor.models.pipeline import PipelineIdentity
from auditor.plan import Ask, PlanBuilder, image_to_image, steps_at
from tests.tiny import SIZE, save_pipeline

STEPS = 4
STRENGTHS = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
PROMPT = "a red circle"


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory) -> PipelineIdentity:
    """A text-to-image folder: its parts are what image-to-image needs."""
    folder = tmp_path_factory.mktemp("redrawn")
    save_pipeline(folder / "pipeline", 6)
    return identify_editor("redrawn", "pipeline", folder, (), "image_to_image")


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (2, SIZE, SIZE, 3), np.uint8)


def kernel_of(pipeline: PipelineIdentity):
    quiet_libraries()
    op = image_to_image(pipeline.digest, STEPS, SIZE, SIZE)
    return KERNELS["image_to_image"]((op,), Resources({}, {pipeline.digest: pipeline}), default_numerics(), "cpu")


def at(picture: np.ndarray, strength: float, guidance=(3.0,), seed: int = 7) -> UnitRows:
    n = len(guidance)
    return UnitRows(
        {"instruction": (PROMPT,) * n}, np.full(n, seed, np.uint64), (picture,) * n, n,
        {"guidance": np.array(guidance), "strength": np.full(n, strength)},
    )  # fmt: skip


@pytest.mark.parametrize("strength", STRENGTHS[1:])
def test_a_batch_is_the_single_calls_of_the_pipeline(pipeline, pictures, strength):
    import torch
    from diffusers import StableDiffusionImg2ImgPipeline

    kernel = kernel_of(pipeline)
    (found,) = kernel.run(kernel.prepare(at(pictures[0], strength, (1.5, 3.0, 6.0))))
    alone = StableDiffusionImg2ImgPipeline.from_pretrained(pipeline.folder, local_files_only=True)
    alone.set_progress_bar_config(disable=True)
    with torch.inference_mode():
        pixels = torch.tensor(pictures[0]).permute(2, 0, 1)[None].float() / 127.5 - 1
        latents = alone.vae.encode(pixels).latent_dist.mode() * alone.vae.config.scaling_factor
    for picture, guidance in zip(found, (1.5, 3.0, 6.0), strict=True):
        (single,) = alone(
            PROMPT, image=latents, strength=strength, num_inference_steps=STEPS, guidance_scale=guidance,
            generator=torch.Generator("cpu").manual_seed(7), output_type="np",
        ).images  # fmt: skip
        assert np.abs(picture.astype(int) - np.rint(single * 255)).max() <= 1


def test_a_strength_runs_the_steps_that_its_decimals_say():
    """Fifty steps at 0.58 are 29: what falls just below a whole number by rounding is not cut off."""
    for steps in (4, 10, 50, 100):
        wanted = range(1, steps + 1)
        assert [steps_at(number / steps, steps) for number in wanted] == list(wanted)
        assert [int(steps * min((number + 0.5) / steps, 1.0)) for number in wanted] == list(wanted)


def test_xl_is_the_single_calls_of_its_pipeline(tmp_path, pictures):
    """Two text encoders, the text as a whole, and zeros for what is guided away from."""
    import torch
    from diffusers import StableDiffusionXLImg2ImgPipeline

    save_pipeline(tmp_path / "xl", 6, "StableDiffusionXLPipeline")
    xl = identify_editor("redrawn", "xl", tmp_path, (), "image_to_image")
    kernel = kernel_of(xl)
    (found,) = kernel.run(kernel.prepare(at(pictures[0], 0.75, (1.5, 6.0))))
    alone = StableDiffusionXLImg2ImgPipeline.from_pretrained(xl.folder, local_files_only=True)
    alone.set_progress_bar_config(disable=True)
    with torch.inference_mode():
        pixels = torch.tensor(pictures[0]).permute(2, 0, 1)[None].float() / 127.5 - 1
        latents = alone.vae.encode(pixels).latent_dist.mode() * alone.vae.config.scaling_factor
    for picture, guidance in zip(found, (1.5, 6.0), strict=True):
        (single,) = alone(
            PROMPT, image=latents, strength=0.75, num_inference_steps=STEPS, guidance_scale=guidance,
            generator=torch.Generator("cpu").manual_seed(7), output_type="np",
        ).images  # fmt: skip
        assert np.abs(picture.astype(int) - np.rint(single * 255)).max() <= 1


def test_at_strength_0_a_picture_is_what_the_autoencoder_makes_of_it(pipeline, pictures):
    import torch

    kernel = kernel_of(pipeline)
    (found,) = kernel.run(kernel.prepare(at(pictures[0], 0.1, (1.0, 3.0))))
    assert steps_at(0.1, STEPS) == 0 and (found[0] == found[1]).all()
    with torch.inference_mode():
        pixels = torch.tensor(pictures[0]).permute(2, 0, 1)[None].float() / 127.5 - 1
        vae = kernel._pipeline.vae
        again = vae.decode(vae.encode(pixels).latent_dist.mode())[0][0].permute(1, 2, 0).clamp(-1, 1)
    assert np.abs(found[0].astype(int) - np.rint(again.numpy() * 127.5 + 127.5)).max() <= 1


def test_the_later_it_begins_the_less_it_changes(pipeline, pictures):
    kernel = kernel_of(pipeline)
    made = [kernel.run(kernel.prepare(at(pictures[0], strength)))[0][0].astype(int) for strength in STRENGTHS]
    distances = [np.abs(each - made[0]).mean() for each in made]
    assert distances[0] == 0 and 0 < distances[1] < min(distances[2:])


def test_two_strengths_in_one_batch_are_refused(pipeline, pictures):
    kernel = kernel_of(pipeline)
    units = at(pictures[0], 0.5, (1.0, 2.0))
    units.numbers["strength"][1] = 1.0
    with pytest.raises(InternalError, match="several strengths"):
        kernel.run(kernel.prepare(units))


def test_strengths_are_planned_in_any_order_and_computed_apart(pipeline, pictures, tmp_path: Path):
    from PIL import Image

    from auditor.digest import digest_file

    files = [tmp_path / f"{number}.png" for number in range(2)]
    for file, picture in zip(files, pictures, strict=True):
        Image.fromarray(picture).save(file)

    def compared(order: np.ndarray, folder: str) -> np.ndarray:
        ask = Ask(PlanBuilder())
        loaded = ask.load([str(file) for file in files], [digest_file(file) for file in files])
        shape = (2, len(STRENGTHS))
        op = image_to_image(pipeline.digest, STEPS, SIZE, SIZE)
        edits = ask.edit(
            op, loaded[np.repeat([[0], [1]], len(STRENGTHS), 1)], np.full(shape, PROMPT, dtype=object), 3.0,
            seeds=np.full(shape, 5, np.uint64), strength=np.tile(STRENGTHS[order], (2, 1)),
        )  # fmt: skip
        found = ask.compare(edits, edits[:, np.full(len(STRENGTHS), np.flatnonzero(order == 0)[0])])
        store = Store(tmp_path / folder)
        try:
            with Journal(tmp_path / f"{folder}.jsonl") as journal:
                executor = Executor(
                    store, journal, Resources({}, {pipeline.digest: pipeline}), default_numerics(), 1, Silent()
                )
                answers = executor.run(ask.builder.plan())[found]
                assert executor.verdicts[op.digest].holds
                assert sum(event["event"] == "block" for event in journal_of(tmp_path / f"{folder}.jsonl", op)) == 5
                return answers[:, np.argsort(order)]
        finally:
            store.close()

    found = compared(np.arange(5), "one")
    assert (found[:, 0, 0] == 0).all() and (found[:, 1:, 0] > 0).all()
    assert (compared(np.array([3, 0, 4, 2, 1]), "other") == found).all()


def journal_of(path: Path, op) -> list[dict]:
    import json

    return [event for line in path.read_text().splitlines() if (event := json.loads(line)).get("op") == op.digest]
