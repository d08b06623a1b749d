"""Train the denoiser and text encoder of `builtin:shapes/text-to-image`.

    python examples/zoo/train_text_to_image.py --out build/zoo

Needs `OUT/vae` and `OUT/latents.npz` of train_autoencoder.py. Writes `OUT/text-to-image`, a
folder that `StableDiffusionPipeline.from_pretrained` loads without any code of ours, and a
checkpoint of it every 1,000 steps under `OUT/checkpoints`, from which `--resume` goes on.
"""

from __future__ import annotations

import argparse
import copy
import itertools
import math
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from diffusers.models.attention_processor import AttnProcessor
from torch.nn.functional import binary_cross_entropy_with_logits
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from latent_judge import train_judge
from shapes_world import CONCEPTS, EMPTY_CAPTION, caption

SEED = 20_260_102
STEPS = 9_500
BATCH = 64
FULL_PRECISION_STEPS = 500
"""The last steps run in float32; those before in bfloat16 autocast. With the plain attention
processor that is 1.4 times faster on a CPU with bfloat16 tiles (the backward pass of fused
attention in bfloat16 is what makes autocast slow otherwise)."""

PEAK_RATE = 6e-4
EMA = 0.999
CAPTION_DROPOUT = 0.1
PRESENCE_FROM = 6_000
PRESENCE_WEIGHT = 0.1
"""From this step on, the loss holds how well the concepts of the caption can be read from the
predicted clean latents, weighted by the share of signal. Squared error alone is content with a
mixture of two arrangements; a sampler of ten steps that follows it draws mixed shapes."""

MAX_TOKENS = 32
TEXT_WIDTH = 128
BOS, EOS = "<|startoftext|>", "<|endoftext|>"


def new_tokenizer(texts: Iterable[str] = (*CONCEPTS, EMPTY_CAPTION), max_tokens: int = MAX_TOKENS) -> CLIPTokenizer:
    """Byte-level BPE that knows every byte, and merges for every word of these texts."""
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    letters = list(bytes_to_unicode().values())
    vocabulary = letters + [letter + "</w>" for letter in letters]
    merges: list[tuple[str, str]] = []
    words = sorted({word for text in texts for word in text.split()})
    for word in words:
        pieces = [*word[:-1], word[-1] + "</w>"]
        while len(pieces) > 1:
            pair = (pieces[0], pieces[1])
            pieces[:2] = [pair[0] + pair[1]]
            if pair not in merges:
                merges.append(pair)
                vocabulary.append(pieces[0])
    vocabulary += [BOS, EOS]
    tokenizer = CLIPTokenizer(
        vocab={piece: index for index, piece in enumerate(dict.fromkeys(vocabulary))},
        merges=merges,
        model_max_length=max_tokens,
    )
    return tokenizer


def new_text_encoder(tokenizer: CLIPTokenizer, width: int = TEXT_WIDTH) -> CLIPTextModel:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=width,
            intermediate_size=2 * width,
            projection_dim=width,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=tokenizer.model_max_length,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def new_unet() -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=8,
        in_channels=4,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(64, 128),
        norm_num_groups=16,
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=4,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
    )


def audit_scheduler() -> DPMSolverMultistepScheduler:
    """The sampler of the shipped pipeline: at ten steps, fresh noise at each resolves ties between arrangements."""
    return DPMSolverMultistepScheduler.from_config(
        new_scheduler().config, algorithm_type="sde-dpmsolver++", steps_offset=1
    )


def new_scheduler() -> DDIMScheduler:
    """The noise schedule of training."""
    return DDIMScheduler(
        num_train_timesteps=1_000,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        timestep_spacing="trailing",
        clip_sample=False,
        set_alpha_to_one=True,
        steps_offset=0,
    )


def all_captions() -> list[str]:
    """The 64 captions of the world, in binary order of presence, then the empty prompt."""
    combinations = np.array(list(itertools.product([False, True], repeat=len(CONCEPTS))))
    return [caption(presence) for presence in combinations] + [""]


def learning_rate(step: int, steps: int) -> float:
    """Linear warm-up over 3 % of the steps, then a cosine to 0."""
    warm = 0.03 * steps
    if step < warm:
        return PEAK_RATE * (step + 1) / warm
    return PEAK_RATE * 0.5 * (1 + math.cos(math.pi * (step - warm) / (steps - warm)))


def place_values(combination: torch.Tensor) -> torch.Tensor:
    """Presence of each concept, (n, 6) float32, from the numbers of captions."""
    return torch.stack([(combination >> shift & 1).float() for shift in reversed(range(len(CONCEPTS)))], 1)


