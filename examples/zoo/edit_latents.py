"""What the four latent channels of the instruction editor mean: mean colours, and where which form stands.

A sweep of guidance leads along a straight line between two latents. A frame in its middle shows the middle of the
change only where latents are linear in colours, and an autoencoder that is free to choose them is not: with six colours
of shapes, its red, blue and green lay on one line. So the channels are given here and the autoencoder learns them.

In a cell of 8 x 8 pixels, three channels are the mean colour, whitened: linear in whatever colour a shape takes.
The fourth is the form: how far the boxes of circles (above 0) and rectangles (below) reach across the cell, times their
opacity. It tells apart what mean colours leave open, shapes whose width and height differ on the same four cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from edit_world import Scene, draw_part, paint_scene
from train_autoencoder import to_tensor

CELL, CELLS = 8, 8
LATENTS_SEED = 20_260_124
"""Draws the pictures that the scales of the channels are measured on."""

STEEP = 3.0
"""A box that covers a third of a cell's height counts in full."""


def form_of(scene: Scene) -> np.ndarray:
    """The fourth channel before it is scaled, (8, 8) in [-1, 1]; 0 where no shape stands."""
    first = np.arange(CELLS) * CELL
    found = np.zeros((CELLS, CELLS), np.float32)
    for shape in scene.shapes:
        left, top, right, bottom = shape.box
        across = np.clip(np.minimum(right, first + CELL) - np.maximum(left, first), 0, None) / CELL
        down = np.clip(np.minimum(bottom, first + CELL) - np.maximum(top, first), 0, None) / CELL
        sign = 1.0 if shape.concept.endswith("circle") else -1.0
        found += sign * shape.opacity * np.minimum(1.0, STEEP * down)[:, None] * across[None, :]
    return found


@dataclass(frozen=True)
class Latents:
    """The scales of the channels; `whiten` (3, 3) and `mean` (3,) of colours in [-1, 1]."""

    mean: torch.Tensor
    whiten: torch.Tensor
    form_scale: float

    @staticmethod
    def measured(rng: np.random.Generator, pictures: int = 4_000) -> Latents:
        """From random scenes: each channel has variance 1, no two are correlated."""
        scenes = [draw_part(rng) for _ in range(pictures)]
        colours = _pooled(scenes).permute(0, 2, 3, 1).reshape(-1, 3).double()
        values, vectors = torch.linalg.eigh(torch.cov(colours.T))
        whiten = vectors @ torch.diag(values.rsqrt()) @ vectors.T
        form_scale = 1.0 / float(np.std([form_of(scene) for scene in scenes]))
        return Latents(colours.mean(0).float(), whiten.float(), form_scale)

    def of(self, scenes: list[Scene]) -> torch.Tensor:
        """The latents of scenes, (n, 4, 8, 8) float32."""
        colours = torch.einsum("ij,njhw->nihw", self.whiten, _pooled(scenes) - self.mean[:, None, None])
        forms = torch.from_numpy(np.stack([form_of(scene) for scene in scenes])) * self.form_scale
        return torch.cat([colours, forms[:, None]], dim=1)


def with_shapes(latents: torch.Tensor) -> torch.Tensor:
    """1 for the cells of latents (n, 4, 8, 8) on which a shape stands, else 0: (n, 1, 8, 8)."""
    return (latents[:, 3:] != 0).float()


def _pooled(scenes: list[Scene]) -> torch.Tensor:
    """Mean colours in [-1, 1] by cell, (n, 3, 8, 8)."""
    pictures = to_tensor(np.stack([paint_scene(scene) for scene in scenes]))
    return torch.nn.functional.avg_pool2d(pictures, CELL)
