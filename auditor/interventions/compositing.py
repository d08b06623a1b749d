"""Gradual interventions exact to the pixel: an effect blended over a region (property gradients, section 4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field

from auditor.dataset import Rows
from auditor.errors import DataError
from auditor.interventions.region import Located, Region
from auditor.interventions.sweep import BlendSweep, swept
from auditor.models import ModelIdentity
from auditor.node import Name, Seed, Source, SpecNode, default
from auditor.source import Loc

if TYPE_CHECKING:
    from auditor.interventions.blend_files import BlendFiles
    from auditor.interventions.sweep_set import SweepSet
    from auditor.plan import Ask, Op, Units

Channel = Annotated[int, Field(ge=0, le=255)]

EFFECTS: Final = ("overlay", "colour", "brightness", "hue", "blur", "noise", "jpeg")
"""The keys of which a composite has exactly one."""


class Compositing(SpecNode):
    """Each picture with an effect blended in, more and more of it. Exactly one effect."""

    name: Name
    """The name by which analyses call the intervention."""

    kind: Literal["compositing"]
    """Which kind of intervention this is."""

    realises: Name
    """The property that the sweep changes."""

    overlay: Source | None = default(None, "chosen")
    """A picture file that is laid over the region, stretched to the box around it, with its own
    opacity; or a pattern such as `patches/*.png`, each match a sweep of its own. Over whole
    pictures it must be transparent somewhere."""

    colour: Annotated[tuple[Channel, ...], Field(min_length=3, max_length=3)] | None = default(None, "chosen")
    """A colour that is laid over the region: red, green and blue, 0 to 255."""

    brightness: float | None = default(None, "chosen", ge=0, le=20)
    """By how much pixel values are multiplied at the end of the sweep: 0.4 darkens, 1.5 brightens."""

    hue: float | None = default(None, "chosen", ge=-360, le=360)
    """By how many degrees the hue is turned at the end of the sweep."""

    blur: float | None = default(None, "chosen", gt=0, le=200)
    """Radius in pixels of the Gaussian blur at the end of the sweep."""

    noise: float | None = default(None, "chosen", gt=0, le=255)
    """SD of the Gaussian noise at the end of the sweep, in 8-bit values."""

    jpeg: int | None = default(None, "chosen", ge=1, le=95)
    """Quality of the JPEG compression at the end of the sweep: 95 is hardly seen, 5 is coarse."""

    seed: Seed = default(0, "chosen")
    """The seed of `noise`."""

    region: Region = default(Region(), "chosen")
    """Where; the whole picture by default."""

    sweep: BlendSweep
    """How much of the effect, and at which points."""

    @property
    def effect(self) -> str:
        """The effect; the first one where a document gives several, which a rule refuses."""
        return next((name for name in EFFECTS if getattr(self, name) is not None), "")

    def find(self, base: Path, rows: Rows, folder: Path | None, loc: Loc) -> tuple[BlendFiles, list[DataError]]:
        """Overlays and masks, and what is wrong with them; `folder` is that of the data set."""
        from auditor.interventions.blend_files import blend_files, find_masks, find_overlays, opaque_overlay

        errors: list[DataError] = []
        overlays: list[tuple[str, Path]] = []
        if self.overlay is not None:
            try:
                overlays = find_overlays(self.overlay, base, (*loc, "overlay"))
                errors += opaque_overlay(overlays, (*loc, "overlay")) if not self.region.declared() else []
            except DataError as error:
                errors.append(DataError(str(error), code=error.code, loc=(*loc, "overlay"), way_out=error.way_out))
        masks: list[tuple[str, Path]] = []
        where = (*loc, "region", "mask" if self.region.mask is not None else "column")
        if self.region.mask is not None or self.region.column is not None:
            masks, wrong = find_masks(self.region.mask, self.region.column, rows, folder or base, base, where)
            errors += wrong
        return blend_files(self.name, overlays, masks), errors

    def op(self) -> Op:
        """The plan's op, every default written out."""
        from auditor.plan import composite, composite_located

        blend = composite if self.region.located is None else composite_located
        return blend(self.effect, **self._parameters())

    def _parameters(self) -> Mapping[str, object]:
        box = {} if self.region.box is None else {"box": list(self.region.box)}
        if self.colour is not None:
            return {"colour": list(self.colour), **box}
        if self.brightness is not None:
            return {"factor": self.brightness, **box}
        if self.hue is not None:
            return {"degrees": self.hue, **box}
        if self.blur is not None:
            return {"radius": self.blur, **box}
        if self.jpeg is not None:
            return {"quality": self.jpeg, **box}
        return {"sd": self.noise, "seed": self.seed, **box} if self.noise is not None else box

    def expand(
        self,
        ask: Ask,
        rows: Rows,
        real: Units,
        unit: str,
        files: BlendFiles,
        detectors: Mapping[str, ModelIdentity] = MappingProxyType({}),
    ) -> SweepSet:
        """Ask for every frame: rows x overlays x points; and for a region of each row, where a detector locates it."""
        import numpy as np

        from auditor.interventions.sweep_set import SweepSet

        named = swept(self.sweep)
        assert named is not None
        axis, points = named[0], np.array(named[1].positions)
        overlays = files.overlays or (None,)
        shape = (len(rows), len(overlays), len(points))
        every = np.broadcast_to(np.arange(len(rows))[:, None, None], shape)
        strengths = np.broadcast_to(points, shape)
        laid = np.broadcast_to(_objects(overlays)[None, :, None], shape)
        if self.region.located is not None:
            regions = ask.locate(self._locate(self.region.located, detectors), real)
            ask.builder.want(regions)
            frames = ask.composite_located(self.op(), real[every], regions[every], strengths, laid)
        else:
            masks = np.broadcast_to(_objects(files.masks or (None,))[:, None, None], shape)
            frames = ask.composite(self.op(), real[every], strengths, laid, masks)
        ask.builder.want(frames)
        return SweepSet(
            intervention=self.name,
            property=self.realises,
            unit=unit or axis,
            images=rows.names,
            positions=np.broadcast_to(points, (len(rows), len(points))),
            frames=frames,
            variants=files.overlay_names or ("",),
            original=real,
            clusters=rows.clusters,
        )

    @staticmethod
    def _locate(located: Located, detectors: Mapping[str, ModelIdentity]) -> Op:
        from auditor.plan import locate

        detector = detectors[located.detector]
        return locate(detector.digest, located.output, grid=located.grid, window=located.window, share=located.share)


def _objects(values: tuple[object, ...]):  # type: ignore[no-untyped-def]
    """A column of Python values: `numpy.array` would make a table of pairs."""
    import numpy as np

    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found
