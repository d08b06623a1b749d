"""Where in a picture an effect is blended in."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from auditor.node import Name, Share, Source, SpecNode, default


class Located(SpecNode):
    """The part of a picture whose covering takes most from a detector's output."""

    detector: Name
    """The detector."""

    output: Name
    """Its output."""

    grid: int = default(12, "chosen", ge=2, le=64)
    """In how many rows and columns of squares a picture is covered, one window after the other."""

    window: int = default(2, "chosen", ge=1, le=32)
    """Squares on a side of a window."""

    share: Share = default(0.5, "chosen")
    """Of the largest loss of the output, the share that a square must take to belong to the region."""


class Region(SpecNode):
    """A part of each picture. At most one of its keys; without any, the whole picture."""

    mask: Source | None = default(None, "chosen")
    """A picture file, white where the effect is, for all pictures alike; they must have its size."""

    column: Name | None = default(None, "chosen")
    """The column of the data set's table that names the mask file of each row, below its folder."""

    box: Annotated[tuple[Share, ...], Field(min_length=4, max_length=4)] | None = default(None, "chosen")
    """Left, top, right and bottom edge as shares of width and height: `[0, 0, 0.5, 1]` is the left half."""

    located: Located | None = default(None, "chosen")
    """Where a detector sees one of its outputs, found in each picture by covering parts of it."""

    def declared(self) -> list[str]:
        """The keys that the document gives."""
        return [name for name in type(self).model_fields if getattr(self, name) is not None]
