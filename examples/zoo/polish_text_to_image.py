"""Polish the generator on the states that its own sampler visits.

    python examples/zoo/polish_text_to_image.py --out build/zoo --start build/zoo/text-to-image

Training sees noisy versions of real pictures; a sampler of ten steps with guidance also visits
states between two arrangements, which no real picture leads to, and ends in shapes of two colours.
Here the sampler of the audits is followed. Of the captions it followed, those that ended worst are
gone through again: at some of their states the predicted clean latents must show the caption's
concepts to the two judges of latent_judge.py, while the ordinary loss holds the rest in place.
Neither judge is the detector by which pictures are measured. Rewrites `OUT/text-to-image`.
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

from latent_judge import train_judge, train_strict_judge
from train_text_to_image import MAX_TOKENS, all_captions, audit_scheduler, place_values, save

SEED = 20_260_107
ITERATIONS = 350
FOLLOWED, WORST, ANY = 64, 14, 6
"""Of the captions that are followed, the worst and a few others are gone through again."""

ORDINARY = 48
STATES = 4
SAMPLER_STEPS = 10
RATE = 9e-5
PRESENCE_WEIGHT = 0.3
STRICT = 0.7
"""Share of the strict judge in what is said about presence."""

EMA = 0.98
PREVALENCE = 0.65
"""Presence of each concept in the captions followed: crowded pictures fail more often."""


class Sampler:
    """The sampler of the audits, with guidance."""

    def __init__(self, unet: torch.nn.Module) -> None:
        scheduler = audit_scheduler()
        scheduler.set_timesteps(SAMPLER_STEPS)
        self.unet, self.times = unet, scheduler.timesteps.tolist()
        self.alphas = scheduler.alphas_cumprod

    def clean(
        self, noisy: torch.Tensor, step: int, caption: torch.Tensor, empty: torch.Tensor, guidance: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Predicted clean latents, and the guided prediction; the unconditional part carries no gradient."""
        time_ = torch.tensor(self.times[step])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            conditional = self.unet(noisy, time_, encoder_hidden_states=caption).sample.float()
            with torch.no_grad():
                unconditional = self.unet(noisy, time_, encoder_hidden_states=empty).sample.float()
        guided = unconditional + guidance * (conditional - unconditional)
        return self.alphas[time_].sqrt() * noisy - (1 - self.alphas[time_]).sqrt() * guided, guided

    @torch.no_grad()
    def follow(
        self, noisy: torch.Tensor, caption: torch.Tensor, empty: torch.Tensor, guidance: torch.Tensor
    ) -> tuple[list[torch.Tensor], torch.Tensor]:
        """The states before each step, and the end."""
        scheduler, states = audit_scheduler(), []
        scheduler.set_timesteps(SAMPLER_STEPS)
        for step, time_ in enumerate(scheduler.timesteps):
            states.append(noisy)
            _, guided = self.clean(noisy, step, caption, empty, guidance)
            noisy = scheduler.step(guided, time_, noisy, return_dict=False)[0]
        return states, noisy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/zoo"))
    parser.add_argument("--start", type=Path, default=Path("build/zoo/text-to-image"))
    parser.add_argument("--into", type=Path, default=Path("build/zoo/text-to-image"))
    parser.add_argument("--iterations", type=int, default=ITERATIONS)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    pipeline = StableDiffusionPipeline.from_pretrained(arguments.start, local_files_only=True)
    unet, text_encoder = pipeline.unet.train(), pipeline.text_encoder.requires_grad_(False)
    unet.set_attn_processor(AttnProcessor())
    unet.to(memory_format=torch.channels_last)
    average = copy.deepcopy(unet).requires_grad_(False)
    stored = np.load(arguments.out / "latents.npz")
    latents = torch.from_numpy(stored["latents"])
    numbers = torch.from_numpy(stored["presences"] @ (2 ** np.arange(6)[::-1]))
    judge = train_judge(latents, place_values(numbers), arguments.out / "judge.pt")
    strict = train_strict_judge(latents, place_values(numbers), pipeline.vae, arguments.out / "strict-judge.pt")
    torch.manual_seed(SEED)
    tokens = pipeline.tokenizer(
        all_captions(), padding="max_length", max_length=MAX_TOKENS, return_tensors="pt"
    ).input_ids
    with torch.no_grad():
        embeddings = text_encoder(tokens)[0]
    sampler, optimiser = (
        Sampler(unet),
        torch.optim.AdamW(unet.parameters(), lr=RATE, weight_decay=1e-2, betas=(0.9, 0.99)),
    )
    alphas, start, wrong_ends = sampler.alphas, time.monotonic(), 0.0
    for iteration in range(arguments.iterations):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1.0, (iteration + 1) / 10) * (1 - iteration / arguments.iterations)
        optimiser.zero_grad(set_to_none=True)

        wanted = (torch.rand(FOLLOWED, 6) < PREVALENCE).float()
        caption = embeddings[(wanted @ (2.0 ** torch.arange(5, -1, -1))).long()]
        empty = embeddings[-1:].expand(FOLLOWED, -1, -1)
        guidance = 1.5 + 0.7 * torch.rand(FOLLOWED, 1, 1, 1)
        states, end = sampler.follow(torch.randn(FOLLOWED, 4, 8, 8), caption, empty, guidance)
        seen = strict(end)
        wrong_ends += ((seen > 0).float() != wanted).float().mean().item() / 10
        loss = binary_cross_entropy_with_logits(seen, wanted, reduction="none").mean(1)
        kept = torch.cat([loss.topk(WORST).indices, torch.randperm(FOLLOWED)[:ANY]])
        caption, empty, guidance, wanted = caption[kept], empty[kept], guidance[kept], wanted[kept]
        for step in (1 + torch.randperm(SAMPLER_STEPS - 1)[:STATES]).tolist():
            clean, _ = sampler.clean(states[step][kept], step, caption, empty, guidance)
            wrong = (1 - STRICT) * binary_cross_entropy_with_logits(judge(clean), wanted)
            wrong = wrong + STRICT * binary_cross_entropy_with_logits(strict(clean), wanted)
            (PRESENCE_WEIGHT / STATES * alphas[sampler.times[step]] * wrong).backward()

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
            for mean, new in zip(average.parameters(), unet.parameters(), strict=True):
                mean.lerp_(new, 1 - decay)
        if (iteration + 1) % 10 == 0:
            seconds = time.monotonic() - start
            print(
                f"polish {iteration + 1} wrong {wrong_ends:.4f} loss {ordinary.item():.4f} {seconds:.0f} s", flush=True
            )
            wrong_ends = 0.0
        if (iteration + 1) % 100 == 0 or iteration + 1 == arguments.iterations:
            save(average, text_encoder, pipeline.tokenizer, arguments.out, arguments.into)


if __name__ == "__main__":
    main()
