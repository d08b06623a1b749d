"""Sizes of pictures that a pipeline cannot make, found before anything is generated."""

from __future__ import annotations

from collections.abc import Mapping

from auditor import codes
from auditor.errors import DataError
from auditor.models import PipelineIdentity
from auditor.source import Loc


def side_faults(name: str, sides: Mapping[str, int | None], pipeline: PipelineIdentity, loc: Loc) -> list[DataError]:
    """The sides that are no multiple of what the pipeline of the intervention `name` makes."""
    return [
        DataError(
            f"the pipeline of `{name}` makes pictures whose sides are multiples of "
            f"{pipeline.size_step} pixels, and `{side}` is {size}",
            code=codes.PICTURE_SIZE,
            loc=(*loc, side),
            way_out=f"write {size - size % pipeline.size_step or pipeline.size_step}, or leave it out "
            f"for the pipeline's own {pipeline.size}",
        )
        for side, size in sides.items()
        if size is not None and size % pipeline.size_step
    ]
