"""Latents become 8-bit pictures, and those that are no numbers become reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auditor.execute.storage.block import Output

if TYPE_CHECKING:
    import torch

NOT_FINITE = "the pipeline returned numbers that are not finite"


def decode(vae: Any, latents: torch.Tensor) -> torch.Tensor:
    """Pictures before they are rounded, (batch, 3, height, width) float32, -1 to 1."""
    decoded: torch.Tensor = vae.decode(latents.float() / vae.config.scaling_factor, return_dict=False)[0]
    return decoded


def pictures_of(latents: torch.Tensor, decoded: torch.Tensor) -> list[Output]:
    """Of each slot its picture, (height, width, 3) uint8, or why there is none: seen before it becomes a black one."""
    import torch

    finite = torch.isfinite(latents).flatten(1).all(1) & torch.isfinite(decoded).flatten(1).all(1)
    pixels = (decoded.cpu().clamp(-1, 1) * 127.5 + 127.5).round().to(torch.uint8)
    pictures = pixels.permute(0, 2, 3, 1).contiguous().numpy()
    return [picture if whole else NOT_FINITE for picture, whole in zip(pictures, finite.tolist(), strict=True)]
