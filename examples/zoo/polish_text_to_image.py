"""Polish the generator on the states that its own sampler visits.

    python examples/zoo/polish_text_to_image.py --out build/zoo --start build/zoo/text-to-image

Training sees noisy versions of real pictures; a sampler of ten steps with guidance also visits
states between two arrangements, which no real picture leads to, and ends in mixed shapes. Here
the sampler is followed. At some of its states the predicted clean latents must show the caption's
concepts to the judge of latent_judge.py, and, decoded, to a judge of pictures, while the ordinary
loss holds the rest in place. Neither judge is the detector by which pictures are measured.
Rewrites `OUT/text-to-image`.
"""

from __future__ import annotations

import argparse
import copy
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from diffusers.models.attention_processor import AttnProcessor
from torch.nn.functional import binary_cross_entropy_with_logits
from transformers import ResNetForImageClassification

from latent_judge import train_judge
from shapes_world import CONCEPTS
from train_classifiers import new_outcome_model, train
from train_text_to_image import MAX_TOKENS, all_captions, new_scheduler, place_values, save

SEED = 20_260_107
PIXEL_SEED = 20_260_108
ITERATIONS = 300
FOLLOWED = 32
ORDINARY = 48
STATES = 3
SAMPLER_STEPS = 10
RATE = 1e-4
PRESENCE_WEIGHT = 0.3
EMA = 0.98
PREVALENCE = 0.6
"""Presence of each concept in the captions followed: crowded pictures fail more often."""