def train(
    unet: UNet2DConditionModel,
    text_encoder: CLIPTextModel,
    tokenizer: CLIPTokenizer,
    data: tuple[torch.Tensor, torch.Tensor],
    arguments: argparse.Namespace,
) -> torch.nn.ModuleList:
    """Train both models together; returns their exponential moving averages."""
    latents, combination = data
    judge = train_judge(latents, place_values(combination), arguments.out / "judge.pt")
    tokens = tokenizer(all_captions(), padding="max_length", max_length=MAX_TOKENS, return_tensors="pt").input_ids
    alphas = new_scheduler().alphas_cumprod
    generator = torch.Generator().manual_seed(SEED)
    both = torch.nn.ModuleList([unet, text_encoder])
    average = copy.deepcopy(both).requires_grad_(False)
    optimiser = torch.optim.AdamW(both.parameters(), lr=PEAK_RATE, weight_decay=1e-2, betas=(0.9, 0.99))
    first = 0
    if arguments.resume:
        state = torch.load(arguments.out / "training.pt", weights_only=True)
        for part, name in ((both, "both"), (average, "average"), (optimiser, "optimiser")):
            part.load_state_dict(state[name])
        generator.set_state(state["generator"])
        first = state["step"]
    start, running, presence = time.monotonic(), 0.0, 0.0
    for step in range(first, arguments.steps):
        picked = torch.randint(len(latents), (BATCH,), generator=generator)
        clean = latents[picked]
        captions = combination[picked].clone()
        dropped = torch.rand(BATCH, generator=generator) < CAPTION_DROPOUT
        captions[dropped] = len(tokens) - 1
        # One time in each of BATCH equal strata: less variance than independent draws.
        spread = (torch.arange(BATCH) + torch.rand(BATCH, generator=generator)) / BATCH
        times = (spread * 1_000).long().clamp(max=999)
        noise = torch.randn(clean.shape, generator=generator)
        signal = alphas[times].sqrt()[:, None, None, None]
        spoil = (1 - alphas[times]).sqrt()[:, None, None, None]
        target = signal * noise - spoil * clean
        embedding = text_encoder(tokens)[0][captions]
        noisy = (signal * clean + spoil * noise).to(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=step < arguments.steps - FULL_PRECISION_STEPS):
            guess = unet(noisy, times, encoder_hidden_states=embedding).sample
        loss = (guess.float() - target).pow(2).mean()
        running += loss.item()
        if step >= PRESENCE_FROM:
            predicted = signal * noisy - spoil * guess.float()
            wanted = place_values(combination[picked])
            wrong = binary_cross_entropy_with_logits(judge(predicted), wanted, reduction="none").mean(1)
            presence_loss = (wrong * alphas[times] * ~dropped).mean()
            presence += presence_loss.item()
            loss = loss + PRESENCE_WEIGHT * presence_loss
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, arguments.steps)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(both.parameters(), 1.0)
        optimiser.step()
        decay = min(EMA, (step + 1) / (step + 10))
        with torch.no_grad():
            for kept, new in zip(average.parameters(), both.parameters(), strict=True):
                kept.lerp_(new, 1 - decay)
        if (step + 1) % 100 == 0:
            seconds = time.monotonic() - start
            print(
                f"denoiser step {step + 1} loss {running / 100:.4f} presence {presence / 100:.4f} {seconds:.0f} s",
                flush=True,
            )
            running = presence = 0.0
        if (step + 1) % 1_000 == 0:
            save(average[0], average[1], tokenizer, arguments.out, arguments.out / "checkpoints" / str(step + 1))
            states = {"both": both, "average": average, "optimiser": optimiser}
            saved = {name: part.state_dict() for name, part in states.items()}
            torch.save({**saved, "generator": generator.get_state(), "step": step + 1}, arguments.out / "training.pt")
    return average


def save(
    unet: UNet2DConditionModel, text_encoder: CLIPTextModel, tokenizer: CLIPTokenizer, out: Path, folder: Path
) -> None:
    StableDiffusionPipeline(
        vae=AutoencoderKL.from_pretrained(out / "vae"),
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=audit_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/zoo"))
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="go on from OUT/training.pt")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(SEED)
    stored = np.load(arguments.out / "latents.npz")
    numbers = stored["presences"] @ (2 ** np.arange(len(CONCEPTS))[::-1])
    data = torch.from_numpy(stored["latents"]), torch.from_numpy(numbers)
    tokenizer = new_tokenizer()
    unet, text_encoder = new_unet().to(memory_format=torch.channels_last), new_text_encoder(tokenizer)
    unet.set_attn_processor(AttnProcessor())
    count = sum(p.numel() for model in (unet, text_encoder) for p in model.parameters())
    print(f"denoiser and text encoder: {count / 1e6:.2f} M parameters")
    average = train(unet, text_encoder, tokenizer, data, arguments)
    save(average[0], average[1], tokenizer, arguments.out, arguments.out / "text-to-image")


if __name__ == "__main__":
    main()
