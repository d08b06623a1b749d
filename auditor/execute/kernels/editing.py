"""Editing: what the kernels of all editors share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from auditor.execute.kernels.decoded import decode, pictures_of
from auditor.execute.kernels.encoded_pictures import EncodedPictures, fitted
from auditor.execute.kernels.kernel import Kernel, Resources, UnitRows
from auditor.execute.kernels.load_pipeline import load_pipeline
from auditor.execute.numerics import Numerics
from auditor.execute.storage.block import Output
from auditor.models.editor import running_class
from auditor.plan import Op

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class EditBatch:
    """A micro-batch filled up with copies.

    Attributes:
        given: of each unit, its picture or the reason why there is none.
        present: which units have a picture; they stand in the first slots, in this order.
        pictures: of each slot, its picture at the op's size, (height, width, 3) uint8; empty where none is present.
        instructions: of each slot.
        numbers: of each column of numbers, that of each slot, (batch,) float64.
        seeds: of each slot, (batch,) uint64.
    """

    given: tuple[Output, ...]
    present: tuple[int, ...]
    pictures: tuple[np.ndarray, ...]
    instructions: tuple[str, ...]
    numbers: Mapping[str, np.ndarray]
    seeds: np.ndarray


class _Enough(Exception):
    """A probe has seen what it wanted."""

    def __init__(self, latents: torch.Tensor) -> None:
        self.latents = latents


Call = Callable[..., Any]
"""Runs the pipeline to its latents."""


class EditingKernel(Kernel[EditBatch]):
    """Runs an editor of diffusers with noise, text embeddings and picture latents of ours.

    A picture is encoded once, alone, whatever the number of points of its sweep. What an editor adds is `denoise`.
    """

    def __init__(self, ops: Sequence[Op], resources: Resources, numerics: Numerics, device: str) -> None:
        (op,) = ops
        identity = resources.pipelines[str(op.weights)]
        self._op, self._batch, self._device = op, numerics.batch_of(op), device
        self._steps = int(str(op.parameter("steps")))
        self._height, self._width = int(str(op.parameter("height"))), int(str(op.parameter("width")))
        self._pipeline = load_pipeline(
            identity, numerics, device, numerics.compiles(op), running_class(op.kind, identity.class_name)
        )
        self._encoded = EncodedPictures(self._pipeline.vae, device)

    def prepare(self, units: UnitRows) -> EditBatch:
        present = tuple(i for i, image in enumerate(units.images) if not isinstance(image, str))
        # Padding with copies: the bits of a picture depend on the batch's size, not on its neighbours.
        order = [present[slot % len(present)] for slot in range(self._batch)] if present else []
        pictures = {i: fitted(units.images[i], self._height, self._width) for i in present}
        return EditBatch(
            given=units.images,
            present=present,
            pictures=tuple(pictures[i] for i in order),
            instructions=tuple(units.texts["instruction"][i] for i in order),
            numbers={name: numbers[order] for name, numbers in units.numbers.items()},
            seeds=units.seeds[order],
        )

    def run(self, batch: EditBatch) -> tuple[Sequence[Output], ...]:
        import torch

        outputs = list(batch.given)
        if batch.present:
            with torch.inference_mode():
                latents = self.denoise(batch, lambda **how: self._pipeline(**how, output_type="latent").images)
                found = pictures_of(latents, decode(self._pipeline.vae, latents))
            for slot, i in enumerate(batch.present):
                outputs[i] = found[slot]
        return (outputs,)

    def probe(self, batch: EditBatch) -> tuple[bytes, ...]:
        import torch

        found = [b""] * len(batch.given)
        if batch.present:
            with torch.inference_mode():
                latents = self.denoise(batch, self._first_step)
                decoded = decode(self._pipeline.vae, latents).cpu().numpy()
            numbers = latents.float().cpu().numpy()
            for slot, i in enumerate(batch.present):
                found[i] = numbers[slot].tobytes() + decoded[slot].tobytes()
        return tuple(found)

    def unlike(self, units: UnitRows) -> UnitRows:
        """The same edits with other noise."""
        return replace(units, seeds=units.seeds ^ np.uint64(0x5EED))

    @abstractmethod
    def denoise(self, batch: EditBatch, call: Call) -> torch.Tensor:
        """The latents of a batch with pictures, (batch, channels, height, width), which `call` makes of the pipeline's
        arguments: after all steps, or after the first where a probe asks."""

    def _first_step(self, **how: Any) -> torch.Tensor:
        """The latents after the first step of a call."""

        def after_step(running: Any, number: int, time: Any, state: dict[str, Any]) -> dict[str, Any]:
            raise _Enough(state["latents"])

        try:
            latents: torch.Tensor = self._pipeline(**how, output_type="latent", callback_on_step_end=after_step).images
        except _Enough as enough:
            return enough.latents
        return latents

    @property
    def _latent_shape(self) -> tuple[int, int, int]:
        scale = self._pipeline.vae_scale_factor
        return self._pipeline.vae.config.latent_channels, self._height // scale, self._width // scale
