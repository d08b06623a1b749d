"""Train `builtin:shapes/clip`: a CLIPModel that knows the forms, colours and grounds of the shapes world.

    python examples/zoo/train_clip.py --out build/zoo

Writes `OUT/clip`, a folder that `CLIPModel.from_pretrained` and the adapter `zero_shot` load, with image processor and
tokenizer. What can be said about a picture is known in full, so a batch of pictures is compared with all statements
instead of with each other's captions: no true statement counts as a negative, as it would by CLIP's own loss.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

from edit_world import DARK, FRAME, TINTED, Scene, Shape, edited, paint_scene
from shapes_world import COLOURS, CONCEPTS, GRID, caption, draw_presences, shape_box
from train_autoencoder import to_tensor
from train_text_to_image import new_tokenizer

SEED = 20_260_130
PICTURES = 8_000
PATCH_STEPS, STEPS, BATCH = 1_000, 1_800, 64
PEAK_RATE = 2e-3
WIDTH, LAYERS, TEXT_LAYERS, PATCH = 64, 3, 2, 8
MAX_TOKENS = 40
PATCH_WEIGHT, EMPTY_WEIGHT, LEAST_COVER = 0.5, 0.2, 0.15
"""Of patches beside statements, and of patches without a shape; the least share of a patch that counts as covered."""

LARGEST_SCALE = 4.6
"""Of the logarithm by which similarities are scaled, as in CLIP."""

TEMPLATES = ("{}", "a {}", "a picture of a {}", "a photo of a {}", "a drawing with a {}")
FORMS = ("circle", "rectangle")
GROUNDS = ("light background", "dark background", "green background")
FRAMES = ("picture without a frame", "thin frame")

_EVERY = ((np.arange(64)[:, None] >> np.arange(len(CONCEPTS))) & 1).astype(bool)
STATEMENTS = {
    "caption": tuple(caption(presence) for presence in _EVERY),
    "concept": CONCEPTS,
    "form": FORMS,
    "colour": tuple(f"{colour} shape" for colour in COLOURS),
    "ground": GROUNDS,
    "frame": FRAMES,
}
"""What can be said of a picture, by kind."""


def draw_scene(rng: np.random.Generator) -> tuple[Scene, int]:
    """A scene and the number of its ground: any shapes, or up to three of one kind; one may stand there repeatedly."""
    if rng.random() < 0.5:
        numbers = np.flatnonzero(draw_presences(1, rng)[0])
    else:
        numbers = np.full(int(rng.integers(1, 4)), rng.integers(len(CONCEPTS)))
    shapes = []
    for number, cell in zip(numbers, rng.permutation(GRID * GRID), strict=False):
        colour, form = CONCEPTS[number].split()
        shade = np.clip(np.array(COLOURS[colour]) + rng.normal(0, 12, 3), 0, 255)
        shapes.append(Shape(CONCEPTS[number], shape_box(int(cell), form, rng), tuple(shade)))
    ground = int(rng.integers(3)) if rng.random() < 0.4 else 0
    scene = Scene(tuple(shapes))
    if ground:
        scene = replace(scene, background=(DARK, TINTED)[ground - 1])
    return (edited(scene, FRAME, 1.0) if rng.random() < 0.25 else scene), ground


def truths(scenes: list[tuple[Scene, int]]) -> dict[str, np.ndarray]:
    """Which statements of each kind are true of each scene, (n, statements) bool."""
    shown = np.array([[any(s.concept == name for s in scene.shapes) for name in CONCEPTS] for scene, _ in scenes])
    return {
        "caption": (shown[:, None, :] == _EVERY[None]).all(-1),
        "concept": shown,
        "form": np.stack([shown[:, [name.endswith(form) for name in CONCEPTS]].any(1) for form in FORMS], 1),
        "colour": np.stack([shown[:, [name.startswith(c) for name in CONCEPTS]].any(1) for c in COLOURS], 1),
        "ground": np.array([[ground == number for number in range(3)] for _, ground in scenes]),
        "frame": np.array([[scene.frame == 0, scene.frame > 0] for scene, _ in scenes]),
    }


def covering(scenes: list[tuple[Scene, int]]) -> np.ndarray:
    """1 + the concept whose box covers most of each patch, 0 where none does, (n, 8, 8)."""
    edges = np.arange(64 // PATCH) * float(PATCH)
    found = np.zeros((len(scenes), len(edges), len(edges)), np.int64)
    for row, (scene, _) in zip(found, scenes, strict=True):
        most = np.full(row.shape, LEAST_COVER)
        for shape in scene.shapes:
            left, top, right, bottom = shape.box
            across, down = (
                np.clip(np.minimum(edges + PATCH, last) - np.maximum(edges, first), 0, None) / PATCH
                for first, last in ((left, right), (top, bottom))
            )
            share = down[:, None] * across
            row[share > most] = 1 + CONCEPTS.index(shape.concept)
            most = np.maximum(most, share)
    return found


def new_clip(tokenizer: CLIPTokenizer) -> CLIPModel:
    shared = {"hidden_size": WIDTH, "intermediate_size": 2 * WIDTH, "num_attention_heads": 4, "projection_dim": WIDTH}
    ends = {name: getattr(tokenizer, name) for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
    positions = {"vocab_size": len(tokenizer), "max_position_embeddings": MAX_TOKENS}
    return CLIPModel(
        CLIPConfig(
            text_config={**shared, "num_hidden_layers": TEXT_LAYERS, **positions, **ends},
            vision_config={**shared, "num_hidden_layers": LAYERS, "image_size": 64, "patch_size": PATCH},
            projection_dim=WIDTH,
        )
    )


def to_share(true: torch.Tensor, dim: int) -> torch.Tensor:
    """Equal shares of 1 for what is true along an axis; zeros where nothing is."""
    return true / true.sum(dim, keepdim=True).clamp(min=1)


def loss_of(logits: torch.Tensor, true: dict[str, torch.Tensor]) -> torch.Tensor:
    """Cross entropy of pictures over the statements of each kind, and of each statement over the pictures."""
    losses, first = [], 0
    for each in true.values():
        part = logits[:, first : first + each.shape[1]]
        first += each.shape[1]
        losses.append(-(to_share(each, 1) * part.log_softmax(1)).sum(1).mean())
    whole = torch.cat(list(true.values()), 1)
    said = whole.any(0)
    over_pictures = -(to_share(whole, 0) * logits.log_softmax(0)).sum(0)[said].mean()
    return sum(losses) / len(losses) + over_pictures / 2


def augmented(images: np.ndarray, patches: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Turned, mirrored, a little noisy or lighter: nothing that is said changes, and patches turn with pictures."""
    turn, mirror = int(rng.integers(4)), rng.random() < 0.5
    turned, labels = (
        each[:, :, ::-1] if mirror else each for each in (np.rot90(part, turn, (1, 2)) for part in (images, patches))
    )
    spread = rng.uniform(0, 10, (len(images), 1, 1, 1))
    moved = turned + rng.normal(0, 1, turned.shape) * spread + rng.normal(0, 8, (len(images), 1, 1, 1))
    return np.clip(np.rint(moved), 0, 255).astype(np.uint8), labels.copy()


