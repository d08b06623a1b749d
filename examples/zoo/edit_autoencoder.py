"""The autoencoder of `builtin:shapes/edit`: an encoder and a decoder of given latents, trained apart.

Used by `train_edit.py`. Both begin at the autoencoder of the text-to-image model.
"""

from __future__ import annotations

import argparse
import math
import time

import numpy as np
import torch
from diffusers import AutoencoderKL

from edit_latents import LATENTS_SEED, Latents
from edit_world import Scene, draw_pair, draw_part, paint_scene
from train_autoencoder import to_tensor

SEED = 20_260_122
ENCODER_STEPS, DECODER_STEPS, BATCH = 1_200, 4_000, 24
ENCODED_STEPS = 800
"""The last steps of the decoder begin at what the encoder makes of a picture."""

FULL_PRECISION_STEPS = 400
SPREAD = 0.1
"""SD of the encoder's posterior; the decoder is to bear up to twice as much."""

BEYOND = 2.0
"""As far as guidance may lead; from 1 on the whole change is shown."""


def to_pictures(scenes: list[Scene]) -> torch.Tensor:
    return to_tensor(np.stack([paint_scene(scene) for scene in scenes]))


def train_encoder(arguments: argparse.Namespace) -> None:
    """The encoder learns the given latents from pictures."""
    rng, latents = np.random.default_rng(SEED), Latents.measured(np.random.default_rng(LATENTS_SEED))
    torch.manual_seed(SEED)
    vae = AutoencoderKL.from_pretrained(arguments.vae).train()
    parts = torch.nn.ModuleList([vae.encoder, vae.quant_conv])
    optimiser = torch.optim.AdamW(parts.parameters(), lr=1e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1.5e-3, ENCODER_STEPS, pct_start=0.1)
    start = time.monotonic()
    for step in range(ENCODER_STEPS):
        scenes = [draw_part(rng) for _ in range(BATCH)]
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=step < ENCODER_STEPS - FULL_PRECISION_STEPS):
            told = vae.quant_conv(vae.encoder(to_pictures(scenes))).float()
        mean, log_variance = told.chunk(2, dim=1)
        error = (mean - latents.of(scenes)).pow(2).mean((0, 2, 3))
        loss = error.mean() + 0.01 * (log_variance - 2 * math.log(SPREAD)).pow(2).mean()
        stepped(parts, optimiser, schedule, loss)
        if (step + 1) % 100 == 0:
            print(f"encoder step {step + 1} RMSE {error.sqrt().tolist()} {time.monotonic() - start:.0f} s", flush=True)
    vae.save_pretrained(arguments.out / "edit-vae")


def train_decoder(arguments: argparse.Namespace) -> None:
    """The decoder learns to show latents, the way between two, and what lies beyond: there the change is whole."""
    rng, latents = np.random.default_rng(SEED + 3), Latents.measured(np.random.default_rng(LATENTS_SEED))
    torch.manual_seed(SEED + 3)
    vae = AutoencoderKL.from_pretrained(arguments.out / "edit-vae").train()
    parts = torch.nn.ModuleList([vae.decoder, vae.post_quant_conv])
    optimiser = torch.optim.AdamW(parts.parameters(), lr=1e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1.5e-3, DECODER_STEPS, pct_start=0.1)
    start, running = time.monotonic(), 0.0
    for step in range(DECODER_STEPS):
        pairs = [draw_pair(rng) for _ in range(BATCH)]
        befores, afters = ([pair[side] for pair in pairs] for side in (0, 1))
        before, after = to_pictures(befores), to_pictures(afters)
        with torch.no_grad():
            if step < DECODER_STEPS - ENCODED_STEPS:
                first, last = latents.of(befores), latents.of(afters)
            else:  # What the encoder makes of the picture to be changed.
                first = vae.encode(before).latent_dist.mean
                last = first + latents.of(afters) - latents.of(befores)
        share = shares(BATCH)[:, None, None, None]
        spoilt = 2 * SPREAD * torch.rand(BATCH, 1, 1, 1) * torch.randn(first.shape)
        wanted = before + share.clamp(max=1) * (after - before)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=step < DECODER_STEPS - FULL_PRECISION_STEPS):
            shown = vae.decode(first + share * (last - first) + spoilt).sample.float()
        error = (shown - wanted).abs().mean()
        stepped(parts, optimiser, schedule, error + (shown - wanted).pow(2).mean())
        running += error.item()
        if (step + 1) % 100 == 0:
            print(f"decoder step {step + 1} error {running / 100:.4f} {time.monotonic() - start:.0f} s", flush=True)
            running = 0.0
    vae.save_pretrained(arguments.out / "edit-vae")


def shares(rows: int) -> torch.Tensor:
    """How far along the change, (rows,): a quarter at either end, 0.35 between, 0.4 beyond it."""
    kind, between, beyond = torch.rand(rows), torch.rand(rows), 1 + (BEYOND - 1) * torch.rand(rows)
    return torch.where(kind < 0.25, (8 * kind).floor(), torch.where(kind > 0.6, beyond, between))


def stepped(
    parts: torch.nn.Module,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    loss: torch.Tensor,
) -> None:
    """One step of an optimiser and of its schedule."""
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parts.parameters(), 1.0)
    optimiser.step()
    schedule.step()
