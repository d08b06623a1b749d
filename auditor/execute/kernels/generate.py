"""Generate: text-to-image diffusion, one micro-batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from auditor.execute.block import Output
from auditor.execute.kernels.kernel import Kernel, Resources, UnitRows
from auditor.execute.numerics import Numerics
from auditor.models import PipelineIdentity, refuse_missing_weights
from auditor.plan import Op

NOT_FINITE = "the pipeline returned numbers that are not finite"


class GenerateKernel(Kernel):
    """Runs `StableDiffusionPipeline` with noise and text embeddings of ours.

    Noise is float32 from one CPU generator per unit, so that neither the make-up of a batch
    nor the device changes it; each distinct prompt is encoded once, alone. Latents are decoded
    here, so that values that are not finite are seen before they become black pictures.
    The safety checker is not loaded: it would replace pictures by black ones.
    """

    def __init__(self, op: Op, resources: Resources, numerics: Numerics) -> None:
        import torch
        from diffusers import StableDiffusionPipeline

        identity = resources.pipelines[str(op.parameter("pipeline"))]
        self._steps = int(str(op.parameter("steps")))
        self._guidance = float(str(op.parameter("guidance")))
        self._height, self._width = int(str(op.parameter("height"))), int(str(op.parameter("width")))
        self._batch = numerics.batch_of(op)
        self._torch = torch
        self._pipeline = StableDiffusionPipeline.from_pretrained(
            identity.folder,
            **_whole_parts(identity),
            local_files_only=True,
            use_safetensors=True,
            dtype=torch.float32,
            safety_checker=None,
            feature_extractor=None,
            image_encoder=None,
            requires_safety_checker=False,
        )
        self._pipeline.to(numerics.device)
        self._pipeline.set_progress_bar_config(disable=True)
        self._embeddings: dict[str, object] = {}

    def run(self, units: UnitRows) -> Sequence[Output]:
        torch, pipeline = self._torch, self._pipeline
        # Padding with copies: the bits of a picture depend on the batch's size, not on its neighbours.
        order = np.arange(self._batch) % units.size
        prompts = [units.texts["prompt"][i] for i in order]
        generators = [torch.Generator("cpu").manual_seed(int(units.seeds[i])) for i in order]
        shape = (
            1,
            pipeline.unet.config.in_channels,
            self._height // pipeline.vae_scale_factor,
            self._width // pipeline.vae_scale_factor,
        )
        latents = torch.cat([torch.randn(shape, generator=each, dtype=torch.float32) for each in generators])
        with torch.inference_mode():
            found = pipeline(
                prompt_embeds=torch.cat([self._embedding(prompt) for prompt in prompts]),
                negative_prompt_embeds=self._embedding("").expand(self._batch, -1, -1) if self._guidance > 1 else None,
                num_inference_steps=self._steps,
                guidance_scale=self._guidance,
                height=self._height,
                width=self._width,
                latents=latents,
                generator=generators,
                output_type="latent",
            ).images
            decoded = pipeline.vae.decode(found / pipeline.vae.config.scaling_factor, return_dict=False)[0]
        finite = torch.isfinite(found).flatten(1).all(1) & torch.isfinite(decoded).flatten(1).all(1)
        pixels = (decoded.float().cpu().clamp(-1, 1) * 127.5 + 127.5).round().to(torch.uint8)
        pictures = pixels.permute(0, 2, 3, 1).contiguous().numpy()
        return [pictures[i] if finite[i] else NOT_FINITE for i in range(units.size)]

    def _embedding(self, prompt: str):  # type: ignore[no-untyped-def]  # a torch.Tensor, imported in __init__
        """The text embedding of a prompt, (1, tokens, width); each distinct prompt is encoded once."""
        if prompt not in self._embeddings:
            with self._torch.inference_mode():
                encoded, _ = self._pipeline.encode_prompt(
                    prompt, self._pipeline.device, num_images_per_prompt=1, do_classifier_free_guidance=False
                )
            self._embeddings[prompt] = encoded
        return self._embeddings[prompt]


def _whole_parts(identity: PipelineIdentity) -> dict[str, Any]:
    """The parts of a pipeline that have weights, in float32.

    Raises:
        ExecutionError: a part lacks weights, which its library would fill with random numbers.
    """
    import torch
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextModel

    parts = {}
    for name, kind in (("text_encoder", CLIPTextModel), ("unet", UNet2DConditionModel), ("vae", AutoencoderKL)):
        part, loading = kind.from_pretrained(
            identity.folder / name, local_files_only=True, use_safetensors=True, output_loading_info=True
        )
        refuse_missing_weights(f"`{name}` in the pipeline of `{identity.name}`", loading)
        parts[name] = part.to(torch.float32)
    return parts
