"""Gradual interventions by instruction editing: one number of the editor is swept (property gradients, section 4)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field

from auditor import codes
from auditor.dataset import Rows
from auditor.errors import DataError
from auditor.interventions.sweep import EditSweep, swept
from auditor.interventions.text_to_image import Noise
from auditor.models import PipelineIdentity
from auditor.models.editor import identify_editor
from auditor.node import Name, Source, SpecNode, default
from auditor.source import Loc, expect_digest

EDITOR_OPS: Final = {"instruction": "edit", "image_to_image": "image_to_image", "ledits_pp": "ledits_pp"}
"""The op of each kind of editor."""

EDITOR_AXES: Final = {
    "instruction": ("guidance", "image_guidance"),
    "image_to_image": ("guidance", "strength"),
    "ledits_pp": ("guidance",),
}
"""The numbers that each kind of editor has to sweep."""

if TYPE_CHECKING:
    from auditor.interventions.sweep_set import SweepSet
    from auditor.plan import Ask, Op, Units


class ImageEdit(SpecNode):
    """Each picture edited by a diffusers instruction editor, with one of the editor's numbers swept."""

    name: Name
    """The name by which analyses call the intervention."""

    kind: Literal["image_edit"]
    """Which kind of intervention this is."""

    realises: Name
    """The property that the sweep changes."""

    source: Source
    """The editor: `builtin:NAME`, a folder as seen from the document's, or `repo@revision`
    with a 40-hex commit that is already in the local cache of the hub."""

    digest: str | None = default(None, "chosen", pattern=r"^[0-9a-f]{64}$")
    """SHA-256 that the editor's files must have; the audit is refused if it differs."""

    editor: Literal["instruction", "image_to_image", "ledits_pp"] = default("instruction", "paper")
    """How pictures are edited: `instruction` by InstructPix2Pix; `image_to_image` by drawing a
    noised picture anew from the instruction as its caption; `ledits_pp` by LEDITS++, which inverts a
    picture once and then adds what the instruction names. The last two run on any Stable Diffusion."""

    instruction: Annotated[str, Field(min_length=1, max_length=1_000)]
    """What the editor is asked to do: an instruction, a caption, or what LEDITS++ is to add."""

    sweep: EditSweep
    """The number that is swept, and its points."""

    guidance: float = default(7.5, "code", ge=0, le=100)
    """Guidance by the instruction, where another number is swept."""

    image_guidance: float = default(1.5, "code", ge=0, le=100)
    """Guidance by the picture itself, where another number is swept; the paper takes 2.5."""

    strength: float = default(0.8, "code", ge=0, le=1)
    """How much noise the picture gets before it is drawn anew, of image-to-image pipelines whose
    guidance is swept."""

    skip: float = default(0.15, "code", ge=0, lt=1)
    """Share of the inversion that LEDITS++ skips: more keeps more of the picture."""

    threshold: float = default(0.9, "code", gt=0, lt=1)
    """Quantile of the edit's own strength above which LEDITS++ applies it: higher edits a smaller part."""

    masks: Literal["intersect", "noise"] = default("intersect", "code")
    """What confines a LEDITS++ edit: attention and noise together, or noise alone, where the UNet
    has no cross-attention at a quarter of the latent size."""

    steps: int = default(100, "code", ge=1, le=1_000)
    """Denoising steps of one frame."""

    height: int | None = default(None, "chosen", ge=8, le=4_096)
    """Height in pixels to which pictures are brought; the editor's own size by default."""

    width: int | None = default(None, "chosen", ge=8, le=4_096)
    """Width in pixels to which pictures are brought; the editor's own size by default."""

    noise: Noise = default(Noise(draws=1), "code")
    """The noise of the edits. A row keeps a draw over all points of its sweep and over all
    interventions; one image needs 7 draws for a claim of its own."""

    def identify(self, base: Path, loc: Loc) -> PipelineIdentity:
        """The editor as found; DataError where it cannot be used."""
        identity = identify_editor(self.name, self.source, base, loc, EDITOR_OPS[self.editor], self.masks)
        expect_digest(identity.digest, self.digest, f"the pipeline of `{self.name}`", loc)
        return identity

    def check(self, rows: Rows, pipeline: PipelineIdentity, loc: Loc) -> list[DataError]:
        """Faults that would only show while editing: sizes, and an instruction that is too long."""
        from auditor.interventions.picture_sizes import side_faults

        errors = side_faults(self.name, {"height": self.height, "width": self.width}, pipeline, loc)
        try:
            counts, limit = pipeline.token_counts([self.instruction], (*loc, "source"))
        except DataError as error:
            return [*errors, error]
        if counts[self.instruction] > limit:
            errors.append(
                DataError(
                    f"the instruction takes {counts[self.instruction]} tokens, and the text encoder of `{self.name}` "
                    f"reads {limit}",
                    code=codes.CAPTION_TOO_LONG,
                    loc=(*loc, "instruction"),
                    way_out="shorten it; what is cut off would never be done",
                )
            )
        return errors

    def op(self, pipeline: PipelineIdentity) -> Op:
        """The plan's op, every default written out."""
        from auditor.plan import edit, image_to_image, ledits_pp

        size = self.height or pipeline.size, self.width or pipeline.size
        if self.editor == "ledits_pp":
            return ledits_pp(
                pipeline.digest, self.steps, *size, skip=self.skip, threshold=self.threshold, masks=self.masks
            )
        ask = edit if self.editor == "instruction" else image_to_image
        return ask(pipeline.digest, self.steps, *size)

    def expand(self, ask: Ask, rows: Rows, real: Units, unit: str, pipeline: PipelineIdentity) -> SweepSet:
        """Ask for every frame: rows x draws x points."""
        import numpy as np

        from auditor.interventions.sweep_set import SweepSet
        from auditor.plan import noise_seeds

        named = swept(self.sweep)
        assert named is not None
        axis, points = named[0], np.array(named[1].positions)
        seeds = noise_seeds(self.noise.seed, rows.names, self.noise.draws)
        shape = (len(rows), self.noise.draws, len(points))
        op = self.op(pipeline)
        declared = {"guidance": self.guidance, "image_guidance": self.image_guidance, "strength": self.strength}
        numbers = {
            name: np.broadcast_to(points if name == axis else declared[name], shape) for name in op.shape.numbers
        }
        frames = ask.edit(
            op,
            real[np.broadcast_to(np.arange(len(rows))[:, None, None], shape)],
            np.full(shape, self.instruction, dtype=object),
            seeds=np.broadcast_to(seeds[:, :, None], shape),
            **numbers,
        )
        ask.builder.want(frames)
        return SweepSet(
            intervention=self.name,
            property=self.realises,
            unit=unit or axis.replace("_", " "),
            images=rows.names,
            positions=np.broadcast_to(points, (len(rows), len(points))),
            frames=frames,
            variants=tuple(f"noise {draw}" for draw in range(self.noise.draws)),
            original=real,
            clusters=rows.clusters,
            paired_noise=True,
        )
