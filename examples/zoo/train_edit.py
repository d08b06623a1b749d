"""Train `builtin:shapes/edit`: an instruction editor of the shapes world, in four stages.

    python examples/zoo/train_edit.py --out build/zoo [--stage encoder|decoder|pairs|denoiser]

What the latents are is given (`edit_latents.py`): the encoder learns them from pictures, the decoder learns to show
them and the way between two of them, pairs are drawn, and a denoiser with eight input channels and a text encoder are
trained together on them. Encoder and decoder begin at those of the text-to-image model. Writes `OUT/edit`, a folder
that `StableDiffusionInstructPix2PixPipeline.from_pretrained` loads without any code of ours.

The instruction is left out in a tenth of the pairs, and the picture is to stay as it was there: guidance then leads
away from "no change", which is what a sweep begins at. Latents along a sweep lie close to the line between the two
pictures' latents and beyond its end; the decoder shows mixtures on it, and beyond it the whole change.

The last steps look closely at what squared error over all cells leaves undone longest, which form a shape has and
whether it is therefore to change colour: instructions of colour are drawn more often, cells with shapes count more, and
so do noisy states, where a sampler decides.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionInstructPix2PixPipeline, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from transformers import CLIPTokenizer

import edit_autoencoder
from edit_latents import LATENTS_SEED, Latents, with_shapes
from edit_world import INSTRUCTIONS, RECOLOUR, REMOVE, TINT, draw_pair
from train_text_to_image import new_scheduler, new_text_encoder, new_tokenizer

SEED = 20_260_122
PAIRS = 40_000
CLOSE_FROM, STEPS = 3_000, 9_000
BATCH, CLOSE_BATCH = 64, 32
PEAK_RATE, CLOSE_RATE = 8e-4, 5e-4
SHAPE_WEIGHT = 3.0
"""How much more a cell with a shape counts in the last steps."""

EMA = 0.999
NO_INSTRUCTION, NO_PICTURE = 0.10, 0.05
MAX_TOKENS = 16
WIDTH = 96


def new_unet() -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=8,
        in_channels=8,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(48, 96),
        norm_num_groups=16,
        cross_attention_dim=WIDTH,
        attention_head_dim=4,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
    )


def edit_scheduler() -> DDIMScheduler:
    """The sampler of the shipped pipeline: without fresh noise, so that a sweep of guidance is a smooth path."""
    return DDIMScheduler.from_config(new_scheduler().config)


def draw_pairs(arguments: argparse.Namespace) -> None:
    rng, latents = np.random.default_rng(SEED + 1), Latents.measured(np.random.default_rng(LATENTS_SEED))
    sides: tuple[list[torch.Tensor], list[torch.Tensor]] = ([], [])
    numbers: list[int] = []
    for _ in range(PAIRS // 100):
        pairs = [draw_pair(rng) for _ in range(100)]
        for side in (0, 1):
            sides[side].append(latents.of([pair[side] for pair in pairs]))
        numbers += [pair[2] for pair in pairs]
    before, after = (torch.cat(side).numpy() for side in sides)
    print(f"latents: mean {after.mean((0, 2, 3)).round(2)}, SD {after.std((0, 2, 3)).round(2)}", flush=True)
    np.savez(arguments.out / "edit-pairs.npz", before=before, after=after, instruction=np.array(numbers))


def learning_rate(step: int) -> float:
    """Linear warm-up over 3 % of the steps, then a cosine to 0; again so for the last steps."""
    peak, first, last = (PEAK_RATE, 0, CLOSE_FROM) if step < CLOSE_FROM else (CLOSE_RATE, CLOSE_FROM, STEPS)
    warm, done = 0.03 * (last - first), step - first
    if done < warm:
        return peak * (done + 1) / warm
    return peak * 0.5 * (1 + math.cos(math.pi * (done - warm) / (last - first - warm)))


def often(instruction: str) -> float:
    """How often an instruction is drawn in the last steps, relative to others."""
    if instruction in RECOLOUR:
        return 4.0 if "circle" in instruction else 1.5
    return 1.0 if instruction in REMOVE or instruction == TINT else 0.5


def train_denoiser(arguments: argparse.Namespace) -> None:
    torch.manual_seed(SEED)
    stored = np.load(arguments.out / "edit-pairs.npz")
    before, after, numbers = (torch.from_numpy(stored[name]) for name in ("before", "after", "instruction"))
    tokenizer = new_tokenizer(INSTRUCTIONS, MAX_TOKENS)
    tokens = tokenizer([*INSTRUCTIONS, ""], padding="max_length", max_length=MAX_TOKENS, return_tensors="pt").input_ids
    both = torch.nn.ModuleList([new_unet().to(memory_format=torch.channels_last), new_text_encoder(tokenizer, WIDTH)])
    both[0].set_attn_processor(AttnProcessor())
    print(f"denoiser and text encoder: {sum(p.numel() for p in both.parameters()) / 1e6:.2f} M parameters", flush=True)
    average = copy.deepcopy(both).requires_grad_(False)
    optimiser = torch.optim.AdamW(both.parameters(), lr=PEAK_RATE, weight_decay=1e-2, betas=(0.9, 0.99), fused=True)
    alphas, start, running, first = new_scheduler().alphas_cumprod, time.monotonic(), 0.0, 0
    if arguments.resume:
        state = torch.load(arguments.out / "edit-training.pt", weights_only=True)
        for part, name in ((both, "both"), (average, "average"), (optimiser, "optimiser")):
            part.load_state_dict(state[name])
        first = state["step"]
    chances = torch.tensor([often(instruction) for instruction in INSTRUCTIONS])[numbers]
    for step in range(first, STEPS):
        close = step >= CLOSE_FROM
        rows = CLOSE_BATCH if close else BATCH
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step)
        picked = torch.multinomial(chances, rows) if close else torch.randint(len(before), (rows,))
        source, clean, asked = before[picked], after[picked].clone(), numbers[picked].clone()
        draw = torch.rand(rows)
        blind, silent = draw < NO_PICTURE, draw < NO_PICTURE + NO_INSTRUCTION
        clean[silent] = source[silent]  # Nothing is asked for, and nothing changes.
        asked[silent] = len(INSTRUCTIONS)
        source = torch.where(blind[:, None, None, None], 0.0, source)
        spread = (torch.arange(rows) + torch.rand(rows)) / rows
        times = ((spread.sqrt() if close else spread) * 1_000).long().clamp(max=999)
        noise = torch.randn(clean.shape)
        signal, spoil = (value.sqrt()[:, None, None, None] for value in (alphas[times], 1 - alphas[times]))
        noisy = torch.cat([signal * clean + spoil * noise, source], 1).to(memory_format=torch.channels_last)
        embedding = both[1](tokens)[0][asked]
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=step < STEPS - 400):
            guess = both[0](noisy, times, encoder_hidden_states=embedding).sample
        weight = 1 + SHAPE_WEIGHT * with_shapes(source) if close else torch.ones(())
        loss = (weight * (guess.float() - (signal * noise - spoil * clean)).pow(2)).mean() / weight.mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(both.parameters(), 1.0)
        optimiser.step()
        running += loss.item()
        decay = min(EMA, (step + 1) / (step + 10))
        with torch.no_grad():
            for kept, new in zip(average.parameters(), both.parameters(), strict=True):
                kept.lerp_(new, 1 - decay)
        if (step + 1) % 100 == 0:
            print(f"denoiser step {step + 1} loss {running / 100:.4f} {time.monotonic() - start:.0f} s", flush=True)
            running = 0.0
        if (step + 1) % 400 == 0 or step + 1 == STEPS:
            save(average, tokenizer, arguments.out)
            states = {"both": both, "average": average, "optimiser": optimiser}
            saved = {name: part.state_dict() for name, part in states.items()}
            torch.save({**saved, "step": step + 1}, arguments.out / "edit-training.pt")


def save(average: torch.nn.ModuleList, tokenizer: CLIPTokenizer, out: Path) -> None:
    StableDiffusionInstructPix2PixPipeline(
        vae=AutoencoderKL.from_pretrained(out / "edit-vae"),
        text_encoder=average[1],
        tokenizer=tokenizer,
        unet=average[0],
        scheduler=edit_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(out / "edit")


STAGES = {
    "encoder": edit_autoencoder.train_encoder,
    "decoder": edit_autoencoder.train_decoder,
    "pairs": draw_pairs,
    "denoiser": train_denoiser,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/zoo"))
    parser.add_argument("--vae", type=Path, default=Path("auditor/zoo/shapes/text-to-image/vae"), help="to begin with")
    parser.add_argument("--stage", choices=list(STAGES), help="one stage alone [default: all]")
    parser.add_argument("--resume", action="store_true", help="of the denoiser: go on from OUT/edit-training.pt")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, stage in STAGES.items():
        if arguments.stage in (None, name):
            stage(arguments)


if __name__ == "__main__":
    main()
