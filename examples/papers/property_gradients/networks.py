"""Two small architectures of transformers, their training and their folders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import (
    ConvNextImageProcessorPil,
    PreTrainedModel,
    RegNetConfig,
    RegNetForImageClassification,
    ResNetConfig,
    ResNetForImageClassification,
)

NORMALISATION = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "rescale_factor": 1 / 255}
SMOOTHING = 0.05
"""Of the labels: probabilities stay away from 0 and 1, where no sweep could move them."""


def new_resnet(outputs: Sequence[str], width: int = 8) -> ResNetForImageClassification:
    config = ResNetConfig(
        embedding_size=width,
        hidden_sizes=[width, 2 * width, 4 * width],
        depths=[1, 1, 1],
        layer_type="basic",
        **_names(outputs),
    )
    return ResNetForImageClassification(config)


def new_regnet(outputs: Sequence[str], width: int = 8) -> RegNetForImageClassification:
    config = RegNetConfig(
        embedding_size=width,
        hidden_sizes=[2 * width, 4 * width, 6 * width],
        depths=[1, 1, 1],
        groups_width=8,
        layer_type="y",
        **_names(outputs),
    )
    return RegNetForImageClassification(config)


ARCHITECTURES = {"resnet": (new_resnet, 4e-3), "regnet": (new_regnet, 6e-3)}
"""A constructor by the names of the outputs, and the peak rate of training."""


def _names(outputs: Sequence[str]) -> dict[str, object]:
    return {
        "num_labels": len(outputs),
        "problem_type": "single_label_classification",
        "id2label": dict(enumerate(outputs)),
        "label2id": {name: number for number, name in enumerate(outputs)},
    }


def to_tensor(images: np.ndarray) -> torch.Tensor:
    """(n, 64, 64, 3) uint8 -> (n, 3, 64, 64) float32 in [-1, 1], as the image processor does."""
    return torch.from_numpy(images.astype(np.float32) / 127.5 - 1.0).permute(0, 3, 1, 2)


def train(
    model: PreTrainedModel, images: np.ndarray, labels: np.ndarray, *, epochs: int, rate: float, batch: int, seed: int
) -> Iterator[float]:
    """Train with AdamW under one cycle of the rate; gives the mean loss after each epoch."""
    order = np.random.default_rng(seed)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=1e-3, fused=True)
    steps = len(images) // batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, epochs * steps, pct_start=0.15)
    pixels, wanted = to_tensor(images), torch.from_numpy(labels.astype(np.int64))
    for _ in range(epochs):
        model.train()
        losses = []
        for part in np.array_split(order.permutation(len(images))[: steps * batch], steps):
            picked = torch.from_numpy(part)
            logits = model(pixel_values=pixels[picked]).logits
            loss = torch.nn.functional.cross_entropy(logits, wanted[picked], label_smoothing=SMOOTHING)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        model.eval()
        yield float(np.mean(losses))


@torch.no_grad()
def probabilities(model: PreTrainedModel, images: np.ndarray) -> np.ndarray:
    """Probability of the last output, (n,)."""
    parts = np.array_split(images, max(1, len(images) // 100))
    return np.concatenate([model(pixel_values=to_tensor(part)).logits.softmax(-1)[:, -1].numpy() for part in parts])


def save(model: PreTrainedModel, folder: Path) -> None:
    """A folder that `from_pretrained` reads: safetensors, configuration, image processor."""
    model.save_pretrained(folder)
    ConvNextImageProcessorPil(do_resize=False, do_center_crop=False, **NORMALISATION).save_pretrained(folder)
