"""What a result says of gradual interventions: every image's numbers, and the sweeps that the report draws."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from auditor.judgement import ResultNode

SweepRule = Literal["random", "most_moved", "least_moved", "failed"]


class ImageSweep(ResultNode):
    """One model along the sweep of one property in one image; means over variants where there are several."""

    analysis: str
    model: str
    property: str
    intervention: str
    image: str
    target: str
    """The output that is followed."""
    gradient: float
    """E|grad| per step: the published score."""
    gradient_per_unit: float
    """E|grad| on the real spacing, per unit of the property."""
    net_change: float
    """Last score less first."""
    range: float
    """Largest score less smallest."""
    total_variation: float
    flips: float | None
    """How often the decision changes along the sweep, mean over variants; null of a model that predicts a number."""
    first_flip: float | None
    """Where it first changes; null where it does not."""
    shuffle_p: float
    """The published shuffle test, two-sided with +1; a test of smoothness, which never decides."""
    shuffle_side: Literal["smoother", "rougher"]
    """Whether the curve is smoother or rougher than its shuffled points."""
    ratio: float | None = None
    """How many times further the score moves than along the controls of this image; null without controls."""
    floor: float | None = None
    """Range below which nothing counts as a move: of the declared least effect and the controls' 95 % quantile the
    larger; null without controls."""
    moves: bool | None = None
    """Whether the range reaches the floor, or the decision changes where no control changes it."""
    changed: bool = True
    """Whether the intervention changes a pixel of this image; where it does not, the image is in no mean."""
    test: Literal["rank among controls", "paired noise"] | None = None
    """How this image alone was tested; null where the sweep is descriptive, and no p-value exists."""
    p_value: float | None = None
    p_adjusted: float | None = None


class SweepCurve(ResultNode):
    """One model's scores along a sweep that the report draws."""

    model: str
    scores: tuple[float, ...]
    decisions: tuple[str, ...] | None = None
    """The output that is decided for at each point (`yes` or `no` where outputs are independent)."""
    threshold: float | None = None
    """The score at which the decision changes, where there is one such score."""
    floor: float | None = None
    """Half-width of the band around the first score within which a move counts as none."""
    controls: dict[str, tuple[float, ...]] = Field({})
    """Scores along the controls' sweeps of the same image and variant, by control."""


class SweepShown(ResultNode):
    """The frames of one sweep, chosen by rule, with every model's scores."""

    rule: SweepRule
    analysis: str
    intervention: str
    property: str
    unit: str
    image: str
    variant: str = ""
    original: str | None = None
    """File of the picture before the intervention, below the run folder; null where there is none."""
    positions: tuple[float, ...]
    frames: tuple[str | None, ...]
    """Files of the frames below the run folder; null where a frame is invalid, or the sweep has more than are shown."""
    curves: tuple[SweepCurve, ...] = ()
    reason: str = ""
    """For failed sweeps: why."""


class SweepSample(ResultNode):
    """How many images one analysis of gradual interventions is about."""

    analysis: str
    images: int
    """Images in the estimates."""
    left_out: int
    """Images left out because a frame or score of theirs is invalid."""
    points: int
    """Points of a sweep; of images with unequal numbers of photographs, the most."""
    fewest_points: int | None = None
    """Points of the shortest sweep, where images have unequal numbers; null where they have not."""
    variants: int
    clusters: int | None = None


class CheckpointResult(ResultNode):
    """One model of a series of checkpoints, for curves over epochs."""

    series: str
    model: str
    order: float
    """The epoch, or whatever the series is ordered by."""
