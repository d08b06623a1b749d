"""How far maps of a model differ before and after an intervention, of frames that an audit made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from auditor.attribution import MAP_METHODS, Explained, MapMethod, MapSettings, maps, squared_differences
from auditor.attribution.superpixels import superpixels
from auditor.audit import Completed
from auditor.execute import Progress
from auditor.interventions import CapturedFrames, SweepSet
from auditor.models import ModelIdentity
from auditor.pictures import decode_png


@dataclass(frozen=True)
class WantedMaps:
    """Maps whose difference before and after an intervention stands in the table.

    Attributes:
        methods: whose.
        pictures: how many images, the first that are complete, the table is about where there are maps.
        samples: hidden pictures of each, for LIME and kernel SHAP.
        seed: of what they hide, and of the halves that thresholds are chosen on.
    """

    methods: tuple[MapMethod, ...]
    pictures: int
    samples: int
    seed: int


@dataclass(frozen=True)
class FollowedSweep:
    """A model along the sweeps of one intervention.

    Attributes:
        model: which is followed.
        frames: of every image.
        images: those that are complete, by their places in `frames`, (n_valid,).
        clusters: of these, (n_valid,), or None.
        explained: what maps explain: the probability where the analysis follows it, else the logit.
    """

    model: ModelIdentity
    frames: SweepSet
    images: np.ndarray
    clusters: np.ndarray | None
    explained: Explained


def settings_of(sweep: FollowedSweep, wanted: WantedMaps) -> MapSettings:
    """How maps of a sweep are made."""
    return MapSettings(samples=wanted.samples, explained=sweep.explained)


def map_differences(
    done: Completed, sweep: FollowedSweep, shown: int, targets: np.ndarray, wanted: WantedMaps, progress: Progress
) -> dict[str, np.ndarray]:
    """Of each method, the mean squared difference of maps before and after; by the method's name in tables.

    After is the last even point, so that maps have seen no odd one; each image's own superpixels before serve both.
    """
    last_even = sweep.frames.n_points - 1 - (sweep.frames.n_points - 1) % 2
    before, after = (
        [
            _picture(done, sweep.frames, int(i), variant, point)
            for i in sweep.images[:shown]
            for variant in range(sweep.frames.n_variants)
        ]
        for point in (0, last_even)
    )
    settings = settings_of(sweep, wanted)
    found = {}
    for method in wanted.methods:
        progress.begin(f"explaining {sweep.model.name} with {MAP_METHODS[method]}", len(before))
        differences = np.zeros(len(before))
        for places in _of_one_shape(before, after):
            first, last = (np.stack([pictures[i] for i in places]) for pictures in (before, after))
            regions = np.stack([superpixels(each, settings.segments) for each in first])
            both = [
                maps(
                    method,
                    sweep.model,
                    each,
                    targets[places],
                    wanted.seed,
                    settings=settings,
                    regions=regions if each.shape == first.shape else None,
                )
                for each in (first, last)
            ]
            differences[places] = squared_differences(*both)
            progress.advance(len(places))
        progress.end()
        found[MAP_METHODS[method]] = differences
    return found


def _of_one_shape(before: Sequence[np.ndarray], after: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Places of pictures by their shapes: maps are made of pictures of one size."""
    shapes = [(first.shape, last.shape) for first, last in zip(before, after, strict=True)]
    return [np.array([i for i, shape in enumerate(shapes) if shape == each]) for each in dict.fromkeys(shapes)]


def _picture(done: Completed, sweep: SweepSet, image: int, variant: int, point: int) -> np.ndarray:
    """A frame, (height, width, 3) uint8; photographs are read from their files, as the audit read them."""
    files = done.view.files.get(sweep.intervention)
    if isinstance(files, CapturedFrames):
        return files.picture(image, point)
    data = done.answers.png(sweep.frames[image, variant, point])
    assert isinstance(data, bytes), "an image that is complete has all its frames"
    return decode_png(data)
