"""Edit: pictures changed as an instruction says, a sweep of guidance in one batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from auditor.execute.kernels.editing import Call, EditBatch, EditingKernel
from auditor.execute.kernels.kernel import Resources
from auditor.execute.kernels.noise import draw_noise
from auditor.execute.kernels.slot_guidance import SlotGuidance
from auditor.execute.kernels.text_embeddings import TextEmbeddings
from auditor.execute.numerics import Numerics
from auditor.plan import Op

if TYPE_CHECKING:
    import torch


class EditKernel(EditingKernel):
    """Runs `StableDiffusionInstructPix2PixPipeline`: guidance by the instruction and by the picture is per slot, so
    that a sweep of either is one batch."""

    def __init__(self, ops: Sequence[Op], resources: Resources, numerics: Numerics, device: str) -> None:
        super().__init__(ops, resources, numerics, device)
        self._embeddings = TextEmbeddings(self._encode_text)

    def denoise(self, batch: EditBatch, call: Call) -> torch.Tensor:
        import torch

        dtype = self._pipeline.unet.dtype
        noise, states = draw_noise(batch.seeds, self._latent_shape)
        latents: torch.Tensor = call(
            prompt_embeds=torch.cat([self._embeddings.of(text) for text in batch.instructions]),
            negative_prompt_embeds=self._embeddings.of("").expand(self._batch, -1, -1),
            image=torch.cat([self._encoded.of(picture) for picture in batch.pictures]).to(dtype),
            num_inference_steps=self._steps,
            guidance_scale=SlotGuidance(batch.numbers["guidance"], self._device),
            image_guidance_scale=SlotGuidance(batch.numbers["image_guidance"], self._device),
            latents=noise.to(dtype),
            generator=[torch.Generator("cpu").set_state(state) for state in states],
        )
        return latents

    def _encode_text(self, instruction: str) -> torch.Tensor:
        """The text embedding of an instruction, (1, tokens, width)."""
        encoded: torch.Tensor = self._pipeline._encode_prompt(
            instruction, self._pipeline.device, num_images_per_prompt=1, do_classifier_free_guidance=False
        )
        return encoded