class Statements:
    """The tokens of all statements by template, (templates, statements, tokens)."""

    def __init__(self) -> None:
        texts = [text for kind in STATEMENTS.values() for text in kind]
        self.tokenizer = new_tokenizer([*texts, *(each.replace("{}", "") for each in TEMPLATES)], MAX_TOKENS)
        padded = {"padding": "max_length", "max_length": MAX_TOKENS, "return_tensors": "pt"}
        said = [[each.replace("{}", text) for text in texts] for each in TEMPLATES]
        tokens = torch.stack([self.tokenizer(each, **padded).input_ids for each in said])
        # The pad is the end, which stands there once.
        self.tokens = tokens[..., : int((tokens != self.tokenizer.pad_token_id).sum(-1).max()) + 1]

    def draw(self, rng: np.random.Generator) -> torch.Tensor:
        """Each statement in a template of its own."""
        count = self.tokens.shape[1]
        return self.tokens[torch.from_numpy(rng.integers(len(TEMPLATES), size=count)), torch.arange(count)]


def patch_loss(head: torch.nn.Linear, hidden: torch.Tensor, patches: np.ndarray) -> torch.Tensor:
    """Cross entropy of what covers each patch; `hidden`: (n, 1 + patches, width), the class token first."""
    weight = torch.ones(len(CONCEPTS) + 1)
    weight[0] = EMPTY_WEIGHT
    guess = head(hidden[:, 1:]).flatten(0, 1)
    return torch.nn.functional.cross_entropy(guess, torch.from_numpy(patches).flatten(), weight)


