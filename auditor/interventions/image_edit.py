"""Gradual interventions by instruction editing: one number of the editor is swept (property gradients, section 4)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from auditor import codes
from auditor.dataset import Rows
from auditor.errors import DataError
from auditor.interventions.sweep import EditSweep, swept
from auditor.interventions.text_to_image import Noise
from auditor.models import PipelineIdentity, identify_pipeline
from auditor.models.pipeline import EDITING
from auditor.node import Name, Source, SpecNode, default
from auditor.source import Loc, expect_digest

OPS_BY_AXIS: Final = {
    "guidance": ("edit", "image_to_image"),
    "image_guidance": ("edit",),
    "strength": ("image_to_image",),
}
"""The ops that have each number to sweep."""

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

    instruction: str
    """What the editor is asked to do."""

    sweep: EditSweep
    """The number that is swept, and its points."""

    guidance: float = default(7.5, "code", ge=0, le=100)
    """Guidance by the instruction, where another number is swept."""

    image_guidance: float = default(1.5, "code", ge=0, le=100)
    """Guidance by the picture itself, where another number is swept; the paper takes 2.5."""

    strength: float = default(0.8, "code", ge=0, le=1)
    """How much noise the picture gets before it is drawn anew, of image-to-image pipelines whose
    guidance is swept."""

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
        named = swept(self.sweep)
        axis = "guidance" if named is None else named[0]
        kinds = OPS_BY_AXIS[axis]
        classes = dict.fromkeys(name for kind in kinds for name in EDITING[kind])
        identity = identify_pipeline(self.name, self.source, base, loc, tuple(classes), f"image_edit ({axis})")
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
        """The plan's op, every default written out: an instruction editor's, or an image-to-image pipeline's."""
        from auditor.plan import edit, image_to_image

        ask = edit if pipeline.class_name in EDITING["edit"] else image_to_image
        return ask(pipeline.digest, self.steps, self.height or pipeline.size, self.width or pipeline.size)

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
