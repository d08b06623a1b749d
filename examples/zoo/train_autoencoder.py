"""Train the autoencoder of `builtin:shapes/text-to-image` and cache its latents.

    python examples/zoo/train_autoencoder.py --out build/zoo

Writes `OUT/vae` (diffusers AutoencoderKL, factor 8, 4 latent channels) and
`OUT/latents.npz`: the latents of 100,000 pictures of the shapes world with their presences.
After training, the latents are whitened: mean and covariance of the four channels are folded
into the 1 x 1 convolutions on either side of them, so that `scaling_factor` is exactly 1.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

from shapes_world import draw_pictures, draw_presences

SEED = 20_260_101
STEPS = 1_600
FULL_PRECISION_STEPS = 500
"""The last steps run in float32; those before in bfloat16 autocast, which is 1.5 times faster."""
BATCH = 24
LATENT_PICTURES = 100_000


def to_tensor(images: np.ndarray) -> torch.Tensor:
    """(n, 64, 64, 3) uint8 -> (n, 3, 64, 64) float32 in [-1, 1]."""
    return torch.from_numpy(images.astype(np.float32) / 127.5 - 1.0).permute(0, 3, 1, 2)


def new_autoencoder() -> AutoencoderKL:
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(16, 32, 64, 64),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=8,
        sample_size=64,
        scaling_factor=1.0,
    )


def train(vae: AutoencoderKL, rng: np.random.Generator, steps: int) -> None:
    optimiser = torch.optim.AdamW(vae.parameters(), lr=1e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=1.5e-3, total_steps=steps, pct_start=0.05)
    vae.train()
    start = time.monotonic()
    for step in range(steps):
        pictures = to_tensor(draw_pictures(draw_presences(BATCH, rng), rng))
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=step < steps - FULL_PRECISION_STEPS):
            posterior = vae.encode(pictures).latent_dist
            rebuilt = vae.decode(posterior.sample()).sample.float()
        error = (rebuilt - pictures).abs().mean()
        loss = error + (rebuilt - pictures).pow(2).mean() + 2e-5 * posterior.kl().float().mean() / 256
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 100 == 0 or step == steps - 1:
            print(f"autoencoder step {step} error {error.item():.4f} {time.monotonic() - start:.0f} s", flush=True)


@torch.no_grad()
def encode(vae: AutoencoderKL, images: np.ndarray) -> torch.Tensor:
    """Posterior means of `images`, (n, 4, 8, 8)."""
    vae.eval()
    batches = np.array_split(images, max(1, len(images) // 100))
    return torch.cat([vae.encode(to_tensor(batch)).latent_dist.mean for batch in batches])


@torch.no_grad()
def whiten(vae: AutoencoderKL, latents: torch.Tensor) -> None:
    """Fold the whitening of the latent channels into quant_conv and post_quant_conv."""
    flat = latents.permute(1, 0, 2, 3).reshape(4, -1).double()
    mean = flat.mean(1)
    values, vectors = torch.linalg.eigh(torch.cov(flat))
    to_white = vectors @ torch.diag(values.rsqrt()) @ vectors.T
    from_white = vectors @ torch.diag(values.sqrt()) @ vectors.T
    quant, post = vae.quant_conv, vae.post_quant_conv
    weight, bias = quant.weight[:, :, 0, 0].double(), quant.bias.double()
    quant.weight[:4, :, 0, 0] = (to_white @ weight[:4]).float()
    quant.bias[:4] = (to_white @ (bias[:4] - mean)).float()
    # The log-variance rows are moved by the mean scale: only the means are ever used.
    quant.bias[4:] += (2 * torch.log(values.rsqrt()).mean()).float()
    weight, bias = post.weight[:, :, 0, 0].double(), post.bias.double()
    post.bias[:] = (bias + weight @ mean).float()
    post.weight[:, :, 0, 0] = (weight @ from_white).float()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/zoo"))
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    arguments.out.mkdir(parents=True, exist_ok=True)
    vae = new_autoencoder()
    print(f"autoencoder: {sum(p.numel() for p in vae.parameters()) / 1e6:.2f} M parameters")
    train(vae, rng, arguments.steps)
    calibration = draw_pictures(draw_presences(2_000, rng), rng)
    whiten(vae, encode(vae, calibration))
    vae.save_pretrained(arguments.out / "vae")
    with torch.no_grad():
        rebuilt = vae.decode(encode(vae, calibration[:200])).sample
    print(f"mean absolute error after whitening: {(rebuilt - to_tensor(calibration[:200])).abs().mean():.4f} of 2")
    presences = draw_presences(LATENT_PICTURES, rng)
    latents = np.concatenate(
        [encode(vae, draw_pictures(part, rng)).numpy() for part in np.array_split(presences, LATENT_PICTURES // 1_000)]
    )
    print(f"latents: mean {latents.mean((0, 2, 3)).round(3)}, std {latents.std((0, 2, 3)).round(3)}")
    np.savez(arguments.out / "latents.npz", latents=latents, presences=presences)


if __name__ == "__main__":
    main()
