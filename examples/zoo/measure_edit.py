"""Measure `builtin:shapes/edit`: does each instruction do what it says, and leave the rest alone?

    python examples/zoo/measure_edit.py [--folder build/zoo/edit] [--pictures 60] [--record] [--sheet FILE]

For each instruction a sweep of text guidance in 17 points is made on pictures where it has something to do. Guidance
leads from the picture at 0 to the whole change at 1, which stays up to 1.6. A frame succeeds where more than half of
the change is there: for shapes that are to go or to change colour the bundled detector must decide on all six concepts
as it does on the exact change; background and frame must have moved by half of the exact change in pixels. And all else
must stay: what is not along the exact change lies below NEAR. Success of an instruction is the mean over the upper half
of the sweep, 0.8 to 1.6; the least of these points is recorded, too.
Exit status 1 where an instruction falls below 0.9.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
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
GUIDANCE = tuple(round(0.1 * tenths, 1) for tenths in range(17))
"""One sweep for all instructions: the way to the whole change, and more than half as far again."""

UPPER = slice(len(GUIDANCE) // 2, None)
"""The upper half of the sweep, its middle with it."""

BAR = 0.9
NEAR = 8.0
"""Mean distance in 8-bit values, at most, from the nearest point of the line from the picture to the exact change."""


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

    guidance = np.array(GUIDANCE)
    n = len(guidance)
    noise = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(seed)).expand(n, -1, -1, -1)
    pixels = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1
    with torch.inference_mode():
        latents = pipeline.vae.encode(pixels).latent_dist.mode().expand(n, -1, -1, -1)
        frames = pipeline(
            [instruction] * n, image=latents, num_inference_steps=STEPS, latents=noise.clone(), output_type="np",
            guidance_scale=SlotGuidance(guidance, "cpu"), image_guidance_scale=IMAGE_GUIDANCE,
        ).images  # fmt: skip
    return np.rint(frames * 255).astype(np.uint8)


class Detector:
    """Presence of each concept as the bundled detector sees it."""

    def __init__(self) -> None:
        folder = Path(__file__).parents[2] / "auditor/zoo/shapes/detector"
        self.model = AutoModelForImageClassification.from_pretrained(folder).eval()
        self.processor = AutoImageProcessor.from_pretrained(folder)
        self.order = [self.model.config.label2id[name] for name in CONCEPTS]

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            logits = self.model(**self.processor(list(frames), return_tensors="pt")).logits
        return (logits[:, self.order] > 0).numpy()


def successes(instruction: str, frames: np.ndarray, pair: tuple[np.ndarray, np.ndarray], detector: Detector):  # type: ignore[no-untyped-def]
    """Whether each frame shows what was asked for, and nothing else, (points,) bool; `pair`: before, exact change."""
    before, whole = (picture.astype(float) for picture in pair)
    wanted, moved = whole - before, frames - before
    share = (moved * wanted).sum((1, 2, 3)) / max(float((wanted**2).sum()), 1.0)
    near = np.abs(moved - share[:, None, None, None] * wanted).mean((1, 2, 3)) <= NEAR
    if instruction in REMOVE or instruction in RECOLOUR:
        return near & (detector(frames) == detector(pair[1][None])).all(axis=1)
    return near if instruction == KEEP else near & (share >= 0.5)


def open_editor(folder: Path) -> StableDiffusionInstructPix2PixPipeline:
    pipeline = StableDiffusionInstructPix2PixPipeline.from_pretrained(folder, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@dataclass(frozen=True)
class Measured:
    """One instruction: the share of frames that succeed and the mean distance from the first frame, by point."""

    by_point: np.ndarray
    distance: np.ndarray
    strip: np.ndarray

    @property
    def success(self) -> float:
        """In the upper half of the sweep."""
        return float(self.by_point[UPPER].mean())

    @property
    def least(self) -> float:
        """At the point of the upper half where it is lowest."""
        return float(self.by_point[UPPER].min())


def measured(pipeline, detector: Detector, number: int, pictures: int, rng: np.random.Generator) -> Measured:  # type: ignore[no-untyped-def]
    """Sweep the instruction `number` on pictures where it has something to do."""
    instruction, found, moved = INSTRUCTIONS[number], [], []
    for seed, (before, whole) in enumerate(scenes_for(instruction, pictures, rng)):
        frames = sweep(pipeline, before, instruction, 1_000 * number + seed)
        found.append(successes(instruction, frames, (before, whole), detector))
        moved.append(np.abs(frames.astype(int) - before.astype(int)).mean(axis=(1, 2, 3)))
    strip = np.concatenate([before, *frames, whole], axis=1)
    return Measured(np.array(found).mean(axis=0), np.array(moved).mean(axis=0), strip)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("auditor/zoo/shapes/edit"))
    parser.add_argument("--pictures", type=int, default=60)
    parser.add_argument("--record", action="store_true", help="write FOLDER/quality.json")
    parser.add_argument("--sheet", type=Path, help="draw a sweep of each instruction")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    pipeline, rng, detector = open_editor(arguments.folder), np.random.default_rng(SEED), Detector()
    quality, strips = {}, []
    for number, instruction in enumerate(INSTRUCTIONS):
        found = measured(pipeline, detector, number, arguments.pictures, rng)
        strips.append(found.strip)
        quality[instruction] = {
            "success": round(found.success, 3),
            "least_point": round(found.least, 3),
            "by_point": [round(float(share), 3) for share in found.by_point],
            "distance": [round(float(d), 2) for d in found.distance],
        }
        told = f"{found.success:.3f}, least point {found.least:.3f}"
        print(f"{instruction:<28} {told}, by point {found.by_point.round(2).tolist()}", flush=True)
    if arguments.sheet:
        Image.fromarray(np.concatenate(strips)).save(arguments.sheet)
    if arguments.record:
        record(arguments.folder, arguments.pictures, quality)
    sys.exit(1 if min(each["success"] for each in quality.values()) < BAR else 0)


def record(folder: Path, pictures: int, quality: dict[str, dict]) -> None:  # type: ignore[type-arg]
    """Write quality.json and the model card."""
    settings = {
        "guidance": GUIDANCE,
        "steps": STEPS,
        "image_guidance": IMAGE_GUIDANCE,
        "pictures": pictures,
    }
    (folder / "quality.json").write_text(json.dumps({**settings, "found": quality}, indent=1) + "\n", encoding="utf-8")
    lines = [
        f"| {name} | {found['success']:.3f} | {found['least_point']:.3f} | "
        f"{'holds' if found['success'] >= BAR else 'missed'} |"
        for name, found in quality.items()
    ]
    card = (Path(__file__).parent / "card_edit.md").read_text(encoding="utf-8")
    ends = {"points": len(GUIDANCE), "middle": GUIDANCE[UPPER][0], "last": GUIDANCE[-1], "near": NEAR}
    text = card.format(**settings, **ends, table="\n".join(lines))
    (folder / "README.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
