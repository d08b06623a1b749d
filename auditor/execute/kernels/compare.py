"""Compare: how far two pictures are from each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from auditor.execute.kernels.kernel import Kernel, Resources, UnitRows
from auditor.execute.numerics import Numerics
from auditor.execute.storage.block import Output
from auditor.plan import Op

WINDOW = 7
SHORT_SIDE = 256
"""Larger pictures are looked at as from further away: scaled down until their shorter side has about so many pixels."""

_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


class CompareKernel(Kernel[UnitRows]):
    """Mean absolute difference of 8-bit values, 0 to 1, and structural similarity of luminance."""

    def __init__(self, ops: Sequence[Op], resources: Resources, numerics: Numerics, device: str) -> None:
        """No weights."""

    def prepare(self, units: UnitRows) -> UnitRows:
        return units

    def run(self, batch: UnitRows) -> tuple[Sequence[Output], ...]:
        return ([_compared(one, other) for one, other in zip(batch.images, batch.others, strict=True)],)

    def probe(self, batch: UnitRows) -> tuple[bytes, ...]:
        (found,) = self.run(batch)
        return tuple(b"" if isinstance(each, str) else each.tobytes() for each in found)

    def unlike(self, units: UnitRows) -> UnitRows:
        """The pictures compared with themselves the other way round."""
        return UnitRows(units.texts, units.seeds, units.others, units.size, units.numbers, units.images)


def _compared(one: Output, other: Output) -> Output:
    for picture in (one, other):
        if isinstance(picture, str):
            return picture
    assert not isinstance(one, str) and not isinstance(other, str)
    if one.shape != other.shape:
        return f"pictures of {one.shape[1]} x {one.shape[0]} and {other.shape[1]} x {other.shape[0]} cannot be compared"
    if np.array_equal(one, other):
        return np.array([0.0, 1.0], np.float32)  # Each sweep's first frame with itself; windows alike have exactly 1.
    distance = np.abs(one.astype(np.int16) - other.astype(np.int16)).mean() / 255.0
    return np.array([distance, structural_similarity(one, other)], np.float32)


def structural_similarity(one: np.ndarray, other: np.ndarray) -> float:
    """SSIM of the luminance of two pictures (Wang et al. 2004), mean over windows of 7 x 7 pixels, evenly weighted.

    Large pictures are first averaged over blocks of round(shorter side / 256) pixels, as the authors advise for their
    code: what eyes compare does not grow with the resolution, and 12 megapixels take a fiftieth of the time. What fills
    no whole block at the right and lower edge is not looked at.

    Departure: even weights instead of a Gaussian, with variances of divisor n; smaller pictures are one window.
    """
    a, b = (_from_afar(picture) @ (0.299, 0.587, 0.114) for picture in (one, other))
    size = min(WINDOW, *a.shape)

    def mean(values: np.ndarray) -> np.ndarray:
        # By running sums: a window's sum costs the same whatever its size.
        down = np.zeros((values.shape[0] + 1, values.shape[1]))
        np.cumsum(values, axis=0, out=down[1:])
        values = down[size:] - down[:-size]
        along = np.zeros((values.shape[0], values.shape[1] + 1))
        np.cumsum(values, axis=1, out=along[:, 1:])
        return np.asarray((along[:, size:] - along[:, :-size]) / size**2)

    mean_a, mean_b = mean(a), mean(b)
    var_a, var_b = mean(a * a) - mean_a**2, mean(b * b) - mean_b**2
    covariance = mean(a * b) - mean_a * mean_b
    similar = ((2 * mean_a * mean_b + _C1) * (2 * covariance + _C2)) / (
        (mean_a**2 + mean_b**2 + _C1) * (var_a + var_b + _C2)
    )
    return float(similar.mean())


def _from_afar(picture: np.ndarray) -> np.ndarray:
    """Means over blocks of pixels, (height / block, width / block, 3) float64."""
    height, width = picture.shape[:2]
    block = max(1, round(min(height, width) / SHORT_SIDE))
    if block == 1:
        return picture.astype(np.float64)
    rows, columns = height // block, width // block
    cut = picture[: rows * block, : columns * block].reshape(rows, block, columns * block, 3)
    down = cut.sum(axis=1, dtype=np.uint32).reshape(rows, columns, block, 3)
    return np.asarray(down.sum(axis=2) / block**2)
