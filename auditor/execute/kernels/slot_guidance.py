"""Guidance of its own for each slot of a batch, where pipelines expect one number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


class SlotGuidance:
    """A guidance scale for each slot, in the place of the number that a diffusers pipeline takes.

    Pipelines do two things with it: they ask whether it is above 1, to decide whether to guide at all, and multiply it
    with a difference of predictions. The answer to the first is always yes, so that one formula holds along a whole
    sweep; at 1 and below, a pipeline that is given a number leaves guidance out, which is another formula.
    """

    def __init__(self, scales: np.ndarray, device: str) -> None:
        """`scales`: (n,) float64, one for each slot."""
        import torch

        self._scales = torch.from_numpy(np.asarray(scales, np.float32)).reshape(-1, 1, 1, 1).to(device)

    def __gt__(self, other: float) -> bool:
        return True

    def __ge__(self, other: float) -> bool:
        return True

    def __mul__(self, difference: torch.Tensor) -> torch.Tensor:
        return self._scales.to(difference.dtype) * difference

    __rmul__ = __mul__
