"""Pictures as an autoencoder has them: each is encoded once, alone, and kept while its sweep lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from auditor.digest import Digest, digest_bytes
from auditor.execute.storage.block import Output

if TYPE_CHECKING:
    import torch

KEPT_PICTURES = 16
"""Encoded pictures that are kept: a sweep asks for one again and again."""


class EncodedPictures:
    """The modes of the latents of the pictures used last."""

    def __init__(self, vae: Any, device: str) -> None:
        self._vae, self._device = vae, device
        self._kept: dict[Digest, torch.Tensor] = {}

    def of(self, picture: np.ndarray) -> torch.Tensor:
        """The mode of a picture's latents, not scaled, (1, channels, height, width) float32."""
        import torch

        key = digest_bytes(picture.tobytes())
        if key not in self._kept:
            pixels = torch.tensor(picture).permute(2, 0, 1)[None].float().to(self._device) / 127.5 - 1.0
            if len(self._kept) >= KEPT_PICTURES:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = self._vae.encode(pixels).latent_dist.mode()
        return self._kept[key]


def fitted(picture: Output, height: int, width: int) -> np.ndarray:
    """A picture at the size of an op, (height, width, 3) uint8."""
    from PIL import Image

    assert not isinstance(picture, str)
    if picture.shape[:2] == (height, width):
        return picture
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC))
