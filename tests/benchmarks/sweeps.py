"""A sweep of guidance through our kernel against single calls of the same pipeline, the authors' way.

    python -m tests.benchmarks.sweeps [--editor FOLDER] [--points 100] [--rounds 3] [--steps N]

Both ways run the same steps on one thread of the same machine, in turns, in one process; the ratio of each turn is
taken, and the pictures are compared. Without `--editor`, the bundled one; `tiny` is one of random weights.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from auditor.execute import Resources, default_numerics
from auditor.execute.kernels import KERNELS, UnitRows
from auditor.execute.kernels.encoded_pictures import EncodedPictures
from auditor.execute.kernels.text_embeddings import TextEmbeddings
from auditor.execute.torch_setup import prepare_process, quiet_libraries
from auditor.models.pipeline import EDITORS, PipelineIdentity, identify_pipeline
from auditor.plan import edit
from tests.benchmarks.figure import Figure, markdown
from tests.tiny import save_pipeline

LEVELS = 2
"""Pictures of the two ways are equal where no 8-bit value differs by more."""
SEED, IMAGE_GUIDANCE, INSTRUCTION = 7, 1.5, "make all circles blue"

Way = Callable[[], np.ndarray]


def single_calls(editor: PipelineIdentity, picture: np.ndarray, guidance: np.ndarray, steps: int) -> Way:
    """The authors' way: one call of the pipeline for each point, with the same noise."""
    import torch
    from diffusers import StableDiffusionInstructPix2PixPipeline
    from PIL import Image

    pipeline = StableDiffusionInstructPix2PixPipeline.from_pretrained(editor.folder, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    image = Image.fromarray(picture)

    def way() -> np.ndarray:
        return np.stack([
            np.asarray(
                pipeline(
                    INSTRUCTION, image=image, num_inference_steps=steps, guidance_scale=float(scale),
                    image_guidance_scale=IMAGE_GUIDANCE, generator=torch.Generator("cpu").manual_seed(SEED),
                ).images[0]
            )
            for scale in guidance
        ])  # fmt: skip

    return way


def one_sweep(editor: PipelineIdentity, picture: np.ndarray, guidance: np.ndarray, steps: int) -> Way:
    """Our way: the kernel, in its batches, with nothing kept from the round before but weights."""
    numerics = default_numerics()
    op = edit(editor.digest, steps, *picture.shape[:2])
    kernel: Any = KERNELS["edit"]((op,), Resources({}, {editor.digest: editor}), numerics, "cpu")
    size = numerics.batch_of(op)

    def way() -> np.ndarray:
        kernel._encoded, kernel._embeddings = (
            EncodedPictures(kernel._pipeline.vae, "cpu"),
            TextEmbeddings(kernel._encode_text),
        )
        found: list[Any] = []
        for start in range(0, len(guidance), size):
            part = guidance[start : start + size]
            n = len(part)
            units = UnitRows(
                {"instruction": (INSTRUCTION,) * n}, np.full(n, SEED, np.uint64), (picture,) * n, n,
                {"guidance": part, "image_guidance": np.full(n, IMAGE_GUIDANCE)},
            )  # fmt: skip
            found += kernel.run(kernel.prepare(units))[0]
        return np.stack(found)

    return way


def measured(source: str, points: int, rounds: int, steps: int) -> Figure:
    """The figure, from alternating rounds after one of each that is thrown away."""
    quiet_libraries()
    prepare_process(default_numerics(), "cpu")
    with tempfile.TemporaryDirectory() as folder:
        if source == "tiny":
            save_pipeline(Path(folder) / "tiny", 5, EDITORS[0])
        base = Path(folder) if source == "tiny" else Path(source).absolute().parent
        name = source if source.startswith("builtin:") else Path(source).name
        editor = identify_pipeline("edit", name, base, (), EDITORS, "image_edit")
        picture = np.random.default_rng(0).integers(0, 256, (editor.size, editor.size, 3), np.uint8)
        guidance = np.linspace(1.01, 12.5, points)
        ways = [make(editor, picture, guidance, steps) for make in (single_calls, one_sweep)]
        singles, sweep = (way() for way in ways)
        ratios, seconds = [], []
        for _ in range(rounds):
            times = []
            for way in ways:
                start = time.process_time()
                way()
                times.append(time.process_time() - start)
            seconds.append(times)
            ratios.append(times[0] / times[1])
    levels = int(np.abs(singles.astype(int) - sweep.astype(int)).max())
    ratio = float(np.median(ratios))
    return Figure(
        f"a {points}-point sweep of one image against {points} single pipeline calls",
        f"at least 2 x less time; pictures within {LEVELS} of 255 levels",
        f"{ratio:.2f} x ({min(ratios):.2f} to {max(ratios):.2f}); at most {levels} of 255 levels apart",
        ratio >= 2 and levels <= LEVELS,
        f"`{source}`, {editor.size} x {editor.size} pixels, {steps} steps, one thread, processor time of "
        f"{rounds} rounds in turns: {np.median(seconds, axis=0)[0]:.1f} s and {np.median(seconds, axis=0)[1]:.1f} s",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure sweeps against single calls.")
    parser.add_argument("--editor", default="builtin:shapes/edit", help="a folder, a builtin, or `tiny`")
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=10)
    given = parser.parse_args()
    print(markdown([measured(given.editor, given.points, given.rounds, given.steps)]))


if __name__ == "__main__":
    main()
