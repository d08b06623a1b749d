"""A classifier of concepts in latents, which tells the denoiser early whether a picture will keep its caption.

Used only while training the generator. It shares nothing with the detector by which pictures are
judged afterwards: other inputs, other architecture, other seed.
"""

from __future__ import annotations

import time
from pathlib import Path

import torch
from torch import nn

SEED = 20_260_106
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


def train_judge(latents: torch.Tensor, presences: torch.Tensor, path: Path) -> nn.Module:
    """Train on clean and slightly noisy latents, or read what an earlier call wrote to `path`."""
    torch.manual_seed(SEED)
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
