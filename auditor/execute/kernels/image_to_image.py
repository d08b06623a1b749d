"""Image to image: pictures drawn again from a prompt, from as late a step as their strength says."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from auditor.errors import InternalError
from auditor.execute.kernels.editing import Call, EditBatch, EditingKernel
from auditor.execute.kernels.kernel import Resources
from auditor.execute.kernels.noise import draw_noise
from auditor.execute.kernels.slot_guidance import SlotGuidance
from auditor.execute.kernels.text_embeddings import TextEmbeddings
from auditor.execute.numerics import Numerics
from auditor.plan import Op, steps_at

if TYPE_CHECKING:
    import torch


class ImageToImageKernel(EditingKernel):
    """Runs `StableDiffusionImg2ImgPipeline` or `StableDiffusionXLImg2ImgPipeline`: guidance is per slot, and all slots
    of a batch have one strength."""

    def __init__(self, ops: Sequence[Op], resources: Resources, numerics: Numerics, device: str) -> None:
        super().__init__(ops, resources, numerics, device)
        found = ("prompt_embeds", "negative_prompt_embeds")
        if hasattr(self._pipeline, "text_encoder_2"):
            found += ("pooled_prompt_embeds", "negative_pooled_prompt_embeds")  # type: ignore[assignment]
        self._embeddings = {
            name: TextEmbeddings(functools.partial(self._encode_text, place)) for place, name in enumerate(found)
        }

    def denoise(self, batch: EditBatch, call: Call) -> torch.Tensor:
        import torch

        pipeline, dtype = self._pipeline, self._pipeline.unet.dtype
        (strength, *others) = set(batch.numbers["strength"].tolist())
        if others:
            raise InternalError("pictures of several strengths were put into one batch")
        pictures = (
            torch.cat([self._encoded.of(picture) for picture in batch.pictures]) * pipeline.vae.config.scaling_factor
        )
        steps = steps_at(strength, self._steps)
        if steps == 0:
            return pictures
        noise, states = draw_noise(batch.seeds, self._latent_shape)

        def noisy(image: torch.Tensor, time: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
            mixed: torch.Tensor = pipeline.scheduler.add_noise(image, noise.to(image), time)
            return mixed

        pipeline.prepare_latents = noisy  # It would draw noise in the network's dtype.
        latents: torch.Tensor = call(
            **{
                # What is guided away from is the empty prompt, or zeros where the folder wants them instead.
                name: torch.cat([kept.of("" if "negative" in name else text) for text in batch.instructions])
                for name, kept in self._embeddings.items()
            },
            image=pictures.to(dtype),
            strength=min(
                (steps + 0.5) / self._steps, 1.0
            ),  # Half a step more than is run, so that no rounding takes one.
            num_inference_steps=self._steps,
            guidance_scale=SlotGuidance(batch.numbers["guidance"], self._device),
            generator=[torch.Generator("cpu").set_state(state) for state in states],
        )
        return latents

    def _encode_text(self, place: int, prompt: str) -> torch.Tensor:
        """One of the embeddings of a prompt and of the empty one, as the pipeline orders them, (1, ..)."""
        encoded: torch.Tensor = self._pipeline.encode_prompt(
            prompt, device=self._pipeline.device, num_images_per_prompt=1, do_classifier_free_guidance=True
        )[place]
        return encoded