class Training:
    """Steps of one optimiser with a warm-up and a cosine, and what they print."""

    def __init__(self, name: str, parts: torch.nn.Module, steps: int) -> None:
        self.name, self.parts, self.start, self.running = name, parts, time.monotonic(), 0.0
        self.optimiser = torch.optim.AdamW(parts.parameters(), lr=PEAK_RATE, weight_decay=1e-2, betas=(0.9, 0.98))
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(self.optimiser, PEAK_RATE, steps, pct_start=0.08)

    def step(self, number: int, loss: torch.Tensor) -> None:
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parts.parameters(), 1.0)
        self.optimiser.step()
        self.schedule.step()
        self.running += loss.item()
        if (number + 1) % 100 == 0:
            told = f"{self.name} step {number + 1} loss {self.running / 100:.4f}"
            print(f"{told} {time.monotonic() - self.start:.0f} s", flush=True)
            self.running = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/zoo"))
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    scenes = [draw_scene(rng) for _ in range(PICTURES)]
    images, patches = np.stack([paint_scene(scene) for scene, _ in scenes]), covering(scenes)
    true = {kind: torch.from_numpy(each.astype(np.float32)) for kind, each in truths(scenes).items()}
    statements = Statements()
    model, head = new_clip(statements.tokenizer).train(), torch.nn.Linear(WIDTH, len(CONCEPTS) + 1)
    print(f"clip: {sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters", flush=True)
    training = Training("patches", torch.nn.ModuleList([model.vision_model, head]), PATCH_STEPS)
    for step in range(PATCH_STEPS):
        picked = rng.integers(PICTURES, size=BATCH)
        shown, covered = augmented(images[picked], patches[picked], rng)
        training.step(step, patch_loss(head, model.vision_model(to_tensor(shown)).last_hidden_state, covered))
    training = Training("statements", torch.nn.ModuleList([model, head]), STEPS)
    for step in range(STEPS):
        picked = rng.integers(PICTURES, size=BATCH)
        shown, covered = augmented(images[picked], patches[picked], rng)
        found = model(input_ids=statements.draw(rng), pixel_values=to_tensor(shown))
        loss = loss_of(found.logits_per_image, {kind: each[picked] for kind, each in true.items()})
        hidden = found.vision_model_output.last_hidden_state
        training.step(step, loss + PATCH_WEIGHT * patch_loss(head, hidden, covered))
        with torch.no_grad():
            model.logit_scale.clamp_(max=LARGEST_SCALE)
    model.eval().save_pretrained(arguments.out / "clip")
    statements.tokenizer.save_pretrained(arguments.out / "clip")
    CLIPImageProcessorPil(
        do_resize=False, do_center_crop=False, image_mean=[0.5] * 3, image_std=[0.5] * 3, rescale_factor=1 / 255
    ).save_pretrained(arguments.out / "clip")


if __name__ == "__main__":
    main()
