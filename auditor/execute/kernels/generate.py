"""Generate: text-to-image diffusion, one micro-batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from auditor.execute.kernels.decoded import decode, pictures_of
from auditor.execute.kernels.kernel import Kernel, Resources, UnitRows
from auditor.execute.kernels.load_pipeline import load_pipeline
from auditor.execute.kernels.noise import draw_noise
from auditor.execute.kernels.text_embeddings import TextEmbeddings
from auditor.execute.numerics import Numerics
from auditor.execute.storage.block import Output
from auditor.plan import Op

if TYPE_CHECKING:
    import torch

PROBE_STEPS = 1
"""Steps of a probe. Each step calls the same kernels on the same shapes, and kernels are chosen by shapes: what one
step computes bit for bit whatever stands beside it, all steps do; a scheduler adds nothing but sums of what is in
one place."""


@dataclass(frozen=True)
class NoisyBatch:
    """A micro-batch filled up with copies.

    Attributes:
        prompts: of each slot.
        noise: (batch, channels, height, width) float32, on the CPU.
        states: of each slot's generator after its noise was drawn; schedulers that add noise go on from there.
        size: how many slots are units; the others are copies.
    """

    prompts: tuple[str, ...]
    noise: torch.Tensor
    states: tuple[torch.Tensor, ...]
    size: int


class GenerateKernel(Kernel[NoisyBatch]):
    """Runs `StableDiffusionPipeline` with noise and text embeddings of ours.

    Noise is float32 from one CPU generator per unit, so that neither the make-up of a batch
    nor the device changes it; each distinct prompt is encoded once, alone. Latents are decoded
    here, so that values that are not finite are seen before they become black pictures.
    """

    def __init__(self, ops: Sequence[Op], resources: Resources, numerics: Numerics, device: str) -> None:
        (op,) = ops
        identity = resources.pipelines[str(op.parameter("pipeline"))]
        self._steps = int(str(op.parameter("steps")))
        self._guidance = float(str(op.parameter("guidance")))
        self._height, self._width = int(str(op.parameter("height"))), int(str(op.parameter("width")))
        self._batch = numerics.batch_of(op)
        self._pipeline = load_pipeline(identity, numerics, device, numerics.compiles(op))
        self._embeddings = TextEmbeddings(self._encode)

    def prepare(self, units: UnitRows) -> NoisyBatch:
        # Padding with copies: the bits of a picture depend on the batch's size, not on its neighbours.
        order = np.arange(self._batch) % units.size
        scale = self._pipeline.vae_scale_factor
        shape = (self._pipeline.unet.config.in_channels, self._height // scale, self._width // scale)
        noise, states = draw_noise(units.seeds[order], shape)
        return NoisyBatch(tuple(units.texts["prompt"][i] for i in order), noise, states, units.size)

    def run(self, batch: NoisyBatch) -> tuple[Sequence[Output], ...]:
        import torch

        with torch.inference_mode():
            latents = self._denoise(batch)
            found = pictures_of(latents, decode(self._pipeline.vae, latents))
        return (found[: batch.size],)

    def probe(self, batch: NoisyBatch) -> tuple[bytes, ...]:
        import torch

        with torch.inference_mode():
            latents = self._denoise(batch, PROBE_STEPS)
            found = (latents.float().cpu().numpy(), decode(self._pipeline.vae, latents).cpu().numpy())
        return tuple(found[0][i].tobytes() + found[1][i].tobytes() for i in range(batch.size))

    def unlike(self, units: UnitRows) -> UnitRows:
        """The same prompts with other noise."""
        return replace(units, seeds=units.seeds ^ np.uint64(0x5EED))

    def _denoise(self, batch: NoisyBatch, steps: int | None = None) -> torch.Tensor:
        """Latents after all steps, or after the first `steps` of them, (batch, channels, height, width)."""
        import torch

        pipeline = self._pipeline

        def after_step(running: Any, number: int, *_: object) -> dict[str, Any]:
            running._interrupt = steps is not None and number + 1 >= steps
            return {}

        generators = [torch.Generator("cpu").set_state(state) for state in batch.states]
        latents: torch.Tensor = pipeline(
            prompt_embeds=torch.cat([self._embeddings.of(prompt) for prompt in batch.prompts]),
            negative_prompt_embeds=self._embeddings.of("").expand(self._batch, -1, -1) if self._guidance > 1 else None,
            num_inference_steps=self._steps,
            guidance_scale=self._guidance,
            height=self._height,
            width=self._width,
            latents=batch.noise.to(pipeline.unet.dtype),
            generator=generators,
            output_type="latent",
            callback_on_step_end=after_step,
        ).images
        return latents

    def _encode(self, prompt: str) -> torch.Tensor:
        """The text embedding of a prompt, (1, tokens, width)."""
        encoded: torch.Tensor = self._pipeline.encode_prompt(
            prompt, self._pipeline.device, num_images_per_prompt=1, do_classifier_free_guidance=False
        )[0]
        return encoded
