"""Edit: pictures changed as an instruction says, a sweep of guidance in one batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from auditor.digest import Digest, digest_bytes
from auditor.execute.block import Output
from auditor.execute.kernels.decoded import decode, pictures_of
from auditor.execute.kernels.kernel import Kernel, Resources, UnitRows
from auditor.execute.kernels.load_pipeline import load_pipeline
from auditor.execute.kernels.noise import draw_noise
from auditor.execute.kernels.slot_guidance import SlotGuidance
from auditor.execute.kernels.text_embeddings import TextEmbeddings
from auditor.execute.numerics import Numerics
from auditor.plan import Op

if TYPE_CHECKING:
    import torch

KEPT_PICTURES = 16
"""Encoded pictures that are kept: a sweep asks for one again and again."""


@dataclass(frozen=True)
class EditBatch:
    """A micro-batch filled up with copies.

    Attributes:
        given: of each unit, its picture or the reason why there is none.
        present: which units have a picture; they stand in the first slots, in this order.
        pictures: of each slot, its picture at the op's size, (height, width, 3) uint8; empty where none is present.
        instructions: of each slot.
        guidance: by the instruction and by the picture, (2, batch).
        noise: (batch, channels, height, width) float32, on the CPU.
        states: of each slot's generator after its noise was drawn.
    """

    given: tuple[Output, ...]
    present: tuple[int, ...]
    pictures: tuple[np.ndarray, ...]
    instructions: tuple[str, ...]
    guidance: np.ndarray
    noise: torch.Tensor
    states: tuple[torch.Tensor, ...]


class _Enough(Exception):
    """A probe has seen what it wanted."""

    def __init__(self, latents: torch.Tensor) -> None:
        self.latents = latents


class EditKernel(Kernel[EditBatch]):
    """Runs `StableDiffusionInstructPix2PixPipeline` with noise, text embeddings and picture latents of ours.

    A picture is encoded once, alone, whatever the number of points of its sweep; guidance is per slot, so that
    a sweep is one batch.
    """

    def __init__(self, ops: Sequence[Op], resources: Resources, numerics: Numerics, device: str) -> None:
        (op,) = ops
        identity = resources.pipelines[str(op.parameter("pipeline"))]
        self._steps = int(str(op.parameter("steps")))
        self._height, self._width = int(str(op.parameter("height"))), int(str(op.parameter("width")))
        self._batch, self._device = numerics.batch_of(op), device
        self._pipeline = load_pipeline(identity, numerics, device, numerics.compiles(op))
        self._embeddings = TextEmbeddings(self._encode_text)
        self._latents: dict[Digest, torch.Tensor] = {}

    def prepare(self, units: UnitRows) -> EditBatch:
        present = tuple(i for i, image in enumerate(units.images) if not isinstance(image, str))
        # Padding with copies: the bits of a picture depend on the batch's size, not on its neighbours.
        order = [present[slot % len(present)] for slot in range(self._batch)] if present else []
        scale = self._pipeline.vae_scale_factor
        channels = self._pipeline.vae.config.latent_channels
        shape = (channels, self._height // scale, self._width // scale)
        noise, states = draw_noise(units.seeds[order], shape) if order else (None, ())
        fitted = {i: self._fitted(units.images[i]) for i in present}
        return EditBatch(
            given=units.images,
            present=present,
            pictures=tuple(fitted[i] for i in order),
            instructions=tuple(units.texts["instruction"][i] for i in order),
            guidance=np.stack([units.numbers[name][order] for name in ("guidance", "image_guidance")]),
            noise=noise,
            states=states,
        )

    def run(self, batch: EditBatch) -> tuple[Sequence[Output], ...]:
        import torch

        outputs = list(batch.given)
        if batch.present:
            with torch.inference_mode():
                latents = self._denoise(batch)
                found = pictures_of(latents, decode(self._pipeline.vae, latents))
            for slot, i in enumerate(batch.present):
                outputs[i] = found[slot]
        return (outputs,)

    def probe(self, batch: EditBatch) -> tuple[bytes, ...]:
        import torch

        found = [b""] * len(batch.given)
        if batch.present:
            with torch.inference_mode():
                latents = self._denoise(batch, probing=True)
                decoded = decode(self._pipeline.vae, latents).cpu().numpy()
            numbers = latents.float().cpu().numpy()
            for slot, i in enumerate(batch.present):
                found[i] = numbers[slot].tobytes() + decoded[slot].tobytes()
        return tuple(found)

    def unlike(self, units: UnitRows) -> UnitRows:
        """The same edits with other noise."""
        return replace(units, seeds=units.seeds ^ np.uint64(0x5EED))

    def _denoise(self, batch: EditBatch, probing: bool = False) -> torch.Tensor:
        """Latents after all steps, or after the first, (batch, channels, height, width)."""
        import torch

        def after_step(running: Any, number: int, time: Any, state: dict[str, Any]) -> dict[str, Any]:
            if probing:
                raise _Enough(state["latents"])
            return {}

        dtype = self._pipeline.unet.dtype
        pictures = torch.cat([self._encoded(picture) for picture in batch.pictures]).to(dtype)
        try:
            latents: torch.Tensor = self._pipeline(
                prompt_embeds=torch.cat([self._embeddings.of(text) for text in batch.instructions]),
                negative_prompt_embeds=self._embeddings.of("").expand(self._batch, -1, -1),
                image=pictures,
                num_inference_steps=self._steps,
                guidance_scale=SlotGuidance(batch.guidance[0], self._device),
                image_guidance_scale=SlotGuidance(batch.guidance[1], self._device),
                latents=batch.noise.to(dtype),
                generator=[torch.Generator("cpu").set_state(state) for state in batch.states],
                output_type="latent",
                callback_on_step_end=after_step,
            ).images
        except _Enough as enough:
            return enough.latents
        return latents

    def _encoded(self, picture: np.ndarray) -> torch.Tensor:
        """The mode of a picture's latents, (1, channels, height, width) float32, as the pipeline takes it."""
        import torch

        key = digest_bytes(picture.tobytes())
        if key not in self._latents:
            pixels = torch.tensor(picture).permute(2, 0, 1)[None].float().to(self._device) / 127.5 - 1.0
            if len(self._latents) >= KEPT_PICTURES:
                self._latents.pop(next(iter(self._latents)))
            self._latents[key] = self._pipeline.vae.encode(pixels).latent_dist.mode()
        return self._latents[key]

    def _encode_text(self, instruction: str) -> torch.Tensor:
        """The text embedding of an instruction, (1, tokens, width)."""
        encoded: torch.Tensor = self._pipeline._encode_prompt(
            instruction, self._pipeline.device, num_images_per_prompt=1, do_classifier_free_guidance=False
        )
        return encoded

    def _fitted(self, picture: Output) -> np.ndarray:
        """A picture at the size of the op, (height, width, 3) uint8."""
        from PIL import Image

        assert not isinstance(picture, str)
        if picture.shape[:2] == (self._height, self._width):
            return picture
        return np.asarray(Image.fromarray(picture).resize((self._width, self._height), Image.Resampling.BICUBIC))
