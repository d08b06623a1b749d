"""Measure `builtin:shapes/edit`: does each instruction do what it says, and leave the rest alone?

    python examples/zoo/measure_edit.py [--folder build/zoo/edit] [--pictures 60] [--record] [--sheet FILE]

For each instruction the sweep of text guidance is made on pictures where it has something to do. At each point of the
upper half of the sweep an edit counts as a success where the picture shows what was asked for: decisions of the
bundled detector about shapes that are to go or to change colour, and pixels where background or frame are meant.
Exit status 1 where an instruction falls below 0.9.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionInstructPix2PixPipeline
from PIL import Image
from transformers import AutoImageProcessor, AutoModelForImageClassification

from edit_world import INSTRUCTIONS, KEEP, RECOLOUR, REMOVE, draw_scene, edited, paint_scene
from shapes_world import CONCEPTS

SEED = 20_260_123
STEPS = 10
IMAGE_GUIDANCE = 1.0
GUIDANCE = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
"""The sweep; its upper half is what a success is measured on."""

BAR = 0.9
NEAR = 14.0
"""Mean distance in 8-bit values from the whole change, at most, where pixels are what is asked for; of 255."""


def scenes_for(instruction: str, count: int, rng: np.random.Generator) -> list:  # type: ignore[type-arg]
    """Scenes in which the instruction has something to do."""
    found = []
    while len(found) < count:
        scene = draw_scene(rng)
        whole = edited(scene, instruction, 1.0)
        if instruction == KEEP or not np.array_equal(paint_scene(scene), paint_scene(whole)):
            found.append((paint_scene(scene), paint_scene(whole)))
    return found


def sweep(pipeline, picture: np.ndarray, instruction: str, seed: int) -> np.ndarray:  # type: ignore[no-untyped-def]
    """The frames of a sweep with one noise, (points, 64, 64, 3) uint8."""
    from auditor.execute.kernels.slot_guidance import SlotGuidance

    n = len(GUIDANCE)
    noise = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(seed)).expand(n, -1, -1, -1)
    pixels = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1
    with torch.inference_mode():
        latents = pipeline.vae.encode(pixels).latent_dist.mode().expand(n, -1, -1, -1)
        frames = pipeline(
            [instruction] * n, image=latents, num_inference_steps=STEPS, latents=noise.clone(), output_type="np",
            guidance_scale=SlotGuidance(np.array(GUIDANCE), "cpu"), image_guidance_scale=IMAGE_GUIDANCE,
        ).images  # fmt: skip
    return np.rint(frames * 255).astype(np.uint8)


class Detector:
    """Presence of each concept as the bundled detector sees it."""

    def __init__(self) -> None:
        folder = "auditor/zoo/shapes/detector"
        self.model = AutoModelForImageClassification.from_pretrained(folder).eval()
        self.processor = AutoImageProcessor.from_pretrained(folder)
        self.order = [self.model.config.label2id[name] for name in CONCEPTS]

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            logits = self.model(**self.processor(list(frames), return_tensors="pt")).logits
        return (logits[:, self.order] > 0).numpy()


def successes(instruction: str, frames: np.ndarray, whole: np.ndarray, detector: Detector) -> np.ndarray:
    """Whether each frame shows what was asked for, (points,) bool."""
    near = np.abs(frames.astype(int) - whole.astype(int)).mean(axis=(1, 2, 3)) <= NEAR
    if instruction in REMOVE:
        return ~detector(frames)[:, CONCEPTS.index(REMOVE[instruction])] & near
    if instruction in RECOLOUR:
        form, colour = RECOLOUR[instruction]
        others = [i for i, name in enumerate(CONCEPTS) if name.endswith(form) and not name.startswith(colour)]
        return ~detector(frames)[:, others].any(axis=1) & near
    return near


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("auditor/zoo/shapes/edit"))
    parser.add_argument("--pictures", type=int, default=60)
    parser.add_argument("--record", action="store_true", help="write FOLDER/quality.json")
    parser.add_argument("--sheet", type=Path, help="draw a sweep of each instruction")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    pipeline = StableDiffusionInstructPix2PixPipeline.from_pretrained(arguments.folder, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    rng, detector = np.random.default_rng(SEED), Detector()
    quality, strips = {}, []
    for number, instruction in enumerate(INSTRUCTIONS):
        found, moved = [], []
        for seed, (before, whole) in enumerate(scenes_for(instruction, arguments.pictures, rng)):
            frames = sweep(pipeline, before, instruction, 1_000 * number + seed)
            found.append(successes(instruction, frames, whole, detector))
            moved.append(np.abs(frames.astype(int) - before.astype(int)).mean(axis=(1, 2, 3)))
        strips.append(np.concatenate([before, *frames, whole], axis=1))
        upper = np.array(found)[:, len(GUIDANCE) // 2 :].mean()
        by_point = np.array(moved).mean(axis=0)
        quality[instruction] = {"success": round(float(upper), 3), "distance": [round(float(d), 2) for d in by_point]}
        print(f"{instruction:<28} {upper:.3f}   distance from the picture {by_point.round(1)}", flush=True)
    if arguments.sheet:
        Image.fromarray(np.concatenate(strips)).save(arguments.sheet)
    if arguments.record:
        text = json.dumps(
            {"guidance": GUIDANCE, "steps": STEPS, "pictures": arguments.pictures, "found": quality}, indent=1
        )
        (arguments.folder / "quality.json").write_text(text + "\n")
    sys.exit(1 if min(each["success"] for each in quality.values()) < BAR else 0)


if __name__ == "__main__":
    main()