class Sampler:
    """DDIM with guidance, in the ten steps of the audits."""

    def __init__(self, unet: torch.nn.Module) -> None:
        scheduler = new_scheduler()
        scheduler.set_timesteps(SAMPLER_STEPS)
        self.unet, self.times = unet, scheduler.timesteps.tolist()
        self.alphas = scheduler.alphas_cumprod

    def clean(
        self, noisy: torch.Tensor, step: int, caption: torch.Tensor, empty: torch.Tensor, guidance: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Predicted clean latents and noise at a step; the unconditional part carries no gradient."""
        time_ = torch.tensor(self.times[step])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            conditional = self.unet(noisy, time_, encoder_hidden_states=caption).sample.float()
            with torch.no_grad():
                unconditional = self.unet(noisy, time_, encoder_hidden_states=empty).sample.float()
        guided = unconditional + guidance * (conditional - unconditional)
        signal, spoil = self.alphas[time_].sqrt(), (1 - self.alphas[time_]).sqrt()
        return signal * noisy - spoil * guided, spoil * noisy + signal * guided

    def follow(
        self, noisy: torch.Tensor, caption: torch.Tensor, empty: torch.Tensor, guidance: torch.Tensor
    ) -> list[torch.Tensor]:
        """The states before each step."""
        states = []
        with torch.no_grad():
            for step in range(SAMPLER_STEPS):
                states.append(noisy)
                clean, noise = self.clean(noisy, step, caption, empty, guidance)
                last = step == SAMPLER_STEPS - 1
                after = torch.tensor(1.0) if last else self.alphas[self.times[step + 1]]
                noisy = after.sqrt() * clean + (1 - after).sqrt() * noise
        return states


def trained_pixel_judge(folder: Path) -> ResNetForImageClassification:
    """A classifier of concepts in pictures, of a seed of its own, trained now if it is not there."""
    if not folder.exists():
        torch.manual_seed(PIXEL_SEED)
        judge = new_outcome_model(CONCEPTS)
        train(judge, np.random.default_rng(PIXEL_SEED), 3e-3)
        judge.save_pretrained(folder)
    return ResNetForImageClassification.from_pretrained(folder).eval().requires_grad_(False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/zoo"))
    parser.add_argument("--start", type=Path, default=Path("build/zoo/text-to-image"))
    parser.add_argument("--into", type=Path, default=Path("build/zoo/text-to-image"))
    parser.add_argument("--iterations", type=int, default=ITERATIONS)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(SEED)
    pipeline = StableDiffusionPipeline.from_pretrained(arguments.start, local_files_only=True)
    unet, text_encoder = pipeline.unet.train(), pipeline.text_encoder.requires_grad_(False)
    unet.set_attn_processor(AttnProcessor())
    unet.to(memory_format=torch.channels_last)
    average = copy.deepcopy(unet).requires_grad_(False)
    stored = np.load(arguments.out / "latents.npz")
    latents = torch.from_numpy(stored["latents"])
    numbers = torch.from_numpy(stored["presences"] @ (2 ** np.arange(6)[::-1]))
    judge = train_judge(latents, place_values(numbers), arguments.out / "judge.pt")
    pixel_judge = trained_pixel_judge(arguments.out / "pixel-judge")
    pipeline.vae.requires_grad_(False)
    tokens = pipeline.tokenizer(
        all_captions(), padding="max_length", max_length=MAX_TOKENS, return_tensors="pt"
    ).input_ids
    with torch.no_grad():
        embeddings = text_encoder(tokens)[0]
    sampler, optimiser = (
        Sampler(unet),
        torch.optim.AdamW(unet.parameters(), lr=RATE, weight_decay=1e-2, betas=(0.9, 0.99)),
    )
    alphas, start = sampler.alphas, time.monotonic()
    for iteration in range(arguments.iterations):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1.0, (iteration + 1) / 10) * (1 - iteration / arguments.iterations)
        optimiser.zero_grad(set_to_none=True)

        wanted = (torch.rand(FOLLOWED, 6) < PREVALENCE).float()
        caption = embeddings[(wanted @ (2.0 ** torch.arange(5, -1, -1))).long()]
        empty = embeddings[-1:].expand(FOLLOWED, -1, -1)
        guidance = 1.0 + torch.rand(FOLLOWED, 1, 1, 1)
        states = sampler.follow(torch.randn(FOLLOWED, 4, 8, 8), caption, empty, guidance)
        ends = judge(sampler.clean(states[-1], SAMPLER_STEPS - 1, caption, empty, guidance)[0].detach())
        wrong_ends = ((ends > 0).float() != wanted).float().mean().item()
        total = 0.0
        for step in torch.randperm(SAMPLER_STEPS)[:STATES].tolist():
            clean, _ = sampler.clean(states[step], step, caption, empty, guidance)
            wrong = binary_cross_entropy_with_logits(judge(clean), wanted)
            share = alphas[sampler.times[step]]
            (PRESENCE_WEIGHT / STATES * share * wrong).backward()
            total += wrong.item() / STATES

        # From the middle on, decoded pictures are judged too: a shape of two colours deceives latents longer.
        step = int(torch.randint(SAMPLER_STEPS // 2 - 1, SAMPLER_STEPS, ()))
        clean, _ = sampler.clean(states[step], step, caption, empty, guidance)
        seen = pixel_judge(pixel_values=pipeline.vae.decode(clean).sample.clamp(-1, 1)).logits
        of_pixels = binary_cross_entropy_with_logits(seen, wanted)
        (PRESENCE_WEIGHT * alphas[sampler.times[step]] * of_pixels).backward()
        total_pixels = of_pixels.item()

        picked = torch.randint(len(latents), (ORDINARY,))
        times = ((torch.arange(ORDINARY) + torch.rand(ORDINARY)) / ORDINARY * 1_000).long().clamp(max=999)
        noise, clean = torch.randn(ORDINARY, 4, 8, 8), latents[picked]
        signal, spoil = (value.sqrt()[:, None, None, None] for value in (alphas[times], 1 - alphas[times]))
        captions = torch.where(torch.rand(ORDINARY) < 0.1, len(tokens) - 1, numbers[picked])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            guess = unet(signal * clean + spoil * noise, times, encoder_hidden_states=embeddings[captions]).sample
        ordinary = (guess.float() - (signal * noise - spoil * clean)).pow(2).mean()
        ordinary.backward()

        torch.nn.utils.clip_grad_norm_(unet.parameters(), 1.0)
        optimiser.step()
        decay = min(EMA, (iteration + 1) / (iteration + 5))
        with torch.no_grad():
            for kept, new in zip(average.parameters(), unet.parameters(), strict=True):
                kept.lerp_(new, 1 - decay)
        if (iteration + 1) % 10 == 0:
            seconds = time.monotonic() - start
            print(
                f"polish {iteration + 1} wrong {wrong_ends:.4f} presence {total:.4f} pixels {total_pixels:.4f} "
                f"loss {ordinary.item():.4f} {seconds:.0f} s",
                flush=True,
            )
        if (iteration + 1) % 100 == 0 or iteration + 1 == arguments.iterations:
            save(average, text_encoder, pipeline.tokenizer, arguments.out, arguments.into)


if __name__ == "__main__":
    main()
