"""What a result says of gradual interventions, put together from what analyses and checks returned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from auditor.analyses import AuditView, GradientEstimates, PropertyGradient
from auditor.checks import AnyCheck, CheckOutcome, EditSuccess, ImageTest, Significance, Tested
from auditor.execute import StoredAnswers
from auditor.results.sweeps.image_sweeps import adjust_images, image_sweeps
from auditor.results.sweeps.property_judged import JudgedProperty, judged_properties
from auditor.results.sweeps.sweep_result import ImageSweep, SweepSample, SweepShown
from auditor.results.sweeps.sweeps_shown import SweepChooser
from auditor.spec.audit_spec import AuditSpec

Outcomes = Sequence[tuple[AnyCheck, CheckOutcome]]


@dataclass(frozen=True)
class Sweeps:
    """Gradual interventions of an audit, ready for the result.

    Attributes:
        judged: every model and property.
        samples: how many images each analysis is about.
        image_sweeps: every model, property and image.
        shown: the sweeps that the report draws.
        images: PNG files by their name below the run folder.
    """

    judged: tuple[JudgedProperty, ...]
    samples: tuple[SweepSample, ...]
    image_sweeps: tuple[ImageSweep, ...]
    shown: tuple[SweepShown, ...]
    images: Mapping[str, bytes]


def sweeps_of(
    spec: AuditSpec,
    view: AuditView,
    gradients: Sequence[tuple[PropertyGradient, GradientEstimates]],
    outcomes: Outcomes,
    answers: StoredAnswers,
) -> Sweeps:
    """Everything about gradual interventions; empty where the audit has none."""
    judged: list[JudgedProperty] = []
    per_image: list[ImageSweep] = []
    shown: list[SweepShown] = []
    images: dict[str, bytes] = {}
    kinds = {one.name: one.kind for one in spec.interventions}
    for analysis, estimates in gradients:
        alpha, tests, of_images = _tests(analysis, outcomes)
        units = {
            name: "value" if view.models[name].scale == "value" else analysis.output
            for name in analysis.model_names(view)
        }
        mine = judged_properties(analysis, estimates, kinds, units, tests, alpha, confirmed_in(analysis, outcomes))
        judged += mine
        none: tuple[ImageTest | None, ...] = (None,) * int(estimates.valid.sum())
        every = {(one.model, one.intervention): of_images.get((one.model, one.intervention), none) for one in mine}
        adjusted = adjust_images(every)
        for one in mine:
            key = (one.model, one.intervention)
            per_image += image_sweeps(one, estimates, view.models[one.model], every[key], adjusted[key])
        chooser = SweepChooser(analysis, view, estimates, answers)
        shown += chooser.choose(spec.report.gallery)
        images |= chooser.files
    samples = tuple(_sample(*each) for each in gradients)
    return Sweeps(tuple(judged), samples, tuple(per_image), tuple(shown), images)


def confirmed_in(analysis: PropertyGradient, outcomes: Outcomes) -> frozenset[str]:
    """The interventions whose success a check of this very analysis looks at: only its verdicts are gated by it."""
    checks = (check for check, _ in outcomes if isinstance(check, EditSuccess))
    return frozenset(check.intervention for check in checks if check.of == analysis.name)


def _tests(
    analysis: PropertyGradient, outcomes: Outcomes
) -> tuple[float | None, Mapping[tuple[str, str, str], Tested], Mapping[tuple[str, str], Sequence[ImageTest | None]]]:
    """The significance check of an analysis: its level, its tests, and those of single images."""
    for check, outcome in outcomes:
        if isinstance(check, Significance) and check.of == analysis.name:
            return check.alpha, outcome.tests, outcome.images
    return None, {}, {}


def _sample(analysis: PropertyGradient, estimates: GradientEstimates) -> SweepSample:
    first = next(iter(estimates.sweeps.values()))
    valid = int(estimates.valid.sum())
    points = np.concatenate([sweep.points[estimates.valid] for sweep in estimates.sweeps.values()])
    return SweepSample(
        analysis=analysis.name,
        images=valid,
        left_out=len(estimates.valid) - valid,
        points=int(points.max()),
        fewest_points=int(points.min()) if points.min() < points.max() else None,
        variants=first.n_variants,
        clusters=None if estimates.clusters is None else len(set(estimates.clusters.tolist())),
    )
