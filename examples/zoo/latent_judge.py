"""Two classifiers of concepts in latents, which tell the denoiser early whether a picture will keep its caption.

Used only while training the generator. They share nothing with the detector by which pictures are
judged afterwards: other inputs, other architecture, other seeds. The first learns from pictures of
the world alone, and takes a circle half red and half blue for both; the second has seen shapes of
two colours (mixed_shapes.py) and takes them for neither.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import nn

from mixed_shapes import mixed_pictures
from train_autoencoder import encode

SEED, STRICT_SEED = 20_260_106, 20_260_110
MIXED_PICTURES = 24_000
STEPS = 2_500
BATCH = 256
MOST_NOISE = 0.5


def new_judge(concepts: int) -> nn.Module:
    """Latents (n, 4, 8, 8) -> logits of presence (n, concepts)."""

    def block(inputs: int, outputs: int) -> list[nn.Module]:
        return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.GroupNorm(8, outputs), nn.SiLU()]

    return nn.Sequential(
        *block(4, 64), *block(64, 96), *block(96, 96), nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(96, concepts)
    )  # fmt: skip


def train_judge(latents: torch.Tensor, presences: torch.Tensor, path: Path, seed: int = SEED) -> nn.Module:
    """Train on clean and slightly noisy latents, or read what an earlier call wrote to `path`."""
    torch.manual_seed(seed)
    judge = new_judge(presences.shape[1])
    if path.exists():
        judge.load_state_dict(torch.load(path, weights_only=True))
        return judge.eval().requires_grad_(False)
    optimiser = torch.optim.AdamW(judge.parameters(), lr=3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, STEPS)
    start = time.monotonic()
    for step in range(STEPS):
        picked = torch.randint(len(latents), (BATCH,))
        noise = torch.randn(BATCH, 4, 8, 8) * torch.rand(BATCH, 1, 1, 1) * MOST_NOISE
        logits = judge(latents[picked] + noise)
        loss = nn.functional.binary_cross_entropy_with_logits(logits, presences[picked])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        if (step + 1) % 250 == 0:
            error = ((logits > 0).float() != presences[picked]).float().mean().item()
            seconds = time.monotonic() - start
            print(f"judge step {step + 1} loss {loss.item():.4f} error {error:.4f} {seconds:.0f} s", flush=True)
    torch.save(judge.state_dict(), path)
    return judge.eval().requires_grad_(False)


def train_strict_judge(latents: torch.Tensor, presences: torch.Tensor, vae: AutoencoderKL, path: Path) -> nn.Module:
    """Like `train_judge`, on three pictures with shapes of two colours for every two of the world."""
    if path.exists():
        return train_judge(latents, presences, path)
    rng = np.random.default_rng(STRICT_SEED)
    pictures, shown = mixed_pictures(MIXED_PICTURES, rng)
    of_world = rng.permutation(len(latents))[: MIXED_PICTURES * 2 // 3]
    together = torch.cat([latents[of_world], encode(vae, pictures)])
    return train_judge(together, torch.cat([presences[of_world], torch.from_numpy(shown).float()]), path, STRICT_SEED)
