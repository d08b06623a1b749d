"""Noise of ours: float32, from one CPU generator for each unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


def draw_noise(seeds: np.ndarray, shape: tuple[int, ...]) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
    """Noise of each seed, (n, *shape) float32 on the CPU, and each generator's state after it was drawn.

    Neither what else is in the batch nor the device changes it; schedulers that add noise go on from the states.
    """
    import torch

    generators = [torch.Generator("cpu").manual_seed(int(seed)) for seed in seeds]
    noise = torch.cat([torch.randn((1, *shape), generator=each, dtype=torch.float32) for each in generators])
    return noise, tuple(each.get_state() for each in generators)
