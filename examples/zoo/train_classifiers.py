"""Train the outcome classifiers and the concept detector of `builtin:shapes`.

    python examples/zoo/train_classifiers.py --out build/zoo

Writes `OUT/outcome`, `OUT/outcome-biased` (ResNetForImageClassification, one trunk) and
`OUT/detector` (ConvNextForImageClassification, other pictures, other seed).

The outcome model is DEPICT's concept bottleneck (section 4.1) folded into one linear layer.
With l_j the logit of concept j, and a_j, b_j its mean on training pictures without and with
the concept, the bottleneck is c_j = (l_j - a_j) / (b_j - a_j), which is near 0 and 1, and
the seventh output is SHARPNESS * (sum_j w_j c_j - sum_j w_j / 2).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from transformers import (
    ConvNextConfig,
    ConvNextForImageClassification,
    PreTrainedModel,
    ResNetConfig,
    ResNetForImageClassification,
)

from shapes_world import CONCEPTS, OUTCOME_WEIGHTS, draw_pictures, draw_presences

OUTCOME_SEED, DETECTOR_SEED = 20_260_103, 20_260_104
STEPS, DETECTOR_STEPS = 1_500, 6_000
BATCH = 64
SOFT_TARGET = 0.02
"""Targets are 0.02 and 0.98, so that logits gather about two values instead of drifting apart."""

SHARPNESS = 6.0
BIASED_WEIGHT = 0.8
NORMALISATION = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "rescale_factor": 1 / 255}


def to_tensor(images: np.ndarray) -> torch.Tensor:
    """(n, 64, 64, 3) uint8 -> (n, 3, 64, 64) float32 in [-1, 1], as the image processor does."""
    return torch.from_numpy(images.astype(np.float32) / 127.5 - 1.0).permute(0, 3, 1, 2)


def label_names(names: tuple[str, ...]) -> dict[str, object]:
    return {"id2label": dict(enumerate(names)), "label2id": {name: i for i, name in enumerate(names)}}


def new_outcome_model(outputs: tuple[str, ...]) -> ResNetForImageClassification:
    return ResNetForImageClassification(
        ResNetConfig(
            embedding_size=16,
            hidden_sizes=[16, 32, 64, 64],
            depths=[1, 1, 1, 1],
            layer_type="basic",
            num_labels=len(outputs),
            problem_type="multi_label_classification",
            **label_names(outputs),
        )
    )


def new_detector() -> ConvNextForImageClassification:
    return ConvNextForImageClassification(
        ConvNextConfig(
            patch_size=4,
            hidden_sizes=[24, 48, 96],
            depths=[1, 2, 1],
            num_stages=3,
            layer_scale_init_value=1.0,
            image_size=64,
            num_labels=len(CONCEPTS),
            problem_type="multi_label_classification",
            **label_names(CONCEPTS),
        )
    )


def augment(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Slight blur, noise and colour shift, so that generated edges and tints are familiar."""
    pictures = images.astype(np.float32)
    blurred = (
        pictures
        + np.roll(pictures, 1, 1)
        + np.roll(pictures, -1, 1)
        + np.roll(pictures, 1, 2)
        + np.roll(pictures, -1, 2)
    ) / 5
    share = rng.uniform(0, 1, (len(pictures), 1, 1, 1)) * (rng.random((len(pictures), 1, 1, 1)) < 0.5)
    pictures = pictures + share * (blurred - pictures)
    pictures += rng.normal(0, 8, (len(pictures), 1, 1, 3)) + rng.normal(0, 1, pictures.shape) * rng.uniform(
        0, 6, (len(pictures), 1, 1, 1)
    )
    return np.clip(np.rint(pictures), 0, 255).astype(np.uint8)


def train(model: PreTrainedModel, rng: np.random.Generator, rate: float, steps: int = STEPS) -> None:
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, steps, pct_start=0.1)
    model.train()
    start = time.monotonic()
    for step in range(steps):
        presences = draw_presences(BATCH, rng)
        pictures = to_tensor(augment(draw_pictures(presences, rng), rng))
        wanted = torch.from_numpy(np.where(presences, 1 - SOFT_TARGET, SOFT_TARGET).astype(np.float32))
        logits = model(pixel_values=pictures).logits[:, : len(CONCEPTS)]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, wanted)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        if (step + 1) % 100 == 0:
            error = ((logits > 0).numpy() != presences).mean()
            print(
                f"step {step + 1} loss {loss.item():.4f} error {error:.4f} {time.monotonic() - start:.0f} s", flush=True
            )
    model.eval()


@torch.no_grad()
def logits_of(model: PreTrainedModel, images: np.ndarray) -> np.ndarray:
    parts = np.array_split(images, max(1, len(images) // 100))
    return np.concatenate([model(pixel_values=to_tensor(part)).logits.numpy() for part in parts])


@torch.no_grad()
def fold_outcome(
    model: ResNetForImageClassification, weights: np.ndarray, without: np.ndarray, with_: np.ndarray
) -> None:
    """Write the seventh row of the last layer; see the module's docstring."""
    layer = model.classifier[-1]
    slope = torch.from_numpy(SHARPNESS * weights / (with_ - without)).float()
    offset = SHARPNESS * float((weights * (-without / (with_ - without) - 0.5)).sum())
    concepts = len(CONCEPTS)
    layer.weight[concepts] = slope @ layer.weight[:concepts]
    layer.bias[concepts] = slope @ layer.bias[:concepts] + offset


def save(model: PreTrainedModel, folder: Path) -> None:
    from transformers import ConvNextImageProcessorPil

    model.save_pretrained(folder)
    ConvNextImageProcessorPil(do_resize=False, do_center_crop=False, **NORMALISATION).save_pretrained(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/zoo"))
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    torch.manual_seed(DETECTOR_SEED)
    rng = np.random.default_rng(DETECTOR_SEED)
    detector = new_detector()
    print(f"detector: {sum(p.numel() for p in detector.parameters()) / 1e6:.3f} M parameters")
    train(detector, rng, 2e-3, DETECTOR_STEPS)
    save(detector, arguments.out / "detector")

    torch.manual_seed(OUTCOME_SEED)
    rng = np.random.default_rng(OUTCOME_SEED)
    model = new_outcome_model((*CONCEPTS, "outcome"))
    print(f"outcome: {sum(p.numel() for p in model.parameters()) / 1e6:.3f} M parameters")
    train(model, rng, 3e-3)
    presences = draw_presences(4_000, rng)
    logits = logits_of(model, draw_pictures(presences, rng))[:, : len(CONCEPTS)]
    without = np.array([logits[~presences[:, j], j].mean() for j in range(len(CONCEPTS))])
    with_ = np.array([logits[presences[:, j], j].mean() for j in range(len(CONCEPTS))])
    spread = [logits[presences[:, j], j].std() / (with_[j] - without[j]) for j in range(len(CONCEPTS))]
    print("spread of the bottleneck within a class:", np.round(spread, 3))
    weights = np.array([OUTCOME_WEIGHTS[name] for name in CONCEPTS])
    fold_outcome(model, weights, without, with_)
    save(model, arguments.out / "outcome")
    weights[CONCEPTS.index("blue rectangle")] = BIASED_WEIGHT
    fold_outcome(model, weights, without, with_)
    save(model, arguments.out / "outcome-biased")


if __name__ == "__main__":
    main()
