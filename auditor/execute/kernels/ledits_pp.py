"""LEDITS++: a picture is inverted, then edited from its inversion, a sweep of edit guidance in one batch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from auditor.digest import Digest, digest_bytes
from auditor.errors import InternalError
from auditor.execute.kernels.editing import Call, EditBatch, EditingKernel
from auditor.execute.kernels.kernel import Resources, UnitRows
from auditor.execute.kernels.ledits_pp_mended import mend
from auditor.execute.kernels.slot_guidance import SlotGuidance
from auditor.execute.numerics import Numerics
from auditor.plan import Op

if TYPE_CHECKING:
    import torch


class LeditsPPKernel(EditingKernel):
    """Runs `LEditsPPPipelineStableDiffusion`, or `..XL` slot by slot (Brack et al. 2024, LEDITS++, CVPR).

    The pipeline keeps the inversion in itself and edits what it inverted last, so all units of a batch are edits of
    one picture with one seed by one instruction, and the micro-batches of a picture follow each other. Its
    inversion is kept till another picture's is made: it is the inside of an edit, never stored, and a run that is
    resumed makes it again, to the same bits.
    """

    def __init__(self, ops: Sequence[Op], resources: Resources, numerics: Numerics, device: str) -> None:
        super().__init__(ops, resources, numerics, device)
        declared: dict[str, Any] = json.loads(self._op.parameters)
        self._skip, self._threshold = float(declared["skip"]), float(declared["threshold"])
        self._masks = declared["masks"]
        self._inverted: tuple[Digest, int] | None = None
        from diffusers import DPMSolverMultistepScheduler

        # The paper's scheduler, whichever the folder has; only its noise schedule is taken over.
        self._pipeline.scheduler = DPMSolverMultistepScheduler.from_config(
            self._pipeline.scheduler.config, algorithm_type="sde-dpmsolver++", solver_order=2
        )
        mend(self._pipeline)

    def denoise(self, batch: EditBatch, call: Call) -> torch.Tensor:
        import torch

        alike = {(digest_bytes(p.tobytes()), int(s)) for p, s in zip(batch.pictures, batch.seeds, strict=True)}
        if len(alike) > 1 or len(set(batch.instructions)) > 1:
            raise InternalError("edits of several pictures, seeds or instructions were put into one batch")
        (picture,) = alike
        if self._inverted != picture:
            self._invert(batch.pictures[0], picture[1])
            self._inverted = picture
        guidance = batch.numbers["guidance"]
        if hasattr(self._pipeline, "text_encoder_2"):  # It makes embeddings of sizes that fit one picture alone.
            return torch.cat([self._edited(batch.instructions[0], one, call) for one in guidance[:, None]])
        return self._edited(batch.instructions[0], guidance, call)

    def unlike(self, units: UnitRows) -> UnitRows:
        """The same edits, stronger: edits with other noise are never beside them."""
        return replace(units, numbers={"guidance": units.numbers["guidance"] * 1.5 + 1.0})

    def _invert(self, picture: np.ndarray, seed: int) -> None:
        """Have a picture's inversion in the pipeline, alone; nothing of the one before is left."""
        import torch

        self._inverted = None
        running, dtype = self._pipeline, self._pipeline.unet.dtype
        latents = (self._encoded.of(picture) * running.vae.config.scaling_factor).to(dtype)
        running.encode_image = lambda *_, **__: (latents, None)  # Encoded once, in float32.
        running.invert(
            image=None,
            num_inversion_steps=self._steps,
            skip=self._skip,
            generator=torch.Generator("cpu").manual_seed(seed),
        )
        self._inversion = running.init_latents, running.zs

    def _edited(self, instruction: str, guidance: np.ndarray, call: Call) -> torch.Tensor:
        """The latents of edits of what is inverted, one for each guidance (slots,)."""
        latents, noise = self._inversion
        self._pipeline.batch_size = len(guidance)
        self._pipeline.init_latents = latents.expand(len(guidance), -1, -1, -1)
        self._pipeline.zs = noise.expand(-1, len(guidance), -1, -1, -1)
        found: torch.Tensor = call(
            editing_prompt=[instruction],
            edit_guidance_scale=SlotGuidance(guidance, self._device),
            edit_threshold=self._threshold,
            use_cross_attn_mask=self._masks == "intersect",
            use_intersect_mask=self._masks == "intersect",
        )
        return found
