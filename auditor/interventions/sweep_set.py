"""Sweep sets: the frames of a gradual intervention on each picture."""

from __future__ import annotations

import builtins
from dataclasses import dataclass

import numpy as np

from auditor.plan import Units


@dataclass(frozen=True)
class SweepSet:
    """What one intervention makes of each image, point by point.

    Attributes:
        intervention: its name.
        property: the property that it realises.
        unit: in which positions are told.
        images: names of the images that are swept: rows of the data set, or photographed objects, (n_images,).
        positions: where the points lie, rising, (n_images, n_points); NaN behind the last point of an image that has
            fewer than others.
        frames: handles of shape (n_images, n_variants, n_points), the last frame again where there is no point.
            Variants repeat the sweep of an image with other noise, or another overlay; what is estimated of an image
            is their mean.
        variants: what tells the variants apart, (n_variants,) of str.
        original: the pictures before the intervention, (n_images,); None where there are none but the frames.
        clusters: index of each image's source, (n_images,); None where every image is its own.
        paired_noise: whether variants are draws of noise, alike in every intervention of the same rows and seed, so
            that one image's variants are its own repeats.
    """

    intervention: str
    property: str
    unit: str
    images: tuple[str, ...]
    positions: np.ndarray
    frames: Units
    variants: tuple[str, ...]
    original: Units | None
    clusters: np.ndarray | None
    paired_noise: bool = False

    @builtins.property
    def n_points(self) -> int:
        """Points of the longest sweep."""
        return int(self.frames.shape[2])

    @builtins.property
    def points(self) -> np.ndarray:
        """Points of each image's sweep, (n_images,)."""
        found: np.ndarray = np.isfinite(self.positions).sum(axis=1)
        return found

    def of_each_point(self, units: Units) -> Units:
        """Frames that are points of a sweep, in one row: nothing is asked of an image's last frame twice.

        Args:
            units: of the shape of `frames`.
        """
        return units[self.frames_there]

    def in_place(self, units: Units) -> Units:
        """What was asked of `of_each_point`, in the shape of `frames`; behind the last point, that of the last one."""
        place = np.cumsum(self.frames_there.reshape(-1)) - 1
        return units[place.reshape(self.frames.shape)]

    @builtins.property
    def frames_there(self) -> np.ndarray:
        """Frames that are points of a sweep, (n_images, n_variants, n_points) bool."""
        there = np.isfinite(self.positions)[:, None, :]
        return np.broadcast_to(there, self.frames.shape)

    @builtins.property
    def n_variants(self) -> int:
        return int(self.frames.shape[1])
