"""LEDITS++ through a real pipeline of random weights: one picture at a time, and nothing of another one in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auditor.errors import DataError, InternalError
from auditor.execute import Executor, Journal, Resources, Silent, Store, default_numerics
from auditor.execute.kernels import KERNELS, UnitRows
from auditor.execute.torch_setup import quiet_libraries
from auditor.models.editor import identify_editor
from auditor.models.pipeline import PipelineIdentity
from auditor.plan import Ask, PlanBuilder, ledits_pp
from tests.tiny import save_pipeline

SIZE, STEPS = 32, 6
BLOCKS = ("DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D")
GUIDANCE = np.array([0.0, 2.0, 5.0, 9.0])
INSTRUCTION = "red circle"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("inverted")
    save_pipeline(folder / "pipeline", 6, size=SIZE, blocks=BLOCKS)
    return folder


@pytest.fixture(scope="module")
def pipeline(folder) -> PipelineIdentity:
    return identify_editor("inverted", "pipeline", folder, (), "ledits_pp")


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (2, SIZE, SIZE, 3), np.uint8)


def op_of(pipeline, masks="intersect", width=SIZE):
    return ledits_pp(pipeline.digest, STEPS, SIZE, width, skip=0.2, threshold=0.75, masks=masks)


def kernel_of(pipeline: PipelineIdentity, masks="intersect", width=SIZE):
    quiet_libraries()
    return KERNELS["ledits_pp"](
        (op_of(pipeline, masks, width),), Resources({}, {pipeline.digest: pipeline}), default_numerics(), "cpu"
    )


def sweep(picture: np.ndarray, seed: int = 7, guidance=GUIDANCE) -> UnitRows:
    n = len(guidance)
    return UnitRows(
        {"instruction": (INSTRUCTION,) * n}, np.full(n, seed, np.uint64), (picture,) * n, n,
        {"guidance": np.array(guidance)},
    )  # fmt: skip


def run(kernel, units) -> np.ndarray:
    return np.stack(kernel.run(kernel.prepare(units))[0]).astype(int)


def authors(folder: Path, picture: np.ndarray, seed: int, masks: str, xl: str = "") -> np.ndarray:
    """The authors' way: invert, then a call for each guidance; diffusers' code, but for the number of words."""
    import diffusers
    import torch
    from diffusers import DPMSolverMultistepScheduler
    from PIL import Image

    alone = getattr(diffusers, f"LEditsPPPipelineStableDiffusion{xl}").from_pretrained(
        folder / "pipeline", local_files_only=True
    )
    alone.set_progress_bar_config(disable=True)
    alone.scheduler = DPMSolverMultistepScheduler.from_config(
        alone.scheduler.config, algorithm_type="sde-dpmsolver++", solver_order=2
    )
    encode, words = alone.encode_prompt, len(alone.tokenizer(INSTRUCTION).input_ids) - 2
    alone.encode_prompt = lambda **how: (*encode(**how)[:-1], [words])
    alone.invert(
        Image.fromarray(picture),
        num_inversion_steps=STEPS,
        skip=0.2,
        generator=torch.Generator("cpu").manual_seed(seed),
    )
    return np.stack(
        [
            np.asarray(
                alone(
                    editing_prompt=[INSTRUCTION], edit_guidance_scale=float(scale), edit_threshold=0.75,
                    use_cross_attn_mask=masks == "intersect", use_intersect_mask=masks == "intersect",
                ).images[0]
            )
            for scale in GUIDANCE
        ]
    ).astype(int)  # fmt: skip


@pytest.mark.parametrize("masks", ["intersect", "noise"])
def test_a_sweep_in_one_batch_is_the_single_calls_of_the_pipeline(pipeline, folder, pictures, masks):
    found = run(kernel_of(pipeline, masks), sweep(pictures[0]))
    assert np.abs(found - authors(folder, pictures[0], 7, masks)).max() <= 2
    assert np.abs(np.diff(found, axis=0)).mean() > 0.5, "guidance moves the picture"


def test_a_picture_need_not_be_square(pipeline, folder):
    wide = np.random.default_rng(4).integers(0, 256, (SIZE, 2 * SIZE, 3), np.uint8)
    found = run(kernel_of(pipeline, width=2 * SIZE), sweep(wide))
    assert found.shape[1:] == wide.shape
    assert np.abs(found - authors(folder, wide, 7, "intersect")).max() <= 2


@pytest.mark.parametrize("masks", ["intersect", "noise"])
def test_xl_is_the_single_calls_of_its_pipeline(tmp_path, pictures, masks):
    save_pipeline(tmp_path / "pipeline", 6, "StableDiffusionXLPipeline", SIZE, BLOCKS)
    xl = identify_editor("inverted", "pipeline", tmp_path, (), "ledits_pp")
    kernel = kernel_of(xl, masks)
    found = run(kernel, sweep(pictures[0]))
    assert np.abs(found - authors(tmp_path, pictures[0], 7, masks, "XL")).max() <= 2
    assert np.abs(np.diff(found, axis=0)).mean() > 0.5, "guidance moves the picture"
    run(kernel, sweep(pictures[1]))
    assert (run(kernel, sweep(pictures[0])) == found).all()


def test_pictures_do_not_mix_and_their_order_does_not_matter(pipeline, pictures):
    one, other = kernel_of(pipeline), kernel_of(pipeline)
    forwards = [run(one, sweep(picture)) for picture in pictures]
    backwards = [run(other, sweep(picture)) for picture in pictures[::-1]][::-1]
    again = [run(one, sweep(picture)) for picture in pictures]
    for a, b, c in zip(forwards, backwards, again, strict=True):
        assert (a == b).all() and (a == c).all()
    assert np.abs(forwards[0] - forwards[1]).mean() > 5


def test_the_seed_is_the_noise_of_the_inversion(pipeline, pictures):
    kernel = kernel_of(pipeline)
    first, other, again = (run(kernel, sweep(pictures[0], seed)) for seed in (1, 2, 1))
    assert (first == again).all() and (first != other).any()


def test_a_picture_is_inverted_once_for_all_its_edits(pipeline, pictures, monkeypatch):
    kernel = kernel_of(pipeline)
    calls = []
    invert = kernel._pipeline.invert
    monkeypatch.setattr(kernel._pipeline, "invert", lambda **how: calls.append(1) or invert(**how))
    for guidance in ((1.0, 2.0), (3.0,), GUIDANCE):
        run(kernel, sweep(pictures[0], guidance=guidance))
    assert calls == [1]


def test_edits_of_two_pictures_in_one_batch_are_refused(pipeline, pictures):
    kernel = kernel_of(pipeline)
    units = UnitRows(
        {"instruction": (INSTRUCTION,) * 2}, np.full(2, 7, np.uint64), tuple(pictures), 2, {"guidance": GUIDANCE[:2]}
    )
    with pytest.raises(InternalError, match="several pictures"):
        kernel.run(kernel.prepare(units))


def test_a_network_without_attention_at_a_quarter_is_refused_for_masks_from_it(tmp_path):
    save_pipeline(tmp_path / "pipeline", 6)
    with pytest.raises(DataError, match="does not attend to text at a quarter of its size"):
        identify_editor("inverted", "pipeline", tmp_path, (), "ledits_pp")
    assert identify_editor("inverted", "pipeline", tmp_path, (), "ledits_pp", masks="noise").size_step == 32


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_edits_are_made_picture_by_picture_and_resumed_to_the_same_bytes(
    pipeline, pictures, tmp_path: Path, workers, monkeypatch
):
    from diffusers import LEditsPPPipelineStableDiffusion
    from PIL import Image

    from auditor.digest import digest_file

    calls = []
    invert = LEditsPPPipelineStableDiffusion.invert
    monkeypatch.setattr(
        LEditsPPPipelineStableDiffusion, "invert", lambda *a, **how: calls.append(1) or invert(*a, **how)
    )
    files = [tmp_path / f"{number}.png" for number in range(2)]
    for file, picture in zip(files, pictures, strict=True):
        Image.fromarray(picture).save(file)
    guidance = np.linspace(0, 9, 6)  # Two batches of each picture and instruction, the second half full.

    def made(name: str, points: int, count: int = 1) -> list[bytes]:
        ask = Ask(PlanBuilder())
        loaded = ask.load([str(file) for file in files], [digest_file(file) for file in files])
        shape = (2, 2, points)  # Instruction first, so that pictures come in turns.
        instructions = np.empty(shape, object)
        instructions[0], instructions[1] = INSTRUCTION, "blue"
        images = loaded[np.broadcast_to(np.arange(2)[None, :, None], shape)]
        op = op_of(pipeline)
        edits = ask.edit(
            op, images, instructions, np.broadcast_to(guidance[:points], shape), seeds=np.zeros(shape, np.uint64)
        )
        ask.builder.want(edits)
        store = Store(tmp_path / name)
        try:
            with Journal(tmp_path / f"{name}.jsonl") as journal:
                executor = Executor(
                    store,
                    journal,
                    Resources({}, {pipeline.digest: pipeline}),
                    default_numerics(),
                    count,
                    Silent(),
                    share=4,
                )
                try:
                    answers = executor.run(ask.builder.plan())
                finally:
                    executor.close()
                assert executor.verdicts[op.digest].holds
                return [answers.png(edits.__getitem__(at)) for at in np.ndindex(*shape)]
        finally:
            store.close()

    whole = made("whole", 6, workers)
    assert workers > 1 or len(calls) == 2, "each picture is inverted once, though instructions come first in the plan"
    made("resumed", 3)
    assert made("resumed", 6) == whole
