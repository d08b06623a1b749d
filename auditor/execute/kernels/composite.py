"""Composite: effects blended into pictures, exact to the pixel and without a model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from auditor.digest import digest_bytes
from auditor.errors import ExecutionError
from auditor.execute.kernels.blend_effects import EFFECTS
from auditor.execute.kernels.kernel import Kernel, Resources, UnitRows
from auditor.execute.numerics import Numerics
from auditor.execute.storage.block import Output
from auditor.pictures import read_layer
from auditor.plan import Op

KEPT_FILES = 64


class CompositeKernel(Kernel[UnitRows]):
    """Blends an effect over a region: at strength 0 the picture itself, at 1 the whole effect.

    The region is a mask file, a box, the whole picture, or (`composite_located`) a picture that `locate` made.
    """

    def __init__(self, ops: Sequence[Op], resources: Resources, numerics: Numerics, device: str) -> None:
        (op,) = ops
        self._parameters: dict[str, Any] = json.loads(op.parameters)
        self._effect = EFFECTS.get(str(op.parameter("effect")))
        self._files: dict[str, np.ndarray] = {}

    def prepare(self, units: UnitRows) -> UnitRows:
        return units

    def run(self, batch: UnitRows) -> tuple[Sequence[Output], ...]:
        return ([self._blended(batch, i) for i in range(batch.size)],)

    def probe(self, batch: UnitRows) -> tuple[bytes, ...]:
        (found,) = self.run(batch)
        return tuple(b"" if isinstance(each, str) else each.tobytes() for each in found)

    def unlike(self, units: UnitRows) -> UnitRows:
        """The same effect on negatives."""
        return replace(units, images=tuple(i if isinstance(i, str) else 255 - i for i in units.images))

    def _blended(self, units: UnitRows, i: int) -> Output:
        picture, strength = units.images[i], float(units.numbers["strength"][i])
        if isinstance(picture, str) or strength == 0.0:
            return picture
        region = _located(picture, units.others[i]) if units.others else self._region(picture, units.texts["mask"][i])
        if isinstance(region, str):
            return region
        plain = picture.astype(np.float64)
        if self._effect is None:
            changed, region = self._overlaid(plain, region, units.texts["overlay"][i])
            share = strength * region
        else:
            changed, share = self._effect(plain, strength, self._parameters), region
        mixed = plain * (1.0 - share[..., None]) + changed * share[..., None]
        return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)

    def _region(self, picture: np.ndarray, mask: str) -> np.ndarray | str:
        """How much of each pixel belongs to the region, (height, width) float64 of 0 to 1; or why that is not known."""
        height, width = picture.shape[:2]
        if mask:
            shape = self._file(mask, "L")
            if shape.shape != (height, width):
                return (
                    f"the mask {Path(mask).name} has {shape.shape[1]} x {shape.shape[0]} pixels, its picture "
                    f"{width} x {height}"
                )
            return shape / 255.0
        region = np.zeros((height, width))
        left, top, right, bottom = self._parameters.get("box") or (0.0, 0.0, 1.0, 1.0)
        region[round(top * height) : round(bottom * height), round(left * width) : round(right * width)] = 1.0
        return region

    def _overlaid(self, plain: np.ndarray, region: np.ndarray, overlay: str) -> tuple[np.ndarray, np.ndarray]:
        """The overlay stretched over the box around the region, and the region times its opacity."""
        from PIL import Image

        rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
        changed, share = plain.copy(), np.zeros_like(region)
        if len(rows) == 0:
            return changed, share
        box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        height, width = region[box].shape
        stretched = Image.fromarray(self._file(overlay, "RGBA").astype(np.uint8)).resize(
            (width, height), Image.Resampling.BILINEAR
        )
        pixels = np.asarray(stretched, np.float64)
        changed[box] = pixels[..., :3]
        share[box] = region[box] * pixels[..., 3] / 255.0
        return changed, share

    def _file(self, file: str, mode: str) -> np.ndarray:
        """A file in a mode of Pillow, float64, decoded once; `file` is its digest and its path.

        Raises:
            ExecutionError: it is gone, changed since it was planned, or no picture.
        """
        from PIL import Image

        if file not in self._files:
            expected, _, path = file.partition(" ")
            try:
                data = Path(path).read_bytes()
                if digest_bytes(data) != expected:
                    raise OSError("it changed while the audit ran")
                found = read_layer(data, mode)
            except (
                OSError,
                ValueError,
                SyntaxError,
                EOFError,
                KeyError,
                TypeError,
                Image.DecompressionBombError,
            ) as error:
                raise ExecutionError(
                    f"{path} cannot be used: {str(error)[:100]}; restore it and run the same command again"
                ) from None
            if len(self._files) >= KEPT_FILES:
                self._files.pop(next(iter(self._files)))
            self._files[file] = found
        return self._files[file]


def _located(picture: np.ndarray, mask: Output) -> np.ndarray | str:
    """The region in a picture of a mask, (height, width) float64 of 0 to 1; or why there is none."""
    if isinstance(mask, str):
        return mask
    if mask.shape != picture.shape:
        (height, width), (tall, wide) = picture.shape[:2], mask.shape[:2]
        return f"the region has {wide} x {tall} pixels, its picture {width} x {height}"
    return mask[..., 0] / 255.0
