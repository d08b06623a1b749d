"""Fine-tune a text-to-image pipeline on captioned pictures: images plus a table become a diffusers folder.

    cd examples/finetune_text_to_image
    python finetune.py --images build/second_world/train --out build/second_world/generator
    python finetune.py --base PATH/stable-diffusion-v1-5 --images .. --out .. --method lora --size 512 --batch 4

The table is `metadata.csv` with `file_name` and a column of captions, which must read as the audit's captions will: the
phrases of the concepts, joined. `--method full` trains denoiser and text encoder; `--method lora` trains low-rank
additions to the denoiser's attention (needs `peft`) and adds them to its weights at the end, so that the folder is an
ordinary one. `--autoencoder-steps` tunes the autoencoder first, for pictures unlike those it has seen. Goes on from
`OUT.training.pt` after an interruption.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import DDPMScheduler, StableDiffusionPipeline

from auditor.source import locate
from labelled_pictures import read_pictures, read_table

EMPTY_SHARE = 0.1
"""So many captions are left out in training, for guidance."""

LORA_LAYERS = ["to_q", "to_k", "to_v", "to_out.0"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", default="builtin:shapes/text-to-image", help="a diffusers folder, or builtin:NAME")
    parser.add_argument("--images", type=Path, required=True, help="a folder with metadata.csv")
    parser.add_argument("--caption", default="caption", help="the column of captions")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--method", choices=["full", "lora"], default="full")
    parser.add_argument("--rank", type=int, default=16, help="of LoRA")
    parser.add_argument("--size", type=int, default=64, help="width and height of pictures")
    parser.add_argument("--steps", type=int, default=2_500)
    parser.add_argument("--autoencoder-steps", type=int, default=0)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    finetune(given)


def finetune(given: argparse.Namespace) -> None:
    """Train, and write the folder."""
    folder = locate(given.base, Path.cwd(), ()) if given.base.startswith("builtin:") else Path(given.base)
    pipeline = StableDiffusionPipeline.from_pretrained(
        folder, local_files_only=True, use_safetensors=True, dtype=torch.float32
    ).to(given.device)
    pipeline.set_progress_bar_config(disable=True)
    lines = read_table(given.images)
    pictures = read_pictures(given.images, [line["file_name"] for line in lines], given.size)
    torch.manual_seed(given.seed)
    state = Path(f"{given.out}.training.pt")
    saved = torch.load(state, weights_only=True, map_location=given.device) if state.exists() else None
    if saved is not None:
        pipeline.vae.load_state_dict(saved["vae"])
    elif given.autoencoder_steps:
        tune_autoencoder(pipeline.vae, pictures, given)
    latents = encoded(pipeline.vae, pictures, given.device)
    captions, numbers = np.unique([line[given.caption] for line in lines], return_inverse=True)
    tokens = tokens_of(pipeline.tokenizer, ["", *captions.tolist()]).to(given.device)
    train(pipeline, latents, torch.from_numpy(numbers + 1), tokens, given, state, saved)
    pipeline.save_pretrained(given.out, safe_serialization=True)
    state.unlink(missing_ok=True)
    print(f"written: {given.out}")


def tokens_of(tokenizer: Any, captions: list[str]) -> torch.Tensor:
    """Token numbers, (n, length); refuses captions that the text encoder would cut."""
    longest = max(len(tokenizer(caption).input_ids) for caption in captions)
    if longest > tokenizer.model_max_length:
        raise SystemExit(f"a caption has {longest} tokens, and the text encoder reads {tokenizer.model_max_length}")
    return tokenizer(
        captions, padding="max_length", max_length=tokenizer.model_max_length, return_tensors="pt"
    ).input_ids


def to_tensor(pictures: np.ndarray) -> torch.Tensor:
    """(n, size, size, 3) uint8 -> (n, 3, size, size) float32 in [-1, 1]."""
    return torch.from_numpy(pictures.astype(np.float32) / 127.5 - 1.0).permute(0, 3, 1, 2)


@torch.no_grad()
def encoded(vae: Any, pictures: np.ndarray, device: str) -> torch.Tensor:
    """The latents of all pictures, once: (n, channels, height, width), scaled as the denoiser wants them."""
    vae.eval()
    parts = [vae.encode(to_tensor(part).to(device)).latent_dist.mean.cpu() for part in _parts(pictures, 50)]
    return torch.cat(parts) * vae.config.scaling_factor


def tune_autoencoder(vae: Any, pictures: np.ndarray, given: argparse.Namespace) -> None:
    """Some steps of plain reconstruction; the latent space stays where it was, as the encoder is held."""
    optimiser = torch.optim.AdamW([*vae.decoder.parameters(), *vae.post_quant_conv.parameters()], lr=given.rate)
    latents = encoded(vae, pictures, given.device) / vae.config.scaling_factor
    vae.train()
    for step in range(given.autoencoder_steps):
        picked = torch.randint(len(latents), (min(24, given.batch),))
        wanted = to_tensor(pictures[picked.numpy()]).to(given.device)
        error = (vae.decode(latents[picked].to(given.device)).sample - wanted).abs().mean()
        optimiser.zero_grad(set_to_none=True)
        error.backward()
        optimiser.step()
        if (step + 1) % 50 == 0 or step + 1 == given.autoencoder_steps:
            print(f"autoencoder {step + 1} of {given.autoencoder_steps}: error {error.item():.4f} of 2", flush=True)
    vae.eval()


def train(
    pipeline: Any, latents: torch.Tensor, captions: torch.Tensor, tokens: torch.Tensor, given: argparse.Namespace,
    state: Path, saved: dict[str, Any] | None,
) -> None:  # fmt: skip
    """Train the denoiser (and, in full, the text encoder) on noisy latents and their captions."""
    pipeline.vae.requires_grad_(False)
    both = torch.nn.ModuleDict({"unet": pipeline.unet})
    pipeline.text_encoder.requires_grad_(given.method == "full")
    if given.method == "lora":
        from peft import LoraConfig

        pipeline.unet.requires_grad_(False)
        pipeline.unet.add_adapter(LoraConfig(r=given.rank, lora_alpha=given.rank, target_modules=LORA_LAYERS))
    else:
        both["text_encoder"] = pipeline.text_encoder
    trained = {name: one for name, one in both.named_parameters() if one.requires_grad}
    average = {name: one.detach().clone() for name, one in trained.items()}
    optimiser = torch.optim.AdamW(trained.values(), lr=given.rate, weight_decay=1e-2)
    generator, first = torch.Generator().manual_seed(given.seed), 0
    if saved is not None:
        with torch.no_grad():
            for name, one in trained.items():
                one.copy_(saved["trained"][name])
        average = saved["average"]
        optimiser.load_state_dict(saved["optimiser"])
        generator.set_state(saved["generator"].cpu())
        first = saved["step"]
        print(f"going on at step {first}", flush=True)
    noising = DDPMScheduler.from_config(pipeline.scheduler.config)
    both.train()
    start, running = time.monotonic(), 0.0
    for step in range(first, given.steps):
        picked = torch.randint(len(latents), (given.batch,), generator=generator)
        clean = latents[picked].to(given.device)
        noise = torch.randn(clean.shape, generator=generator).to(given.device)
        times = torch.randint(noising.config.num_train_timesteps, (given.batch,), generator=generator).to(given.device)
        chosen = torch.where(torch.rand(given.batch, generator=generator) < EMPTY_SHARE, 0, captions[picked])
        wanted = (
            noising.get_velocity(clean, noise, times) if noising.config.prediction_type == "v_prediction" else noise
        )
        used, place = torch.unique(chosen, return_inverse=True)
        embedded = pipeline.text_encoder(tokens[used])[0][place]
        guess = pipeline.unet(noising.add_noise(clean, noise, times), times, encoder_hidden_states=embedded).sample
        loss = (guess - wanted).pow(2).mean()
        for group in optimiser.param_groups:
            group["lr"] = given.rate * min(1.0, (step + 1) / 50) * max(0.05, 1.0 - step / given.steps)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained.values(), 1.0)
        optimiser.step()
        running += loss.item()
        decay = min(0.995, (step + 1) / (step + 10))
        with torch.no_grad():
            for name, one in trained.items():
                average[name].lerp_(one, 1.0 - decay)
        done, last = step + 1, step + 1 == given.steps
        if done % 50 == 0 or last:
            left = (time.monotonic() - start) / (done - first) * (given.steps - done)
            print(f"step {done} of {given.steps}: loss {running / 50:.4f}, {left / 60:.1f} min left", flush=True)
            running = 0.0
        if done % 200 == 0 and not last:
            keep(
                state,
                {
                    "trained": {name: one.detach() for name, one in trained.items()},
                    "average": average,
                    "optimiser": optimiser.state_dict(),
                    "generator": generator.get_state(),
                    "vae": pipeline.vae.state_dict(),
                    "step": done,
                },
            )
    with torch.no_grad():
        for name, one in trained.items():
            one.copy_(average[name])
    both.eval()
    if given.method == "lora":
        pipeline.unet.fuse_lora()
        pipeline.unet.unload_lora()


def keep(state: Path, value: dict[str, Any]) -> None:
    """Write the state whole or not at all."""
    partial = state.with_suffix(".part")
    torch.save(value, partial)
    partial.replace(state)


def _parts(pictures: np.ndarray, size: int) -> list[np.ndarray]:
    return [pictures[start : start + size] for start in range(0, len(pictures), size)]


if __name__ == "__main__":
    main()
