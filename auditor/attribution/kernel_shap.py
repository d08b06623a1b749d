"""Kernel SHAP (Lundberg and Lee 2017) of superpixels, through captum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.attribution.map_settings import MapSettings, baseline_colour
from auditor.attribution.occlusion import Score

if TYPE_CHECKING:
    import torch

_STREAM = 0x73686170  # "shap"


def kernel_shap_loads(
    score: Score, picture: np.ndarray, regions: np.ndarray, seed: tuple[int, int], settings: MapSettings
) -> np.ndarray:
    """The Shapley value of each superpixel, estimated, (n_regions,) float64.

    Coalitions are drawn by the SHAP kernel, with none and all of the superpixels among them; a superpixel that is no
    member has the baseline's colour.

    Args:
        score: of one output.
        picture: (height, width, 3) uint8.
        regions: (height, width), the superpixel of each pixel.
        seed: and the picture's number, of the coalitions.
        settings: samples, baseline and batch.
    """
    import torch
    from captum.attr import KernelShap

    n_regions = int(regions.max()) + 1
    if n_regions == 1:
        # Of a single superpixel there are no coalitions: the whole change is its own.
        blank = np.broadcast_to(baseline_colour(picture, settings.baseline), picture.shape)
        both = score([picture, np.ascontiguousarray(blank)])
        return np.array([both[0] - both[1]])
    colour = baseline_colour(picture, settings.baseline)

    def forward(members: torch.Tensor) -> torch.Tensor:
        there = members.numpy().astype(bool)[:, regions]
        return torch.from_numpy(score(list(np.where(there[..., None], picture, colour))))

    stream = int(np.random.default_rng([_STREAM, *seed]).integers(2**62))
    with torch.random.fork_rng(devices=[]):
        # captum draws from torch's own generator.
        torch.manual_seed(stream)
        found = KernelShap(forward).attribute(
            torch.ones((1, n_regions), dtype=torch.float64),
            baselines=torch.zeros((1, n_regions), dtype=torch.float64),
            n_samples=settings.samples,
            perturbations_per_eval=settings.batch,
        )
    return np.asarray(found[0].numpy(), dtype=np.float64)
