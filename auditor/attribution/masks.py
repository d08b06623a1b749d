"""Masks: which pixels of a picture show which concept, read from pictures of labels."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from auditor import codes
from auditor.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

MASKS = "masks"
"""The folder below a data set's folder in which its masks are, unless another is named."""

VALUES = "values.csv"
"""The table in that folder that says which concept a pixel's value stands for."""


@dataclass(frozen=True)
class Masks:
    """A folder of pictures of labels, as in the Pascal VOC data set: a PNG of one channel for each picture.

    A pixel's value says which concept stands there; values without a concept, such as 0, are background. A mask
    is called as its picture is, with the ending `.png`.

    Attributes:
        folder: where the masks are.
        values: the value of each concept, (n_concepts,), in the order that was asked for.
    """

    folder: Path
    values: np.ndarray

    def of(self, name: str, height: int, width: int) -> np.ndarray:
        """The pixels of each concept in the picture called `name`, (n_concepts, height, width) bool.

        Raises:
            DataError: there is no mask, it is no such picture, or its size is not the picture's.
        """
        shown = (Path(name).parent / f"{Path(name).stem}.png").as_posix()
        labels = _labels(self.folder / shown, shown)
        if labels.shape != (height, width):
            found = f"{labels.shape[1]} x {labels.shape[0]}"
            raise DataError(
                f"the mask `{shown}` is {found} pixels, and its picture {width} x {height}",
                code=codes.MASK_SIZE,
                way_out="draw masks at the size of their pictures, upright as the pictures are read",
            )
        return np.asarray(labels[None] == self.values[:, None, None])


def open_masks(folder: Path, columns: Sequence[str]) -> Masks:
    """The masks in `folder`, of the concepts that the data set's table has in `columns`.

    Raises:
        DataError: there is no folder, no table of values, or no value for a concept.
    """
    path = folder / VALUES
    if not path.is_file():
        raise DataError(
            f"there are no masks: `{folder.name}/{VALUES}` is missing",
            code=codes.MASKS_MISSING,
            way_out=f"write a picture of labels for each picture into `{folder.name}/`, and `{VALUES}` with the "
            "columns value and column: which concept a pixel's value stands for",
        )
    found = _values(path)
    missing = [column for column in columns if column not in found]
    if missing:
        raise DataError(
            f"`{folder.name}/{VALUES}` has no value for the column `{missing[0]}`",
            code=codes.MASKS_MISSING,
            way_out=f"add a line with its value; the table has {', '.join(f'`{name}`' for name in found) or 'none'}",
        )
    return Masks(folder, np.array([found[column] for column in columns]))


def _values(path: Path) -> dict[str, int]:
    """The value of each column that the table names."""
    try:
        lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise _malformed("is no CSV in UTF-8") from None
    if not lines or lines[0] != ["value", "column"]:
        raise _malformed("does not begin with the line `value,column`")
    found: dict[str, int] = {}
    for number, line in enumerate(lines[1:], 2):
        if len(line) != 2 or not (line[0].isdecimal() and int(line[0]) < 256):
            raise _malformed(f"has no value from 0 to 255 and a column in line {number}")
        if line[1] in found or int(line[0]) in found.values():
            raise _malformed(f"names a value or a column a second time in line {number}")
        found[line[1]] = int(line[0])
    return found


def _malformed(why: str) -> DataError:
    return DataError(
        f"the table `{VALUES}` of the masks {why}",
        code=codes.MASK_MALFORMED,
        way_out="write `value,column` first, then a line for each concept, such as `1,red_circle`",
    )


def _labels(path: Path, shown: str) -> np.ndarray:
    """The stored values of a picture of labels, (height, width) uint8."""
    from PIL import Image

    if not path.is_file():
        raise DataError(
            f"there is no mask `{shown}`",
            code=codes.MASKS_MISSING,
            way_out="draw one for every picture; a picture without any concept has a mask of zeros",
        )
    try:
        with Image.open(path, formats=("PNG",)) as picture:
            return _stored(picture)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise DataError(
            f"the mask `{shown}` is no PNG of one channel of 8 bits",
            code=codes.MASK_MALFORMED,
            way_out="save it as a PNG in grey or with a palette, whose stored values are the labels",
        ) from None


def _stored(picture: Image) -> np.ndarray:
    if picture.mode not in ("L", "P"):
        raise ValueError(picture.mode)
    return np.asarray(picture)
